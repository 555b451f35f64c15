"""The embedded cluster: an old one is moved to the current version, a killed one starts again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tidings.kernel import postgres
from tidings.kernel.postgres.copying import server_programs
from tidings.kernel.postgres.upgrade import upgrade


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="tidings-test-")).resolve()
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_an_old_cluster_is_moved_and_the_old_data_kept(home: Path) -> None:
    if server_programs(15) is None:
        pytest.skip("needs Debian's postgresql-15")
    cluster = replace(postgres.cluster_of(home), new_major=15)
    server = postgres.start(cluster)
    with psycopg.connect(cluster.conninfo(postgres.OWNER_ROLE)) as connection:
        # A default that is added later makes 15.20 keep a mark that pg_dump 18.6 cannot hand over.
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE shipment (id int PRIMARY KEY, name text)")
        connection.execute("ALTER TABLE shipment ADD COLUMN pieces int DEFAULT 3")
        connection.execute("INSERT INTO shipment SELECT n, '货 ' || n FROM generate_series(1, 5000) n")
    postgres.stop(server)
    done = upgrade(postgres.cluster_of(home), datetime(2026, 11, 22, 10, tzinfo=UTC))
    assert (done.before, done.after, done.rows) == (15, postgres.MAJOR, 5000)
    assert done.kept.name == "data-15-kept-20261122-100000"
    assert (done.kept / "PG_VERSION").read_text().strip() == "15"
    server = postgres.start(postgres.cluster_of(home))
    with psycopg.connect(postgres.cluster_of(home).conninfo()) as connection:
        assert connection.info.server_version // 10_000 == postgres.MAJOR
        assert connection.execute("SELECT count(*), sum(pieces), max(name) FROM shipment").fetchone() == (
            5000,
            15_000,
            "货 999",
        )
    postgres.stop(server)
    with pytest.raises(postgres.PostgresFailed, match="nothing to upgrade"):
        upgrade(postgres.cluster_of(home), datetime(2026, 11, 22, 11, tzinfo=UTC))


def test_a_killed_server_starts_again_though_its_number_belongs_to_another_process_now(home: Path) -> None:
    cluster = postgres.cluster_of(home)
    server = postgres.start(cluster)
    with psycopg.connect(cluster.conninfo(postgres.OWNER_ROLE), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    lock = cluster.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n" + lock.read_text().partition("\n")[2])
    server = postgres.start(cluster)
    with psycopg.connect(cluster.conninfo()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    with pytest.raises(postgres.PostgresFailed, match="already running"):
        postgres.start(cluster)
    postgres.stop(server)


def test_the_app_is_no_superuser_and_makes_no_table(own_database: str) -> None:
    cluster = postgres.cluster_of(settings.HOME)
    with psycopg.connect(cluster.conninfo(database=own_database), autocommit=True) as connection:
        assert connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = user"
        ).fetchone() == (
            False,
            False,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO PROGRAM 'true'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (n int)")


def test_the_superuser_answers_to_the_servers_own_account_only(own_database: str) -> None:
    cluster = postgres.cluster_of(settings.HOME)
    if cluster.user is None:
        pytest.skip("the server runs as our own account, which owns its files anyway")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.conninfo("postgres")).close()
