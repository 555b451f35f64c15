"""Questions about the affected of an incident whose answer is yes, no or a number."""

from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents.sql.lines import HEAR_OF_THEFT
from tidings.incidents.sql.meaning import MEANT


def somebody_may_not_hear(incident_id: UUID, *, ever: bool = False) -> bool:
    """Whether somebody to be told may not hear that goods were stolen; `ever` also asks of those affected no more."""
    values: dict[str, Any] = {"incident": incident_id, "hear_of_theft": HEAR_OF_THEFT, "ever": ever}
    with connection.cursor() as cursor:
        cursor.execute(_SOMEBODY_MAY_NOT_HEAR, values)
        return bool(cursor.fetchone()[0])


_SOMEBODY_MAY_NOT_HEAR = f"""
SELECT EXISTS (
    SELECT FROM ({MEANT}) known
     WHERE customer_id IS NOT NULL AND NOT roles && %(hear_of_theft)s::text[]
       AND (%(ever)s OR (gone_at IS NULL AND effect <> 'unaffected'))
)
"""  # noqa: S608 - only our own text is joined


def without_contact(incident_id: UUID) -> int:
    """How many affected customers have no living contact at all; shipments on which nobody stands are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_CONTACT, {"incident": incident_id})
        return int(cursor.fetchone()[0])


_WITHOUT_CONTACT = f"""
SELECT count(DISTINCT customer_id) FROM ({MEANT}) known
 WHERE gone_at IS NULL AND customer_id IS NOT NULL AND effect <> 'unaffected'
   AND NOT EXISTS (SELECT FROM customers_contact contact
                    WHERE contact.customer_id = known.customer_id AND contact.ended_at IS NULL)
"""  # noqa: S608 - only our own text is joined


def somebody_untold(incident_id: UUID) -> bool:
    """Whether somebody with a living contact came in after the first notice and has not been told."""
    with connection.cursor() as cursor:
        cursor.execute(_SOMEBODY_UNTOLD, {"incident": incident_id})
        return bool(cursor.fetchone()[0])


_SOMEBODY_UNTOLD = f"""
SELECT EXISTS (
    SELECT FROM ({MEANT}) known
     WHERE gone_at IS NULL AND told_at IS NULL AND effect <> 'unaffected'
       AND customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)
)
"""  # noqa: S608 - only our own text is joined
