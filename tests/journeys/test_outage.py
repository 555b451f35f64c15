"""The database goes away under a running installation and comes back."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.stack import CHECKOUT, Stack, stack, within
from tidings.kernel import postgres

GONE_SECONDS = 4


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    home = Path(tempfile.mkdtemp(prefix="tidings-test-")).resolve()
    home.chmod(0o755)
    yield postgres.cluster_of(home)
    shutil.rmtree(home)


def test_while_the_database_is_away_pages_say_so_and_everything_comes_back_by_itself(
    cluster: postgres.Cluster,
) -> None:
    server = postgres.start(cluster)
    urls = {"DATABASE_URL": cluster.conninfo(), "DATABASE_OWNER_URL": cluster.conninfo(postgres.OWNER_ROLE)}
    with stack(**urls) as firm:
        firm.start("--no-demo")
        assert firm.get("/account/login/")[0] == 200
        before = firm.processes()
        postgres.stop(server)
        gone_at = time.monotonic()
        asked = 0
        while time.monotonic() - gone_at < GONE_SECONDS:
            status, kind, text = firm.get("/account/login/")
            asked += 1
            assert status == 503
            assert kind.startswith("text/html")
            assert "database does not answer" in text
            assert firm.get("/health")[0] == 503
        assert asked

        server = postgres.start(cluster)
        back_in = within(5, lambda: firm.get("/account/login/")[0] == 200)
        assert back_in < 5
        assert firm.processes() == before, "no process was started again: each came back by itself"
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            row = connection.execute("SELECT now()").fetchone()
            assert row is not None
            within(10, lambda: _beats_after(connection, row[0]))
            assert not _caught(connection)
            _plan_a_mail(firm)
            within(20, lambda: _caught(connection) == [("outage@example.org", "After the outage")])
            assert firm.processes() == before, "the sender that lived through it has sent it"
        assert firm.end() == 0
        assert _told(firm, "web")
        assert "worker.database_away" in _told(firm, "worker")
        assert "sender.database_away" in _told(firm, "sender")
        assert _told(firm, "catcher") == []
    postgres.stop(server)


def _told(firm: Stack, process: str) -> list[str]:
    """The events a process has logged; every line of every process is one JSON object."""
    path = firm.home / "log" / f"{process}.log"
    return [json.loads(line)["event"] for line in path.read_text().splitlines()] if path.exists() else []


def _beats_after(connection: "psycopg.Connection[tuple[object, ...]]", moment: object) -> bool:
    """Whether the worker has done a turn of its periodic work since `moment`."""
    row = connection.execute(
        "SELECT count(*) FROM kernel_beat WHERE due_at - every > %s", [moment]
    ).fetchone()
    return bool(row and row[0])


def _plan_a_mail(firm: Stack) -> None:
    """As any process of the firm would: a delivery for the sender."""
    program = (
        "import django; django.setup(); from django.core.mail import send_mail;"
        "send_mail('After the outage', 'It works again.', None, ['outage@example.org'])"
    )
    environment = {**firm.environment, "DJANGO_SETTINGS_MODULE": "tidings.config.settings"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=CHECKOUT, check=True, timeout=60)


def _caught(connection: "psycopg.Connection[tuple[object, ...]]") -> list[tuple[object, ...]]:
    return connection.execute("SELECT recipients, subject FROM messaging_caughtmail").fetchall()
