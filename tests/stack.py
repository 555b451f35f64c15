"""A whole installation for a journey: `tidings run` as a process of its own, in a home and on ports of its own."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass
class Stack:
    """`port` serves the pages; the mail catcher has the next one. Started with `start`, ended with `end`.

    `people` are the demo's e-mail addresses and passwords by role, told at the first start only.
    """

    home: Path
    port: int
    extra: dict[str, str]
    process: "subprocess.Popen[str] | None" = None
    people: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "TIDINGS_HOME": str(self.home),
            "TIDINGS_KEY_FILE": f"{self.home}.key",
            "TIDINGS_PORT": str(self.port),
            "PYTHONPATH": str(CHECKOUT),
            **self.extra,
        }

    def start(self, *words: str) -> str:
        """`tidings run` with these words; gives the address once the pages answer."""
        with (self.home.parent / f"{self.home.name}.err").open("ab") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tidings", "run", "--json", *words],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.told()
        ready = json.loads(line)
        self.people |= {one["role"]: (one["email"], one["password"]) for one in ready["sign_in"]}
        return str(ready["address"])

    def told(self) -> str:
        """What it said on standard error."""
        path = self.home.parent / f"{self.home.name}.err"
        return path.read_text() if path.exists() else ""

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tidings", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def get(self, path: str, timeout: float = 10) -> tuple[int, str, str]:
        """Status, type and text; 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Accept": "text/html"})
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, "", ""
        finally:
            connection.close()

    def end(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Sends it a signal and gives how it ended."""
        if self.process is None:
            return 0
        self.process.send_signal(sign)
        code = self.process.wait(40)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return code

    def processes(self) -> dict[str, int]:
        """What runs for this home: the command or "postgres" → process id, of the outermost one each."""
        found: dict[str, int] = {}
        for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
            try:
                words = (process / "cmdline").read_text().split("\0")
                carried = (process / "environ").read_text(errors="replace").split("\0")
            except OSError:
                continue
            if f"TIDINGS_RUN={self.home}" in carried:
                name = words[3] if words[1:3] == ["-m", "tidings"] else Path(words[0]).name.split(":")[0]
                name = "web" if "tidings.worker.web" in words else name
                found.setdefault(name, int(process.name))
        return found


@contextmanager
def stack(**extra: str) -> Iterator[Stack]:
    """A home that the database's account can reach, two free ports, and nothing left behind afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tidings-test-")).resolve()
    folder.chmod(0o755)
    made = Stack(folder / "home", _two_free_ports(), extra)
    try:
        yield made
    finally:
        if made.process is not None:
            made.end()
        shutil.rmtree(folder)


def within(seconds: float, true: Callable[[], object], pause: float = 0.05) -> float:
    """Waits until `true()`; gives how long it took. Fails after `seconds`."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} seconds"
        time.sleep(pause)
    return time.monotonic() - began


def _two_free_ports() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
