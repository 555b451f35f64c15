"""Questions about the affected of an incident whose answer is yes, no or a number."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.incidents.sql.opened import theft_values


def somebody_may_not_hear(incident_id: UUID, phase: str, *, ever: bool = False) -> bool:
    """Whether somebody to be told in this phase, now or later, may not hear that goods were stolen; `ever` also asks of those
    affected no more."""
    values: dict[str, Any] = {"incident": incident_id, "ever": ever, **theft_values(), **hearing(phase)}
    with connection.cursor() as cursor:
        cursor.execute(_SOMEBODY_MAY_NOT_HEAR, values)
        return bool(cursor.fetchone()[0])


_SOMEBODY_MAY_NOT_HEAR = f"""
SELECT EXISTS (
    SELECT FROM ({HEARING}) known
     WHERE customer_id IS NOT NULL AND NOT roles && %(hear_of_theft)s::text[] AND hears_from IS NOT NULL
       AND (%(ever)s OR (gone_at IS NULL AND effect <> 'unaffected'))
)
"""  # noqa: S608 - only our own text is joined


def without_contact(incident_id: UUID, phase: str, at: datetime) -> int:
    """How many affected customers who hear by `at` have no living contact at all; shipments on which nobody stands are not in it."""
    values: dict[str, Any] = {"incident": incident_id, "at_now": at, **hearing(phase)}
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_CONTACT, values)
        return int(cursor.fetchone()[0])


_WITHOUT_CONTACT = f"""
SELECT count(DISTINCT customer_id) FROM ({HEARING}) known
 WHERE gone_at IS NULL AND customer_id IS NOT NULL AND effect <> 'unaffected' AND {HEARS}
   AND NOT EXISTS (SELECT FROM customers_contact contact
                    WHERE contact.customer_id = known.customer_id AND contact.ended_at IS NULL)
"""  # noqa: S608 - only our own text is joined


def somebody_untold(incident_id: UUID) -> bool:
    """Whether somebody with a living contact came in after the first notice, or hears some minutes after a client, and was not told.
    Who hears on the client's word alone is not waited for."""
    values: dict[str, Any] = {"incident": incident_id, **hearing(rules.Phase.FIRST_NOTICE)}
    with connection.cursor() as cursor:
        cursor.execute(_SOMEBODY_UNTOLD, values)
        return bool(cursor.fetchone()[0])


_SOMEBODY_UNTOLD = f"""
SELECT EXISTS (
    SELECT FROM ({HEARING}) known
     WHERE gone_at IS NULL AND told_at IS NULL AND effect <> 'unaffected' AND hears_from < 'infinity'
       AND customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)
)
"""  # noqa: S608 - only our own text is joined
