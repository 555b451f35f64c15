"""What must be there before any process starts: the key, the tables, the translations, the static files.

Cheap when nothing changed, so that `tidings run` can call it at every start.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from tidings.kernel.errors import Refused
from tidings.kernel.postgres import OWNER_ROLE
from tidings.kernel.secrets import own_keys

OLDEST, NEWEST = 15, 18
_ONE_AT_A_TIME = 0x7469_6469  # the advisory lock of setting up: several machines may start at once


def set_up() -> None:
    """Makes a new installation's key and brings everything up to date. Raises Refused where the database or a folder does not
    allow it, and KeyFileFailed where the key that belongs to the data is missing: no page could be served without it.
    """
    own_keys()
    require_database()
    require_translations()
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


def require_translations() -> None:
    """Raises Refused("run.home_closed") when the words of a language could be compiled neither now nor before.

    Reading the settings has compiled them (`config/languages.py`), unless the checkout is closed to this account.
    """
    for source in sorted(settings.LOCALE_PATHS[0].glob("*/LC_MESSAGES/*.po")):
        if not source.with_suffix(".mo").exists():
            raise Refused("run.home_closed", folder=str(source.parent), reason=os.strerror(errno.EACCES))


def was_set_up() -> bool:
    """Whether an earlier start came to its end, so that the web server finds its folder of static files."""
    return _static_mark().exists()


def collect_static() -> None:
    """Copies static files to `TIDINGS_HOME/static` under names that carry their content's digest, if any changed."""
    mark = _static_mark()
    state = _static_state()
    if mark.exists() and mark.read_text() == state:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(state)


def _static_mark() -> Path:
    return Path(settings.STATIC_ROOT) / "made-from"


def _static_state() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            details = Path(storage.path(name)).stat()
            digest.update(f"{name} {details.st_size} {details.st_mtime_ns}\n".encode())
    return digest.hexdigest()
