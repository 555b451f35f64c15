"""Month partitions, by a UUIDv7 key or by a timestamp: made ahead, and DEFAULT watched, for it must stay empty.

A migration creates the parent with plain SQL (`PARTITION BY RANGE (id)`) and then calls `months_sql`.
"""

from datetime import date, timedelta

import structlog
from django.db import connection

from tidings.kernel.clock import now

MONTHS_AHEAD = 18
log = structlog.get_logger("tidings.kernel")


def months_sql(table: str, ahead: int = 2) -> str:
    """For a migration: DEFAULT, last month, this one and `ahead` more; the nightly job makes the rest."""
    return f"""
        SELECT kernel_ensure_months('{table}', (now() - interval '1 month')::date,
                                    (now() + interval '{int(ahead)} months')::date)
    """


def ensure_months(table: str, first: date, last: date) -> int:
    """Makes the partitions of every month from `first` to `last` (UTC) that is not there yet; gives how many were made.

    Raises IntegrityError when DEFAULT already holds rows of such a month: they must be moved by hand first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_ensure_months(%s::regclass, %s, %s)", [table, first, last])
        return int(cursor.fetchone()[0])


def partitioned_tables() -> list[str]:
    """Every table of ours with month partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid"
            " WHERE p.partdefid <> 0 AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def ensure_ahead() -> int:
    """Makes the months up to 18 ahead for every partitioned table; gives how many were made."""
    today = now().date()
    last = today + timedelta(days=MONTHS_AHEAD * 30.5)
    return sum(ensure_months(table, today, last) for table in partitioned_tables())


def warn_of_rows_astray() -> None:
    """Writes a warning to the log for every table with rows outside all its months."""
    for table in partitioned_tables():
        if rows := rows_in_default(table):
            log.warning("partitions.rows_astray", table=table, rows=rows)


def rows_in_default(table: str) -> int:
    """How many rows lie outside every month, counted up to 1,000; anything but 0 is a fault to be shown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_rows_in_default(%s::regclass)", [table])
        return int(cursor.fetchone()[0])
