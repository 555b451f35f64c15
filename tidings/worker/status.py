"""What `tidings db status` tells."""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings

from tidings.kernel import postgres
from tidings.worker.standing import is_embedded, place


@dataclass(frozen=True, slots=True)
class Status:
    """`postgres` is the server's major version, or 0 where there is no data yet; `bytes` the database's size."""

    embedded: bool
    running: bool
    postgres: int
    upgrade_to: int | None
    bytes: int
    where: str


def status() -> Status:
    """Looks without starting anything. Never raises because the database is away."""
    cluster = postgres.cluster_of(settings.HOME)
    if is_embedded():
        major = cluster.major if cluster.exists else 0
        newer = postgres.MAJOR if 0 < major < postgres.MAJOR else None
        where = str(cluster.data)
    else:
        major, newer, where = 0, None, _shown(dict(place().words))
    try:
        with place().connect() as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            version = connection.info.server_version // 10_000
            return Status(is_embedded(), True, version, newer, int(row[0]) if row else 0, where)
    except psycopg.OperationalError:
        return Status(is_embedded(), False, major, newer, 0, where)


def _shown(words: dict[str, Any]) -> str:
    words.pop("password", None)
    return psycopg.conninfo.make_conninfo(**words)
