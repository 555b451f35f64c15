"""Months are made ahead, rows lie in the month of their key, and DEFAULT says when it is not empty."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from structlog.testing import capture_logs

from tidings.kernel import chores, partitions
from tidings.kernel.ids import new_id

BY_MOMENT = (
    "CREATE TABLE scratch_event (happened_at timestamptz NOT NULL, n int) PARTITION BY RANGE (happened_at)"
)
BY_ID = "CREATE TABLE scratch_result (id uuid PRIMARY KEY) PARTITION BY RANGE (id)"


def run(statement: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(
    ("first", "last", "made"),
    [(date(2026, 1, 31), date(2026, 3, 1), 3), (date(2026, 12, 31), date(2026, 12, 1), 1)],
)
def test_every_month_from_first_to_last_is_made_once(db: None, first: date, last: date, made: int) -> None:
    run(BY_MOMENT)
    assert partitions.ensure_months("scratch_event", first, last) == made
    assert partitions.ensure_months("scratch_event", first, last) == 0


@pytest.mark.parametrize(
    ("moment", "part"),
    [
        (datetime(2026, 10, 31, 23, 59, 59, 999000, UTC), "scratch_result_y2026m10"),
        (datetime(2026, 11, 1, tzinfo=UTC), "scratch_result_y2026m11"),
        (datetime(2026, 12, 1, tzinfo=UTC), "scratch_result_y2026m12"),
    ],
)
def test_a_uuidv7_lies_in_the_month_it_was_made_in(db: None, moment: datetime, part: str) -> None:
    run(BY_ID)
    partitions.ensure_months("scratch_result", date(2026, 10, 1), date(2026, 12, 1))
    run("INSERT INTO scratch_result VALUES (%s)", new_id(round(moment.timestamp() * 1000)))
    assert run("SELECT tableoid::regclass::text FROM scratch_result") == [(part,)]


def test_a_row_outside_every_month_shows_and_is_not_hidden_by_a_new_month(db: None) -> None:
    run(BY_MOMENT)
    partitions.ensure_months("scratch_event", date(2026, 10, 1), date(2026, 10, 1))
    assert partitions.rows_in_default("scratch_event") == 0
    run("INSERT INTO scratch_event VALUES ('2026-11-05', 1)")
    assert partitions.rows_in_default("scratch_event") == 1
    with pytest.raises(DatabaseError, match="default partition"), transaction.atomic():
        partitions.ensure_months("scratch_event", date(2026, 11, 1), date(2026, 11, 1))


def test_rows_astray_are_told_in_the_log_every_night(db: None) -> None:
    run(BY_MOMENT)
    partitions.ensure_months("scratch_event", date(2026, 10, 1), date(2026, 10, 1))
    run("INSERT INTO scratch_event VALUES ('2020-11-05', 1)")
    with capture_logs() as told:
        chores.months_ahead()
    astray = [line for line in told if line["event"] == "partitions.rows_astray"]
    assert [(line["log_level"], line["table"], line["rows"]) for line in astray] == [
        ("warning", "scratch_event", 1)
    ]


def test_the_nightly_job_reaches_eighteen_months_for_every_table(db: None) -> None:
    run(BY_MOMENT)
    partitions.ensure_months("scratch_event", date(2026, 11, 1), date(2026, 11, 1))
    assert partitions.ensure_ahead() > 0
    assert {"scratch_event", "kernel_auditline"} <= set(partitions.partitioned_tables())
    assert partitions.ensure_ahead() == 0
