"""Real processes of Tidings for tests that need them: started on the test's own database, ended with the test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

_CHECKOUT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    """The database that this test works on, for a process of its own."""
    from django.db import connection

    given = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return make_conninfo(**{name: given[name] for name in names if given.get(name)})


@contextmanager
def running(*command: str, log: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`tidings <command>` on the test's database; ended, and waited for, when the test leaves the block."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tidings", *command],
            cwd=_CHECKOUT,
            env={**os.environ, "DATABASE_URL": database_url(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 20) -> None:
    """Returns once somebody listens there; fails with the process's log when it ends first."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}: {log.read_text()}")


@contextmanager
def pages(logs: Path, **environment: str) -> Iterator[str]:
    """The pages as they are really served, static files and live parts with them; gives the address."""
    port = free_port()
    environment |= {"TIDINGS_PORT": str(port), "TIDINGS_WEB_PROCESSES": "1"}
    with running("setup", log=logs / "setup.log", **environment) as setup:
        assert setup.wait(90) == 0, (logs / "setup.log").read_text()
    with running("web", log=logs / "web.log", **environment) as web:
        wait_for_port(port, web, logs / "web.log", 90)
        yield f"http://127.0.0.1:{port}"
