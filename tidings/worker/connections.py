"""How a process of ours reaches its database on a connection of its own, beside Django's, or by Django from an event loop."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection, connections
from psycopg.conninfo import make_conninfo

Result = TypeVar("Result")
_KNOWN = ("dbname", "user", "password", "host", "port", "sslmode", "options")


def own_parameters() -> dict[str, Any]:
    """Keyword arguments for psycopg's `connect`."""
    given = connection.get_connection_params()
    return {name: given[name] for name in _KNOWN if given.get(name)}


def own_conninfo() -> str:
    """The same as one string, for a pool."""
    return make_conninfo(**own_parameters())


async def in_thread(run: Callable[[], Result]) -> Result:
    """Runs it in a thread with a connection of its own, and leaves none behind."""

    def alone() -> Result:
        try:
            return run()
        finally:
            connections.close_all()

    return await asyncio.to_thread(alone)
