"""The folder that holds all state: claimed by one `tidings run` at a time, with room on its disk, without leftovers."""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tidings.kernel.errors import Refused

MARK = "TIDINGS_RUN"
READY = "TIDINGS_RUN_READY"
"""Names a file to the pages' process: until it is there, not everything is set up, and no page is answered."""
_ROOM = 300_000_000


@contextlib.contextmanager
def claimed(home: Path, address: str) -> Iterator[None]:
    """Holds `home` for this process. Raises Refused("run.running") when another holds it, or "run.home_closed"."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as wrong:
        if wrong.errno == errno.ENOSPC:
            raise Refused("run.disk_full", folder=str(home), free_mb=0) from None
        raise Refused("run.home_closed", folder=str(home), reason=wrong.strerror) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 200).decode(errors="replace").split()
        os.close(lock)
        process, running_at = (*holder, "?", "?")[:2]
        raise Refused("run.running", folder=str(home), process=process, address=running_at) from None
    try:
        with contextlib.suppress(OSError):  # a full disk has its own sentence, said next
            os.ftruncate(lock, 0)
            os.write(lock, f"{os.getpid()} {address}\n".encode())
        yield
    finally:
        os.close(lock)


def require_room(home: Path) -> None:
    """Raises Refused("run.disk_full") under 300 MB: a database that meets a full disk stops in the middle of work."""
    free = shutil.disk_usage(home).free
    if free < _ROOM:
        raise Refused("run.disk_full", folder=str(home), free_mb=free // 1_000_000)


def require_port(bind: str, port: int, taken: str = "run.port_taken") -> None:
    """Raises Refused(taken) or Refused("run.port_closed") when nobody could listen there."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            probe.listen(1)
        except OSError as wrong:
            code = taken if wrong.errno == errno.EADDRINUSE else "run.port_closed"
            raise Refused(code, bind=bind, port=port, reason=wrong.strerror) from None


def end_leftovers(home: Path, wait_seconds: float = 10) -> int:
    """Ends processes that an earlier `tidings run` of this home started and, killed, could not end. Gives their number.

    They carry this home in their environment; whoever calls this holds the home, so none of them has a living parent.
    """
    found = _marked(home)
    for pid in found:
        _signal(pid, signal.SIGTERM)
    give_up = time.monotonic() + wait_seconds
    while (left := _marked(home)) and time.monotonic() < give_up:
        time.sleep(0.05)
    for pid in left:
        _signal(pid, signal.SIGKILL)
    return len(found)


def _marked(home: Path) -> list[int]:
    mark = f"{MARK}={home}".encode()
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0") and not _is_database(process):
                found.append(int(process.name))
    return found


def _is_database(process: Path) -> bool:
    """PostgreSQL is stopped by its own lock file, in its own way."""
    return (process / "exe").readlink().name == "postgres"


def _signal(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)
