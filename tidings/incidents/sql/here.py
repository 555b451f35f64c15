"""Who has the page of an incident open: rows that say when somebody was last there, and that nobody keeps."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

STAYS = timedelta(seconds=75)
"""A page says that it is open whenever its stream begins anew, every minute; who did not say so for this long has gone."""

_BE_HERE = """
WITH gone AS (DELETE FROM incidents_presence WHERE seen_at < %(at)s - interval '1 day'),
before AS (SELECT seen_at FROM incidents_presence WHERE incident_id = %(incident)s AND person = %(person)s)
INSERT INTO incidents_presence (incident_id, person, seen_at) VALUES (%(incident)s, %(person)s, %(at)s)
ON CONFLICT (incident_id, person) DO UPDATE SET seen_at = greatest(EXCLUDED.seen_at, incidents_presence.seen_at)
RETURNING coalesce((SELECT seen_at FROM before) < %(gone_before)s, true)
"""


def be_here(incident_id: UUID, person: str, at: datetime) -> bool:
    """Writes down that somebody has the page open; whether the others did not know it yet."""
    values: dict[str, Any] = {"incident": incident_id, "person": person, "at": at, "gone_before": at - STAYS}
    with connection.cursor() as cursor:
        cursor.execute(_BE_HERE, values)
        return bool(cursor.fetchone()[0])


def who_is_here(incident_id: UUID, at: datetime) -> list[str]:
    """The people who have it open at this moment, whoever came first standing first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person FROM incidents_presence WHERE incident_id = %s AND seen_at > %s ORDER BY id",
            [incident_id, at - STAYS],
        )
        return [person for (person,) in cursor.fetchall()]
