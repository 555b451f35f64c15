"""Both ledgers, for tests that run on each: `world` is one after the other."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidings.messaging.tests.worlds import PostgresWorld, SqliteWorld, World


@pytest.fixture(scope="module")
def engine_database(template_database: str, django_db_blocker: object) -> Iterator[str]:
    """A database of this module alone, cloned once; each test begins with its tables empty. Gives its conninfo."""
    from django.db import connections
    from psycopg.conninfo import make_conninfo

    default = connections["default"]
    name = f"{template_database.removesuffix('_template')}_engine_{os.getpid()}"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with default._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
        given = default.get_connection_params()
        known = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
        yield make_conninfo(dbname=name, **known)
        with default._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["postgres", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made: World
    if request.param == "postgres":
        made = PostgresWorld(request.getfixturevalue("engine_database"))
    else:
        made = SqliteWorld(tmp_path / "ledger.sqlite")
    yield made
    made.close()
