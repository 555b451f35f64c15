"""Real child processes: restarted when they die, ended with everything that they started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tidings.kernel.postgres import dies_with_parent
from tidings.worker.logs import RotatedLog
from tidings.worker.supervisor import Part, StopAsked, Supervisor

_GRANDCHILD = (
    "import subprocess,sys,time; c=subprocess.Popen(['sleep','60']); print(c.pid, flush=True); time.sleep(60)"
)


def _part(name: str, code: str) -> Part:
    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )

    return Part(name, start)


def _within(seconds: float, true: Callable[[], bool]) -> Callable[[], bool]:
    give_up = time.monotonic() + seconds

    def over() -> bool:
        assert time.monotonic() < give_up, "it did not happen in time"
        return true()

    return over


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False


def test_a_killed_process_is_started_again_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, said.append)
    part = _part("sleeper", "import time; time.sleep(60)")
    supervisor.add(part)
    assert part.process is not None
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    supervisor.watch(_within(10, lambda: part.process is not None and part.process.pid != first), 0.05)
    supervisor.stop()
    assert len(said) == 1
    assert "sleeper" in said[0]
    assert "signal 9" in said[0]


def test_what_a_process_prints_is_in_its_log_and_its_own_children_end_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    supervisor.add(_part("parent", _GRANDCHILD))
    log = tmp_path / "parent.log"
    supervisor.watch(_within(10, lambda: log.exists() and log.read_text().endswith("\n")), 0.05)
    grandchild = int(log.read_text())
    assert _alive(grandchild)
    supervisor.stop()
    deadline = time.monotonic() + 5
    while _alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(grandchild)


def test_a_process_that_ignores_the_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidings.worker.supervisor._STOP_SECONDS", 0.3)
    supervisor = Supervisor(tmp_path, lambda _: None)
    code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    part = _part("deaf", code)
    supervisor.add(part)
    supervisor.watch(_within(10, (tmp_path / "deaf.log").exists), 0.05)
    assert part.process is not None
    pid = part.process.pid
    supervisor.stop()
    assert not _alive(pid)


def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = f"""
import subprocess, signal, sys
from pathlib import Path
from tidings.worker.tests.test_supervisor import _part
from tidings.worker.supervisor import Supervisor
s = Supervisor(Path({str(tmp_path)!r}), print)
p = _part("child", "import time; time.sleep(60)")
s.add(p)
print(p.process.pid, flush=True)
s.watch()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert _alive(child)
        supervisor.kill()
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)


def test_ctrl_c_ends_the_watch(tmp_path: Path) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = Supervisor(tmp_path, lambda _: None)
    try:
        supervisor.listen_to_signals()
        supervisor.add(_part("other", "import os,signal; os.kill(os.getppid(), signal.SIGINT)"))
        with pytest.raises(StopAsked):
            supervisor.watch(_within(10, lambda: False), 0.05)
        supervisor.stop()
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_log_keeps_three_older_files_at_most(tmp_path: Path) -> None:
    log = RotatedLog(tmp_path / "web.log", largest=10)
    for number in range(9):
        log.write(f"line {number}\n".encode())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "web.log",
        "web.log.1",
        "web.log.2",
        "web.log.3",
    ]
    assert (tmp_path / "web.log").read_text() == "line 8\n"
    assert (tmp_path / "web.log.3").read_text() == "line 5\n"
