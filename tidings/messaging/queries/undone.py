"""Whom a phase reaches no more: something came back after a moment, such as the end of what it was about."""

from datetime import datetime

from django.db import connection

from tidings.messaging.sql import undone


def undone_since(about: str, since: datetime, now: datetime) -> dict[str, int]:
    """Per phase of a thing, how many are not reached at `now` and had something refused after `since`."""
    with connection.cursor() as cursor:
        cursor.execute(undone.UNDONE_SINCE, {"about": about, "since": since, "now": now})
        return dict(cursor.fetchall())
