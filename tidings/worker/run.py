"""`tidings run`: everything of one installation under one supervisor, from the database to the web pages."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from tidings.kernel import postgres
from tidings.kernel.errors import Refused
from tidings.worker import home as folder
from tidings.worker.catcher import HOST, catcher_port
from tidings.worker.setup import set_up, was_set_up
from tidings.worker.supervisor import Part, StopAsked, Supervisor

PROCESSES = ("worker", "sender", "catcher", "doors")
_READY_SECONDS = 60.0
Say = Callable[[str], None]


def run(say: Say, ready: Callable[[str], None], prepare: Callable[[], None] = lambda: None) -> None:
    """Sets up, starts all processes, and keeps them until asked to stop; then ends everything that it started.

    `prepare` runs once the database is set up and before the processes start; `ready` is told the address once the
    pages answer. Raises Refused in one sentence when it cannot start.
    """
    home: Path = settings.HOME
    address = web_address()
    with folder.claimed(home, address):
        folder.end_leftovers(home)
        folder.require_room(home)
        folder.require_port(settings.ENVIRONMENT.TIDINGS_BIND, settings.ENVIRONMENT.TIDINGS_PORT)
        folder.require_port(HOST, catcher_port(), "run.catcher_port_taken")
        logs = home / "log"
        logs.mkdir(exist_ok=True)
        supervisor = Supervisor(logs, say)
        supervisor.listen_to_signals()
        try:
            _bring_up(supervisor, home, prepare)
            _wait_until_ready(supervisor, address, logs)
            for name in PROCESSES:
                supervisor.add(_process(name, home))
            ready(address)
            supervisor.watch()
        except StopAsked:
            say("Stopping …")
        finally:
            supervisor.stop()


def _bring_up(supervisor: Supervisor, home: Path, prepare: Callable[[], None]) -> None:
    """Database, what must be there, and the pages, before all else: a person waits for them.

    Where an earlier start left static files, the pages' process loads meanwhile, and answers once `READY` names a file.
    """
    ready = home / "run.ready"
    ready.unlink(missing_ok=True)
    web, early = _process("web", home, {folder.READY: str(ready)}), was_set_up()
    if early:
        supervisor.add(web)
    if not settings.ENVIRONMENT.DATABASE_URL:
        _add_database(supervisor, home)
    set_up()
    prepare()
    ready.touch()
    if not early:
        supervisor.add(web)


def web_address() -> str:
    """Where a person on this machine finds the pages."""
    bind = settings.ENVIRONMENT.TIDINGS_BIND
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, f"[{bind}]" if ":" in bind else bind)  # noqa: S104
    return f"http://{host}:{settings.ENVIRONMENT.TIDINGS_PORT}/"


def _add_database(supervisor: Supervisor, home: Path) -> None:
    cluster = postgres.cluster_of(home)
    postgres.stop_leftover(cluster, _mark(home))
    if postgres.is_running(cluster):
        return  # started by `tidings db start`: it was there before us and stays after us
    os.environ.update(_mark(home))
    log = cluster.root / "server.log"
    supervisor.add(
        Part("database", lambda: postgres.start(cluster), postgres.STOP, postgres.KILL, log), first=True
    )


def _mark(home: Path) -> dict[str, str]:
    return {folder.MARK: str(home)}


def _process(name: str, home: Path, further: Mapping[str, str] = MappingProxyType({})) -> Part:
    """A `tidings` command as a part. It carries the home in its environment, so that a leftover is known as ours."""
    checkout = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH", "")]))
    environment = {
        **os.environ,
        **_mark(home),
        **further,
        "TIDINGS_HOME": str(home),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
    }

    program = ["tidings.worker.web"] if name == "web" else ["tidings", name]

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", *program],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=postgres.dies_with_parent(postgres.TERM),
        )

    return Part(name, start)


def _wait_until_ready(supervisor: Supervisor, address: str, logs: Path) -> None:
    give_up = time.monotonic() + _READY_SECONDS
    supervisor.watch(until=lambda: _answers(address) or time.monotonic() > give_up, poll_seconds=0.1)
    if not _answers(address):
        raise Refused("run.web_silent", seconds=int(_READY_SECONDS), log=str(logs / "web.log"))


def _answers(address: str) -> bool:
    asked = urllib.request.Request(f"{address}health", headers={"Host": _own_name()})  # noqa: S310 - our own loopback address
    try:
        with urllib.request.urlopen(asked, timeout=5):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def _own_name() -> str:
    """A name that the pages answer to: with a name of its own a firm need not answer to 127.0.0.1."""
    names = (name.lstrip("*.") for name in settings.ALLOWED_HOSTS)
    return next(filter(None, names), "localhost")
