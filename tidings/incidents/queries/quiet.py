"""Quiet hours: whose message of an incident waits for the end of theirs, where its grade does not override them."""

from dataclasses import replace
from datetime import datetime

from django.db import connection

from tidings.customers.queries import QUIET
from tidings.incidents.models import Incident
from tidings.incidents.queries.known import policy_now
from tidings.messaging.rules.content import Audience


def after_quiet_hours(incident: Incident, audience: Audience, now: datetime) -> Audience:
    """The same audience, with the moment before which each reader's first channel is left alone. The deadline counts on.

    The grade as it is now says which channels do not wait: a lowered one wakes nobody.
    """
    loud = policy_now(incident).overrides_quiet
    statement = (
        f"SELECT told.*, quiet.until AS quiet_until FROM ({audience.sql}) told LEFT JOIN ({QUIET}) quiet"  # noqa: S608 - ours
        " ON quiet.contact_id = told.contact_id AND told.channel <> ALL (%(quiet_loud)s::text[])"
    )
    values = {**audience.params, "at_now": now, "quiet_loud": sorted(loud)}
    return replace(audience, sql=statement, params=values, quiet=True)


def would_wait(incident: Incident, audience: Audience, now: datetime) -> tuple[int, datetime | None]:
    """How many of an audience would wait for the end of their quiet hours, and until when the last of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({QUIET})", {"at_now": now})
        if not cursor.fetchone()[0]:
            return 0, None
        held = after_quiet_hours(incident, audience, now)
        counted = f"SELECT count(*), max(quiet_until) FROM ({held.sql}) held WHERE quiet_until IS NOT NULL"  # noqa: S608 - ours
        cursor.execute(counted, dict(held.params))
        number, last = cursor.fetchone()
        return int(number), last
