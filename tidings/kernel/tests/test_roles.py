"""What the application's own role may do to the audit lines, apart from the triggers: add, seal, forget, nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from tests import database
from tidings.kernel import audit, postgres
from tidings.kernel.actor import Actor, ActorKind

ILSE = Actor(ActorKind.COMMAND, "test", frozenset())
PARTITION = (
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'kernel_auditline'::regclass LIMIT 1"
)


@pytest.fixture
def as_the_application(own_database: str) -> Iterator[psycopg.Connection]:
    if not database.own_server:
        pytest.skip("needs the embedded server with its two roles")
    with transaction.atomic():
        audit.record(ILSE, "incident.open", "incident", 1)
    connection.close()
    conninfo = postgres.cluster_of(database.home).conninfo(postgres.APP_ROLE, own_database)
    with psycopg.connect(conninfo) as opened:
        yield opened


def test_the_application_adds_reads_and_seals(as_the_application: psycopg.Connection) -> None:
    done = as_the_application.execute(
        "UPDATE kernel_auditline SET seq = 1, chain = '\\x00' WHERE seq IS NULL"
    )
    assert done.rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM kernel_auditline",
        "TRUNCATE kernel_auditline",
        "UPDATE kernel_auditline SET verb = 'x'",
        "UPDATE kernel_auditline SET at = now()",
        "ALTER TABLE kernel_auditline DISABLE TRIGGER ALL",
        "DROP TABLE kernel_auditline",
        "DELETE FROM {partition}",
        "TRUNCATE {partition}",
        "ALTER TABLE kernel_auditline DETACH PARTITION {partition}",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_has_no_right_to_anything_else(
    as_the_application: psycopg.Connection, statement: str
) -> None:
    found = as_the_application.execute(PARTITION).fetchone()
    assert found is not None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_the_application.execute(statement.format(partition=found[0]))


def test_the_application_makes_months_without_owning_them(as_the_application: psycopg.Connection) -> None:
    made = as_the_application.execute(
        "SELECT kernel_ensure_months('kernel_auditline', '2031-01-01', '2031-03-01')"
    ).fetchone()
    assert made == (3,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_the_application.execute("TRUNCATE kernel_auditline_y2031m02")


def test_the_application_counts_rows_astray_though_it_may_read_no_part(
    as_the_application: psycopg.Connection,
) -> None:
    asked = "SELECT relname, kernel_rows_in_default(partrelid::regclass) FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid"
    counted = dict(as_the_application.execute(asked).fetchall())
    assert counted["kernel_auditline"] == counted["messaging_result"] == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_the_application.execute("SELECT FROM kernel_auditline_default")
