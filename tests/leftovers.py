"""Nothing that the tests started may outlive them. A plug-in (`-p tests.leftovers`): what still runs is named and ended."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

_MARK = "TIDINGS_TEST_RUN"
_PATIENCE_SECONDS = 2.0
"""A browser that was asked to end needs a moment; what is waited for by its test has none left."""
_is_first = _MARK not in os.environ
if _is_first:
    os.environ[_MARK] = str(os.getpid())
_sessions: list[pytest.Session] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    _sessions.append(session)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """The run has failed where something is left, though every test passed."""
    if not _is_first:
        return
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while (left := leftovers(str(os.getpid()))) and time.monotonic() < give_up:
        time.sleep(0.05)
    for process, command in left.items():
        sys.stderr.write(f"\nleft behind by the tests, and ended: {process} {command}")
        os.kill(process, signal.SIGKILL)
    if left:
        for session in _sessions:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def leftovers(run: str) -> dict[int, str]:
    """Process id → command of what this run started and still lives."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            carried = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
        if f"{_MARK}={run}".encode() in carried and int(process.name) != os.getpid():
            found[int(process.name)] = command
    return found
