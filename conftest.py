"""Fixtures that every domain's tests share."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.database import WORKER, home, own_server

# A slow machine is no failure: no test asserts a speed.
settings.register_profile("tidings", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tidings")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Tests own their database: they run as the owner role, which may create one. On a given server each worker has its own."""
    from django.db import connections

    default = connections["default"].settings_dict
    if own_server:
        default["USER"] = "tidings_owner"
    elif WORKER:
        default["TEST"]["NAME"] = f"test_{default['NAME']}_{WORKER}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: object
) -> Iterator[None]:
    """Makes the test database whichever tests were chosen: pytest-django's own leaves it out where only clones are asked for."""
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _plain_static_files_and_cheap_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["tests.cast.QuickArgon2"]  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def template_database(django_db_setup: None, django_db_blocker: object) -> str:
    """A migrated, empty database to clone: the name of the template."""
    from django.db import connections
    from django.test.utils import setup_databases

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not connections["default"].settings_dict["NAME"].startswith("test_"):
            # pytest-django makes one only where a collected test asks for `db`; the real one is never the template
            setup_databases(verbosity=0, interactive=False, aliases={"default"})
        tested = connections["default"].settings_dict["NAME"]
        connections["default"].close()
        template = f"{tested}_template"
        with _maintenance() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {template}")
            cursor.execute(f"CREATE DATABASE {template} TEMPLATE {tested}")
    return template


@pytest.fixture
def own_database(template_database: str, django_db_blocker: object) -> Iterator[str]:
    """A database of this test alone, cloned from the template: for tests that commit. Gives its name."""
    from django.db import connections

    name = template_database.replace("_template", f"_own_{os.getpid()}")
    default = connections["default"]
    tested = default.settings_dict["NAME"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        default.close()
        with _maintenance() as cursor:
            _drop(cursor, name)
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
        default.settings_dict["NAME"] = name
        for remembered in ("audit-seal.json", "epoch"):  # of another test's database: a sender would hold all
            (home / remembered).unlink(missing_ok=True)
        try:
            yield name
        finally:
            default.close()
            default.settings_dict["NAME"] = tested
            with _maintenance() as cursor:
                _drop(cursor, name)


def _drop(cursor: object, name: str) -> None:
    """FORCE would need the right to end an autovacuum worker too; a plain DROP asks that one to leave, and waits."""
    ours = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
    )
    cursor.execute(ours, [name])  # type: ignore[attr-defined]
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")  # type: ignore[attr-defined]


def _maintenance() -> "object":
    from contextlib import contextmanager

    from django.db import connections

    @contextmanager
    def cursor() -> Iterator[object]:
        with connections["default"]._nodb_cursor() as opened:
            yield opened

    return cursor()


@pytest.fixture
def address(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The pages, served for a browser from this test's own database. Gives where."""
    from tests.processes import pages

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs an event loop in this thread
    with pages(tmp_path) as where:
        yield where


@pytest.fixture(autouse=True)
def _ids_of_today() -> Iterator[None]:
    """Who travelled to a later day leaves the next test no ids from there."""
    from tidings.kernel import ids

    yield
    if ids._last_ms > time.time() * 1000 + 1000:
        ids._last_ms = 0
