"""What must be there before any process starts: the key, the tables, the translations, the static files.

Cheap when nothing changed, so that `tidings run` can call it at every start.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from tidings.kernel.errors import Refused
from tidings.kernel.postgres import OWNER_ROLE

OLDEST, NEWEST = 15, 18
_ONE_AT_A_TIME = 0x7469_6469  # the advisory lock of setting up: several machines may start at once


def set_up() -> None:
    """Brings everything up to date. Raises Refused where the database or a folder does not allow it."""
    require_database()
    compile_translations()
    migrate()
    collect_static()


def require_database() -> None:
    """Raises Refused("database.unreachable" or "database.version") unless a supported PostgreSQL answers."""
    try:
        with as_owner():
            connection.ensure_connection()
            version = connection.connection.info.server_version // 10_000
    except OperationalError as wrong:
        reason = str(wrong).strip().splitlines()[-1]
        raise Refused("database.unreachable", reason=reason) from None
    if not OLDEST <= version <= NEWEST:
        raise Refused("database.version", version=version, oldest=OLDEST, newest=NEWEST)


def migrate() -> None:
    """Applies what is missing, as the role that owns the tables; one machine at a time."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, the default connection is the owner's: the embedded cluster's, or DATABASE_OWNER_URL where set."""
    default = connections["default"]
    usual = dict(default.settings_dict)
    owner_url = settings.ENVIRONMENT.DATABASE_OWNER_URL
    default.close()
    if owner_url:
        parts = conninfo_to_dict(owner_url)
        default.settings_dict.update(USER=parts.get("user", ""), PASSWORD=parts.get("password", ""))
    elif not settings.ENVIRONMENT.DATABASE_URL:
        default.settings_dict["USER"] = OWNER_ROLE
    try:
        yield
    finally:
        default.close()
        default.settings_dict.update(usual)


def compile_translations() -> None:
    """Each catalogue beside its source, where the source is newer. The gettext programs are not needed."""
    for source in settings.LOCALE_PATHS[0].glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        partial = source.with_suffix(f".{os.getpid()}.partial")
        try:
            with source.open("rb") as read, partial.open("wb") as written:
                write_mo(written, read_po(read, locale=source.parts[-3]))
        except PermissionError:
            if not compiled.exists():
                raise Refused("run.home_closed", folder=str(source.parent), reason="") from None
            continue
        partial.replace(compiled)


def collect_static() -> None:
    """Copies static files to `TIDINGS_HOME/static` under names that carry their content's digest, if any changed."""
    root = Path(settings.STATIC_ROOT)
    mark = root / "made-from"
    state = _static_state()
    if mark.exists() and mark.read_text() == state:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(state)


def _static_state() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            details = Path(storage.path(name)).stat()
            digest.update(f"{name} {details.st_size} {details.st_mtime_ns}\n".encode())
    return digest.hexdigest()
