"""A backup, what was sent after it, a restore, and a real sender on the restored database: nothing goes by itself."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyrage
import pytest
from django.conf import settings

from tests.processes import free_port, running, wait_for_port
from tests.stack import within
from tidings.kernel import archive, postgres
from tidings.kernel.clock import now
from tidings.kernel.installation import start_demo
from tidings.messaging import queries
from tidings.messaging.models import CaughtMail
from tidings.messaging.rules.reading import read_mail
from tidings.messaging.tests.cast import make_sent
from tidings.worker.backup import make_backup

KEY = pyrage.x25519.Identity.generate()
WATCHED_SECONDS = 8.0
"""Longer than the sender takes from its start, and between two looks at what is due, to send what it may."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's system account can reach."""
    made = Path(tempfile.mkdtemp(prefix="tidings-test-"))
    made.chmod(0o755)
    (made / "identity").write_text(f"{KEY}\n")
    (made / "log").touch()
    yield made
    shutil.rmtree(made)


@contextmanager
def post_office(folder: Path, home: Path, **database: str) -> Iterator[int]:
    """A sender and a catcher, under the key of this test run: the same before and after the restore."""
    log, port = folder / "log", str(free_port())
    home.mkdir(exist_ok=True)
    around = {
        "TIDINGS_HOME": str(home),
        "TIDINGS_KEY_FILE": str(settings.TIDINGS_KEY_FILE),
        "TIDINGS_CATCHER_PORT": port,
        **database,
    }
    with running("catcher", log=log, **around) as catcher, running("sender", log=log, **around):
        wait_for_port(int(port), catcher, log, seconds=60)
        yield int(port)


def tidings(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    around = {"TIDINGS_HOME": str(home), "TIDINGS_KEY_FILE": str(settings.TIDINGS_KEY_FILE)}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | around
    command = [sys.executable, "-m", "tidings", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def message_id(raw: bytes) -> str:
    return dict(read_mail(raw).headers)["Message-ID"]


def test_after_a_restore_a_running_sender_sends_nothing_until_a_person_resumes_and_then_each_once(
    own_database: str, folder: Path
) -> None:
    start_demo("test", "Example Express")
    make_sent(10, about="INC-PROVED")
    with post_office(folder, folder / "old"):
        within(60, lambda: CaughtMail.objects.count() == 9)
        within(60, lambda: queries.reach("INC-PROVED", now())[0].reached == 9)
    make_sent(10, about="INC-LOST")
    made = make_backup(folder / "backup.tar", archive.Lock(recipients=(str(KEY.to_public()),)))
    with post_office(folder, folder / "old"):
        within(60, lambda: CaughtMail.objects.count() == 18)
    newest = CaughtMail.objects.order_by("id")[9:]
    sent_since = {mail.recipients: message_id(bytes(mail.raw)) for mail in newest}
    assert len(sent_since) == 9

    home = folder / "restored"
    done = tidings(
        home, "db", "restore", str(made.file), "--identity-file", str(folder / "identity"), "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["uncertain"] == 9
    assert tidings(home, "db", "start").returncode == 0
    try:
        conninfo = postgres.cluster_of(home).conninfo()
        with psycopg.connect(conninfo, autocommit=True) as restored:
            _nothing_goes_until_resumed(restored, folder, home, conninfo, sent_since)
    finally:
        tidings(home, "db", "stop")


def _nothing_goes_until_resumed(
    restored: "psycopg.Connection[tuple[object, ...]]",
    folder: Path,
    home: Path,
    conninfo: str,
    sent_since: dict[str, str],
) -> None:
    def caught() -> list[tuple[object, ...]]:
        return restored.execute("SELECT recipients, raw FROM messaging_caughtmail ORDER BY id").fetchall()

    with post_office(folder, home, DATABASE_URL=conninfo) as port:
        within(30, lambda: _sender_came(restored, port))
        time.sleep(WATCHED_SECONDS)
        assert len(caught()) == 9, "what the backup itself held"
        [pause] = json.loads(tidings(home, "messages", "paused", "--json").stdout)
        assert (pause["scope"], pause["reason"]) == ("everything", "restored")
        assert (pause["waiting"], pause["uncertain"]) == (9, 9)
        standing = "SELECT state, standing, reason FROM messaging_recipient WHERE standing = 'uncertain'"
        assert restored.execute(standing).fetchall() == [("trying", "uncertain", "restored")] * 9

        refused = tidings(home, "messages", "resume")
        assert refused.returncode == 1
        assert "9 wait; 9 of them may have gone out already" in refused.stdout
        assert "--yes" in refused.stderr
        assert len(caught()) == 9

        resumed = tidings(home, "messages", "resume", "--yes", "--json")
        assert resumed.returncode == 0, resumed.stderr
        within(60, lambda: len(caught()) == 18)
        time.sleep(2)
        again = [(str(to), message_id(bytes(raw))) for to, raw in caught()[9:]]  # type: ignore[arg-type]
        assert sorted(again) == sorted(sent_since.items()), "each once, under the Message-ID it has had"


def _sender_came(restored: "psycopg.Connection[tuple[object, ...]]", port: int) -> bool:
    """Whether a sender has begun to work here: it keeps the catcher's port among the relays."""
    row = restored.execute("SELECT count(*) FROM messaging_relay WHERE port = %s", [port]).fetchone()
    return bool(row and row[0])
