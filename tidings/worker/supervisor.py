"""Owns child processes: starts them, keeps their logs, starts a dead one again, ends them all.

Knows nothing of what the processes do. Single-threaded, as a child's parent-death signal belongs to the thread that
started it.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tidings.worker.logs import RotatedLog
from tidings.worker.restarts import FIRST_PAUSE, next_pause

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOP_SECONDS = 15.0


@dataclass(slots=True)
class Part:
    """One process to keep alive. `start` raises OSError or RuntimeError when it cannot; `stop_with` asks it to end."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    stop_with: signal.Signals = signal.SIGTERM
    kill_with: signal.Signals = signal.SIGKILL
    log: Path | None = None  # where it writes by itself; otherwise what it prints is kept
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)


class StopAsked(BaseException):
    """A person or the system asked us to stop while we were not yet watching."""


class Supervisor:
    """Keeps `parts` running, in the order given; stops them in the opposite order."""

    def __init__(self, log_folder: Path, say: Callable[[str], None]) -> None:
        self.parts: list[Part] = []
        self._logs = log_folder
        self._say = say
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._watching = False
        self._wake_reader, self._wake_writer = os.pipe()
        for end in (self._wake_reader, self._wake_writer):
            os.set_blocking(end, False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)

    def listen_to_signals(self) -> None:
        """From here on Ctrl-C, SIGTERM and a closed terminal end in an orderly stop."""
        signal.set_wakeup_fd(self._wake_writer)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in _STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)

    def add(self, part: Part, *, first: bool = False) -> None:
        """Starts a part now; what it raises when it cannot rises. The `first` one is stopped after all others."""
        part.process = part.start()
        part.started_at = time.monotonic()
        self.parts.insert(0 if first else len(self.parts), part)
        self._read_from(part)

    def watch(self, until: Callable[[], bool] = lambda: False, poll_seconds: float = 1.0) -> None:
        """Keeps the parts alive until asked to stop or until `until()` is true, which is asked every `poll_seconds`."""
        self._watching = True
        while not self._stopping and not until():
            self._turn(poll_seconds)
        self._watching = False
        if self._stopping:
            raise StopAsked

    def stop(self) -> None:
        """Ends every part and its descendants, the last started first, and the first one only after all others."""
        self._watching = True  # a further signal must not interrupt this
        first, later = self.parts[:1], self.parts[1:]
        for group in (later, first):
            self._stop_group(group[::-1])
        self.parts.clear()

    def _turn(self, poll_seconds: float) -> None:
        self._pump(poll_seconds)
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None:
                self._noticed_dead(part)
            if part.process is None and time.monotonic() >= part.start_at and not self._stopping:
                self._start_again(part)

    def _noticed_dead(self, part: Part) -> None:
        process, part.process = part.process, None
        if process is None:
            return
        _kill_group(process, part.kill_with)
        part.pause = next_pause(part.pause, lived=time.monotonic() - part.started_at)
        part.start_at = time.monotonic() + part.pause
        self._say(
            f"The {part.name} process ended ({_how(process.returncode)}); starting it again in {part.pause:.1f} s. "
            f"Its log: {part.log or self._log_of(part)}"
        )

    def _start_again(self, part: Part) -> None:
        try:
            part.process = part.start()
        except (OSError, RuntimeError) as wrong:
            part.pause = next_pause(part.pause, lived=0)
            part.start_at = time.monotonic() + part.pause
            self._say(f"The {part.name} process does not start ({wrong}); again in {part.pause:.1f} s.")
            return
        part.started_at = time.monotonic()
        self._read_from(part)

    def _stop_group(self, parts: Sequence[Part]) -> None:
        running = [(part, part.process) for part in parts if part.process is not None]
        for part, process in running:
            if process.poll() is None:
                process.send_signal(part.stop_with)
        give_up = time.monotonic() + _STOP_SECONDS
        while any(process.poll() is None for _, process in running) and time.monotonic() < give_up:
            self._pump(0.05)
        for part, process in running:
            _kill_group(process, part.kill_with)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            part.process = None

    def _log_of(self, part: Part) -> Path:
        return self._logs / f"{part.name}.log"

    def _read_from(self, part: Part) -> None:
        pipe = part.process.stdout if part.process else None
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            log = RotatedLog(self._log_of(part))
            self._selector.register(pipe, selectors.EVENT_READ, log)

    def _pump(self, seconds: float) -> None:
        """Moves what the parts printed into their logs; wakes at once on a signal or a part's end."""
        for key, _ in self._selector.select(seconds):
            try:
                text = os.read(key.fd, 65_536)
            except BlockingIOError:
                continue
            if key.data is None:
                continue
            if text:
                key.data.write(text)
            else:
                self._selector.unregister(key.fileobj)
                _close(key.fileobj)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if not self._watching:
            self._watching = True  # once: a second Ctrl-C must not break the stop
            raise StopAsked


def _close(pipe: object) -> None:
    if hasattr(pipe, "close"):
        pipe.close()


def _kill_group(process: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    """Each part leads a process group of its own: what a dead leader left behind goes too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
