"""Statements of the staff: counting the requests of a key."""

from datetime import datetime
from uuid import UUID

from django.db import connection

COUNT_USE = """
    INSERT INTO people_keyuse AS used (key_id, used_at, minute, times)
    VALUES (%(key)s, %(at)s, date_trunc('minute', %(at)s), 1)
    ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at, minute = excluded.minute,
        times = CASE WHEN used.minute = excluded.minute THEN used.times + 1 ELSE 1 END
    RETURNING times
"""


def count_use(key: UUID, at: datetime) -> int:
    """Notes one request of a key and gives how many it made in this minute, over every process."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_USE, {"key": key, "at": at})
        return int(cursor.fetchone()[0])
