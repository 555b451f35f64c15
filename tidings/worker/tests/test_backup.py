"""A backup is everything, opens with its key only, and comes back without sending anything."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.conf import settings
from django.db import connection

from tidings.kernel import archive, files, postgres
from tidings.kernel.errors import Refused
from tidings.shipments.models import ImportRun
from tidings.worker.backup import Made, check, make_backup
from tidings.worker.restore import restore

KEY = pyrage.x25519.Identity.generate()
LOCK = archive.Lock(recipients=(str(KEY.to_public()),))
OPENER = archive.Opener(identity=str(KEY))
PHOTOGRAPH = b"a photograph of a torn box"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's system account can reach."""
    made = Path(tempfile.mkdtemp(prefix="tidings-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def kept_file() -> Iterator[str]:
    """The only file there is: what other tests kept is not of this firm."""
    shutil.rmtree(settings.HOME / "files", ignore_errors=True)
    yield files.keep(PHOTOGRAPH)
    shutil.rmtree(settings.HOME / "files")


def _tidings(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "TIDINGS_HOME": str(home), "TIDINGS_KEY_FILE": f"{home}.key", **more}
    return subprocess.run(
        [sys.executable, "-m", "tidings", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_restore_brings_everything_back_in_a_new_epoch_and_sends_nothing(
    own_database: str, kept_file: str, folder: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE names (name text)")
        cursor.execute(
            "INSERT INTO names VALUES ('深圳'), (E'two\\nlines'), ('SET transaction_timeout = 0;')"
        )
    made = make_backup(folder / "backup.tar", LOCK)
    assert made.files == 1
    (folder / "identity").write_text(f"{KEY}\n")
    home = folder / "restored"
    try:
        done = _tidings(
            home, "db", "restore", str(made.file), "--identity-file", str(folder / "identity"), "--json"
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["rows"], told["files"], told["epoch"], told["uncertain"]) == (made.rows, 1, 2, 0)
        assert (home / "files" / kept_file[:2] / kept_file).read_bytes() == PHOTOGRAPH
        ask = (
            "SELECT json_build_object('names', (SELECT json_agg(name) FROM names), 'paused', (SELECT json_agg(scope)"
            " FROM messaging_pause WHERE ended_at IS NULL), 'epoch', (SELECT max(number) FROM messaging_epoch))"
        )
        found = json.loads(_psql(home, ask))
        assert sorted(found["names"]) == sorted(["深圳", "two\nlines", "SET transaction_timeout = 0;"])
        assert found["paused"] == ["everything"]
        assert found["epoch"] == 2
    finally:
        Path(f"{home}.key").unlink(missing_ok=True)


def _psql(home: Path, query: str) -> str:
    cluster = postgres.cluster_of(home)
    server = postgres.start(cluster)
    try:
        command = [
            cluster.tools / "psql",
            "-AtX",
            "-h",
            cluster.socket,
            "-U",
            "tidings",
            "tidings",
            "-c",
            query,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        postgres.stop(server)


def _named(digest: str, reject_digest: str = "") -> None:
    ImportRun.objects.create(
        kind="shipments",
        profile="p",
        profile_text="",
        asked_by="t",
        file_digest=digest,
        reject_digest=reject_digest,
    )


def _names_in(made: Made) -> set[str]:
    seen: set[str] = set()
    archive.read(made.file, OPENER, lambda name, member: seen.add(name))
    return {name.removeprefix("files/") for name in seen if name.startswith("files/")}


def test_a_file_kept_while_the_backup_runs_is_in_it(own_database: str, kept_file: str, folder: Path) -> None:
    arrived: list[str] = []

    def meanwhile(what: str, _bytes: int) -> None:
        if not arrived:
            assert what == "database"
            arrived.append(files.keep(b"kept while the database is being copied"))

    made = make_backup(folder / "backup.tar", LOCK, meanwhile)
    assert _names_in(made) == {kept_file, *arrived}


def test_files_elsewhere_are_in_the_backup_and_come_back_to_where_the_new_home_keeps_them(
    own_database: str, folder: Path, settings: Any
) -> None:
    settings.TIDINGS_FILES = str(folder / "elsewhere")
    kept, damaged = files.keep(PHOTOGRAPH), files.keep(b"a signature")
    (folder / "elsewhere" / damaged[:2] / damaged).write_bytes(b"half of it")
    _named(kept, reject_digest=damaged)
    made = make_backup(folder / "backup.tar", LOCK)
    assert (made.files, made.files_missing, made.files_from) == (1, 1, str(folder / "elsewhere"))
    (folder / "identity").write_text(f"{KEY}\n")
    home, store = folder / "restored", folder / "store"
    (store / kept[:2]).mkdir(parents=True)
    (store / kept[:2] / kept).write_bytes(b"what lay there was damaged")
    try:
        done = _tidings(
            home,
            *("db", "restore", str(made.file), "--identity-file", str(folder / "identity"), "--json"),
            TIDINGS_FILES=str(store),
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["files"], told["files_missing"], told["files_to"]) == (1, 1, str(store))
        assert "1 file that the database names is missing" in done.stderr
        assert (store / kept[:2] / kept).read_bytes() == PHOTOGRAPH
        assert not (store / damaged[:2] / damaged).exists()
    finally:
        Path(f"{home}.key").unlink(missing_ok=True)


def test_a_backup_tells_of_a_file_that_the_database_names_and_nobody_has(
    own_database: str, kept_file: str, folder: Path
) -> None:
    _named(kept_file, reject_digest="0" * 64)
    made = make_backup(folder / "backup.tar", LOCK)
    assert (made.files, made.files_missing) == (1, 1)


def test_a_restore_over_something_is_refused(own_database: str, folder: Path) -> None:
    made = make_backup(folder / "backup.tar", LOCK)
    with pytest.raises(Refused, match=r"restore\.not_empty"):
        restore(made.file, OPENER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM messaging_epoch")
        assert cursor.fetchone() == (1,)


def test_only_the_right_key_opens_a_backup_and_one_changed_byte_shows(
    own_database: str, folder: Path
) -> None:
    made = make_backup(folder / "backup.tar", LOCK)
    assert check(made.file, OPENER).rows
    other = archive.Opener(identity=str(pyrage.x25519.Identity.generate()))
    with pytest.raises(Refused, match=r"backup\.wrong_key"):
        check(made.file, other)
    with made.file.open("r+b") as spoiled:
        spoiled.seek(made.bytes // 2)
        byte = spoiled.read(1)
        spoiled.seek(made.bytes // 2)
        spoiled.write(bytes([byte[0] ^ 1]))
    with pytest.raises(Refused, match=r"backup\.damaged"):
        check(made.file, OPENER)


def test_a_cut_backup_shows(own_database: str, folder: Path) -> None:
    made = make_backup(folder / "backup.tar", LOCK)
    os.truncate(made.file, made.bytes - 60_000)
    with pytest.raises(Refused, match=r"backup\.damaged"):
        check(made.file, OPENER)


def test_a_backup_without_a_lock_is_refused_and_none_is_overwritten(own_database: str, folder: Path) -> None:
    with pytest.raises(Refused, match=r"backup\.no_lock"):
        make_backup(folder / "backup.tar", archive.Lock())
    with pytest.raises(Refused, match=r"backup\.recipient"):
        make_backup(folder / "backup.tar", archive.Lock(recipients=("age1nobody",)))
    (folder / "backup.tar").write_text("an older one")
    with pytest.raises(Refused, match=r"backup\.exists"):
        make_backup(folder / "backup.tar", LOCK)
    assert [path.name for path in folder.iterdir()] == ["backup.tar"]


def test_something_else_is_no_backup(own_database: str, folder: Path) -> None:
    (folder / "letter.txt").write_text("Dear customer")
    with pytest.raises(Refused, match=r"backup\.not_one"):
        check(folder / "letter.txt", OPENER)
