"""How a process of ours reaches its database on a connection of its own, beside Django's."""

from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

_KNOWN = ("dbname", "user", "password", "host", "port", "sslmode", "options")


def own_parameters() -> dict[str, Any]:
    """Keyword arguments for psycopg's `connect`."""
    given = connection.get_connection_params()
    return {name: given[name] for name in _KNOWN if given.get(name)}


def own_conninfo() -> str:
    """The same as one string, for a pool."""
    return make_conninfo(**own_parameters())
