"""`tidings db backup`: database, files and newest audit seal in one encrypted archive, read back before it counts.

Files are listed after the database's moment: they are kept before a row names them and are never removed, so each one
that the dump names is there. The master key is not in it: secrets in the database stay sealed, so that a stolen backup with its passphrase still
gives no relay's password. Keep the key file's copy elsewhere.
"""

import errno
import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from tidings import __version__
from tidings.kernel import archive, files
from tidings.kernel.clock import now
from tidings.kernel.columns import file_columns
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.postgres.copying import dump, finish_dump, row_counts
from tidings.worker.standing import place

ABOUT, DATABASE, FILES, KEY_ID, SEAL = "about.json", "database", "files", "key-id", "seal.json"
Progress = Callable[[str, int], None]
_NEWEST_SEAL = (
    "SELECT seq, encode(chain, 'hex') FROM kernel_auditline WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class About:
    """What an archive holds; its first member."""

    version: str
    made_at: str
    postgres: int
    epoch: int
    key_id: str
    seal: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. `files_missing` are those that the database names and that were not there, or damaged."""

    file: Path
    bytes: int
    tables: int
    rows: int
    files: int
    files_missing: int
    files_from: str


def make_backup(target: Path, lock: archive.Lock, progress: Progress = lambda _what, _bytes: None) -> Made:
    """Writes and checks a backup of the running installation, as it is at one moment.

    `progress` is told what is being done ("database", "files", "check") and its bytes so far. Raises Refused
    ("backup.no_lock", "backup.exists", "backup.folder", "backup.disk_full", "backup.recipient"), and PostgresFailed.
    """
    if not lock.passphrase and not lock.recipients:
        raise Refused("backup.no_lock")
    if target.exists():
        raise Refused("backup.exists", file=str(target))
    partial = target.with_name(f"{target.name}.partial")
    try:
        about, whole, missing = _write(partial, lock, progress)
        partial.rename(target)
    except OSError as wrong:
        code = "backup.disk_full" if wrong.errno == errno.ENOSPC else "backup.folder"
        raise Refused(code, folder=str(target.parent), reason=wrong.strerror) from None
    finally:
        partial.unlink(missing_ok=True)
    kept_at = files.place_of(settings.TIDINGS_FILES, settings.HOME)
    rows = sum(about.rows.values())
    return Made(target, target.stat().st_size, len(about.rows), rows, whole, missing, kept_at)


def default_name(moment: datetime) -> str:
    """`tidings-20261122T101500Z.tar`."""
    return f"tidings-{moment:%Y%m%dT%H%M%SZ}.tar"


def _write(partial: Path, lock: archive.Lock, progress: Progress) -> tuple[About, int, int]:
    whole: set[str] = set()
    with place().connect() as connection, connection.transaction():
        # One moment for all: the counts, the seal and the dump share this transaction's view.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        about = _about(connection)
        named = named_files(connection)
        snapshot = str(_one(connection, "SELECT pg_export_snapshot()")[0])

        def fill(inside: archive.Inside) -> None:
            inside.add(ABOUT, json.dumps(asdict(about)).encode())
            dumping = dump(place(), snapshot)
            try:
                inside.add_stream(DATABASE, _Told(dumping, "database", progress))
                finish_dump(dumping, place().dumper)
            finally:
                dumping.kill()
                dumping.wait()
            whole.update(_add_files(inside, progress))

        opener = archive.write(partial, lock, fill)
    check(partial, opener, progress)
    return about, len(whole), len(named - whole)


def _add_files(inside: archive.Inside, progress: Progress) -> Iterator[str]:
    """Adds every kept file; gives those that are whole."""
    done = 0
    for digest in files.kept_digests():
        content = _Content(digest)
        try:
            done += inside.add_stream(f"{FILES}/{digest}", content)
        except Missing:
            continue  # listed, and then not to be read: counted as missing where the database names it
        progress(FILES, done)
        if content.is_whole():
            yield digest


def named_files(connection: "psycopg.Connection[Any]") -> set[str]:
    """The digest of every file that some row names."""
    query = "SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''"
    return {
        str(row[0])
        for table, column in file_columns()
        for row in connection.execute(
            sql.SQL(query).format(column=sql.Identifier(column), table=sql.Identifier(table))
        )
    }


def check(source: Path, opener: archive.Opener, progress: Progress = lambda _what, _bytes: None) -> About:
    """Reads a whole archive: every digest, and the dump by the program that would restore it. Gives what it holds.

    Raises Refused("backup.damaged", "backup.wrong_key", "backup.not_one").
    """
    about: list[About] = []
    done = 0
    reader = subprocess.Popen(
        [place().tools / "pg_restore", "--file=/dev/null"],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )

    def take(name: str, member: archive.Readable) -> None:
        nonlocal done
        if name == ABOUT:
            about.append(About(**json.loads(member.read())))
        while part := member.read(1 << 20):
            progress("check", done := done + len(part))
            if name == DATABASE and reader.stdin:
                reader.stdin.write(part)

    try:
        archive.read(source, opener, take)
        reader.communicate()
    except BrokenPipeError:
        raise Refused("backup.damaged", file=str(source)) from None
    finally:
        reader.kill()
        code = reader.wait()
    if code or not about:
        raise Refused("backup.damaged", file=str(source))
    return about[0]


class _Told:
    """A dump's output that tells how much of it was read."""

    def __init__(self, process: "subprocess.Popen[bytes]", what: str, progress: Progress) -> None:
        self._process, self._what, self._progress, self._done = process, what, progress, 0

    def read(self, length: int = -1, /) -> bytes:
        part = self._process.stdout.read(length) if self._process.stdout else b""
        self._done += len(part)
        self._progress(self._what, self._done)
        return part


class _Content:
    """A kept file as it is read, damaged or not: a backup takes what there is and tells."""

    def __init__(self, digest: str) -> None:
        self._name, self._seen, self._rest = digest, hashlib.sha256(), b""
        self._pieces = files.pieces(digest)

    def read(self, length: int = -1, /) -> bytes:
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self._seen.update(self._rest)
        end = len(self._rest) if length < 0 else length
        part, self._rest = self._rest[:end], self._rest[end:]
        return part

    def is_whole(self) -> bool:
        return self._seen.hexdigest() == self._name


def _about(connection: "psycopg.Connection[Any]") -> About:
    seal = connection.execute(_NEWEST_SEAL).fetchone()
    key_id = settings.HOME / "key-id"
    return About(
        version=__version__,
        made_at=now().isoformat(),
        postgres=connection.info.server_version // 10_000,
        epoch=int(_one(connection, "SELECT coalesce(max(number), 0) FROM messaging_epoch")[0]),
        key_id=key_id.read_text().strip() if key_id.exists() else "",
        seal={"seq": seal[0], "chain": seal[1]} if seal else {},
        rows=row_counts(connection),
    )


def _one(connection: "psycopg.Connection[Any]", query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise RuntimeError(f"no row from {query}")
    return tuple(row)
