"""The database of this installation, standing: found running, or started for as long as one command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from tidings.kernel import postgres
from tidings.kernel.postgres.copying import Place, packaged_tools, server_programs
from tidings.worker.home import claimed
from tidings.worker.setup import set_up


def is_embedded() -> bool:
    """Whether the database is the one in `TIDINGS_HOME`, not one that DATABASE_URL names."""
    return not settings.ENVIRONMENT.DATABASE_URL


@contextmanager
def standing_database(what: str) -> Iterator[None]:
    """Inside, the database runs. `what` is the command, told to whoever tries to start Tidings meanwhile.

    Raises PostgresFailed, or Refused("run.running") when something else is just starting or stopping it.
    """
    if not is_embedded():
        yield
        return
    cluster = postgres.cluster_of(settings.HOME)
    if postgres.is_running(cluster):
        yield
        return
    with claimed(settings.HOME, what):
        server = postgres.start(cluster)
        try:
            yield
        finally:
            postgres.stop(server)


@contextmanager
def prepared_database(what: str) -> Iterator[None]:
    """Inside, the database runs; one that had to be started for this is brought up to date first."""
    running = not is_embedded() or postgres.is_running(postgres.cluster_of(settings.HOME))
    with standing_database(what):
        if not running:
            set_up()
        yield


def place() -> Place:
    """The database as the role that owns its tables, for copying it."""
    if is_embedded():
        cluster = postgres.cluster_of(settings.HOME)
        words: dict[str, Any] = conninfo_to_dict(cluster.conninfo(postgres.OWNER_ROLE))
        words["dbname"] = connections["default"].settings_dict["NAME"]
        return Place(words, cluster.binaries, cluster.tools)
    words = conninfo_to_dict(settings.ENVIRONMENT.DATABASE_OWNER_URL or settings.ENVIRONMENT.DATABASE_URL)
    tools = packaged_tools()
    with Place(words, tools, tools).connect() as connection:
        major = connection.info.server_version // 10_000
    return Place(words, server_programs(major) or tools, tools)
