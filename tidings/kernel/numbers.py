"""Numbers without gaps: one counter row per series and month, raised by the last statement before commit."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

NEXT = """
    INSERT INTO kernel_counter AS counter (series, last) VALUES (%s, 1)
    ON CONFLICT (series) DO UPDATE SET last = counter.last + 1 RETURNING last
"""


def next_number(series: str) -> int:
    """The next number of `series`, from 1. Take it as the last statement of the transaction: everyone else who wants a number
    of this series waits until the commit (number first 18 a second, number last 567, 50 clients).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("next_number outside a transaction would leave a gap when the caller fails")
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [series])
        return int(cursor.fetchone()[0])


def month_series(prefix: str, at: datetime, zone: str) -> str:
    """`INC-2026-11` for a moment, by the firm's own month; `2026-11` for an empty prefix."""
    month = at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
    return f"{prefix}-{month}" if prefix else month


def written(series: str, number: int) -> str:
    """`INC-2026-11-0001`: at least four digits, more when the month needs them."""
    return f"{series}-{number:04d}"
