"""A whole installation in a temporary folder, for pictures and journeys: its own database, demo firm and web server.

Ends everything it started. Uses DATABASE_URL nowhere: it always starts its own embedded PostgreSQL.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class House:
    """Where it answers, and the passwords of the demo cast by role."""

    address: str
    home: Path
    passwords: dict[str, tuple[str, str]]


@contextmanager
def house(*, web_processes: int = 1) -> Iterator[House]:
    """An empty demo installation that answers on a free port; Django is set up for it in this process."""
    home = Path(tempfile.mkdtemp(prefix="tidings-house-")).resolve()
    home.chmod(0o755)  # the server's system account must reach its cluster inside
    keys = Path(tempfile.mkdtemp(prefix="tidings-keys-"))
    port = free_port()
    os.environ.update(
        TIDINGS_HOME=str(home),
        TIDINGS_KEY_FILE=str(keys / "master.key"),
        TIDINGS_PORT=str(port),
        TIDINGS_WEB_PROCESSES=str(web_processes),
        DJANGO_SETTINGS_MODULE="tidings.config.settings",
    )
    os.environ.pop("DATABASE_URL", None)
    import django  # here: the environment above decides the settings

    django.setup()
    from tidings.kernel import postgres

    cluster = postgres.cluster_of(home)
    postgres.prepare(cluster)
    server = postgres.start(cluster)
    try:
        yield from _furnished(home, port)
    finally:
        postgres.stop(server)
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(keys, ignore_errors=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _furnished(home: Path, port: int) -> Iterator[House]:
    from tidings.people.actions import make_demo_cast
    from tidings.people.queries import command_actor
    from tidings.worker.setup import set_up

    set_up()
    cast = make_demo_cast(command_actor("house"))
    address = f"http://127.0.0.1:{port}/"
    with (home / "web.log").open("wb") as log:
        web = subprocess.Popen([sys.executable, "-m", "tidings", "web"], stdout=log, stderr=log)
        try:
            _wait(address, home / "web.log")
            yield House(address, home, {role: (email, password) for email, _name, role, password in cast})
        finally:
            web.terminate()
            try:
                web.wait(10)
            except subprocess.TimeoutExpired:
                web.kill()


def _wait(address: str, log: Path) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            urllib.request.urlopen(f"{address}health", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the pages did not answer in {READY_SECONDS:.0f} s:\n{log.read_text()[-2000:]}")
