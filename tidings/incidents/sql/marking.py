"""Marking who was told: a first notice, or what holds its place, was planned for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.messaging.queries import WAITS_UNTIL


def mark_told(incident_id: UUID, message_id: UUID, at: datetime) -> None:
    """Marks as told everyone affected who has a contact; run with the plan of a first notice, in one transaction.

    A shipment that is unaffected after all is in no message, and stays untold: its effect may be changed again. A client that
    hears before others counts as told once the first of its contacts is: it may be asleep, or wait for its language.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(column="told_at"), _mark_values(incident_id, at))
        cursor.execute(_MARK_WAITING, {"incident": incident_id, "at": at, "sent_message": message_id})


def mark_held(incident_id: UUID, at: datetime) -> None:
    """The same with the plan of a holding notice: they know that we know, and the first notice remains owed."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(column="held_at"), _mark_values(incident_id, at))


def _mark_values(incident_id: UUID, at: datetime) -> dict[str, Any]:
    return {"incident": incident_id, "at": at, "at_now": at, **hearing(rules.Phase.FIRST_NOTICE)}


_MARK = f"""
UPDATE incidents_affected AS marked SET {{column}} = %(at)s
  FROM ({HEARING}) known
 WHERE marked.id = known.id AND known.gone_at IS NULL AND known.{{column}} IS NULL AND known.effect <> 'unaffected' AND {HEARS}
   AND known.customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)
"""  # noqa: S608 - only our own text is joined

_MARK_WAITING = f"""
UPDATE incidents_affected marked SET told_at = hears.at
  FROM (SELECT reader.customer_id, min(coalesce(planned.waits_until, %(at)s)) AS at
          FROM ({WAITS_UNTIL}) planned
          JOIN customers_contact reader ON reader.id = planned.contact_id
          JOIN customers_customer client ON client.id = reader.customer_id
         WHERE client.told = 'client_first' OR EXISTS (
               SELECT FROM customers_contractline line
                WHERE line.customer_id = client.id AND line.ended_at IS NULL AND line.told = 'client_first')
         GROUP BY reader.customer_id) hears
 WHERE marked.incident_id = %(incident)s AND marked.customer_id = hears.customer_id AND marked.told_at = %(at)s
   AND hears.at > %(at)s AND 'account' = ANY(marked.roles)
"""  # noqa: S608 - only our own text is joined
