"""Whom the messages so far do not fit: who came in and was not told, and who was told and is affected no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.incidents.sql.lines import LINE
from tidings.incidents.sql.meaning import MEANT
from tidings.incidents.sql.told_before import NO_LONGER


def untold(
    incident_id: UUID, units: frozenset[UUID] | None, at: datetime
) -> tuple[int, datetime | None, datetime | None]:
    """How many customers with a contact came in untold, as far as `units` see; when the first of them came in, and was found.
    Who hears later by a contract comes in once that is due.
    """
    values = {**_values(incident_id, units), "at_now": at, **hearing(rules.Phase.FIRST_NOTICE)}
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, values)
        customers, since, found_at = cursor.fetchone()
    return int(customers), since, found_at


def with_untold(incident_ids: Sequence[UUID], late_at: datetime | None = None) -> list[UUID]:
    """Those of these incidents into which customers with a contact came untold; with `late_at` those in which their time may have
    passed by then. Somebody who is unaffected after all is among them: `untold` is exact, and dear.
    """
    values = {"incidents": list(incident_ids), "late_at": late_at}
    with connection.cursor() as cursor:
        cursor.execute(_WITH_UNTOLD, values)
        return [incident for (incident,) in cursor.fetchall()]


def to_clear(incident_id: UUID, units: frozenset[UUID] | None) -> int:
    """How many customers wait for an all-clear."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_CLEAR, _values(incident_id, units))
        return int(cursor.fetchone()[0])


def _values(incident_id: UUID, units: frozenset[UUID] | None) -> dict[str, Any]:
    seen = [str(unit) for unit in units or ()]
    return {"incident": incident_id, "all": units is None, "units": seen}


_WITH_CONTACT = "known.customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)"

_SEEN = "(%(all)s OR known.units && %(units)s::uuid[])"

_WITH_UNTOLD = f"""
SELECT incident.id FROM incidents_incident incident
 WHERE incident.id = ANY(%(incidents)s::uuid[]) AND EXISTS (
       SELECT FROM incidents_affected known
        WHERE known.incident_id = incident.id AND known.gone_at IS NULL AND known.told_at IS NULL AND known.customer_id IS NOT NULL
          AND {_WITH_CONTACT}
          AND (%(late_at)s::timestamptz IS NULL OR %(late_at)s::timestamptz >
               greatest(known.since, incident.detected_at) + (incident.first_notice_by - incident.detected_at)))
"""  # noqa: S608 - only our own text is joined
"""The time a first notice has, by the gravest grade, is what the incident's own first one had."""

_UNTOLD = f"""
SELECT count(DISTINCT known.customer_id), min(greatest(known.since, known.hears_from)), min(known.found_at)
  FROM ({HEARING}) known
 WHERE known.gone_at IS NULL AND known.told_at IS NULL AND known.effect <> 'unaffected' AND {HEARS} AND {_WITH_CONTACT} AND {_SEEN}
"""  # noqa: S608 - only our own text is joined

_TO_CLEAR = f"""
SELECT count(DISTINCT known.customer_id)
  FROM ({MEANT}) known {LINE}
 WHERE known.customer_id IS NOT NULL AND {NO_LONGER} AND {_SEEN}
"""  # noqa: S608 - only our own text is joined
