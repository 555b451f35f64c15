"""Whom a message beside the story is for: those who got what was wrong, who wait for their language, and those who were told and are affected no more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.customers.queries import LADDER
from tidings.incidents.sql.hearing import HEARING, hearing
from tidings.incidents.sql.lines import (
    ARRIVED_LATE,
    LINE,
    LINES,
    NO_SHIPMENT,
    SHIPMENT,
    SHIPMENT_IDS,
)
from tidings.incidents.sql.meaning import MEANT
from tidings.incidents.sql.opened import theft_values
from tidings.incidents.sql.recipients import Told
from tidings.messaging.queries import HEARD_OF, HELD, SENT_TO
from tidings.messaging.rules.content import Audience


def corrected(told: Told, at: datetime) -> Audience:
    """Exactly those contacts to whom the message `told.corrects` went, with its shipments as they stand now, and what it said to
    a customer without one.

    Who has ended since, or has no usable address any more, is in it without an address: unreachable, and counted.
    """
    statement = _AS_BEFORE.format(sent=SENT_TO, due="%(due_by)s::timestamptz", only="")
    return Audience(statement, {**_values(told, at), "sent_message": told.corrects}, ladder=True)


def waiting(told: Told, at: datetime) -> Audience:
    """Exactly those contacts who wait for the message `told.completes` in a language that it did not go in, by their language
    of now; with its shipments as they stand now, and due when that one is due to them.
    """
    statement = _AS_BEFORE.format(
        sent=f"{HELD} AND r.message_id = %(held_message)s",
        due="sent.due_by",
        only="WHERE contact.language <> ALL (%(gone)s)",
    )
    values = {"held_message": told.completes, "gone": list(told.gone)}
    return Audience(statement, {**_values(told, at), **values}, ladder=True)


def held(incident_ids: Sequence[UUID], at: datetime) -> list[tuple[UUID, UUID, str, int, datetime]]:
    """Incident, message, language and how many of its readers each sent message of these holds at `at`, and until when."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"incidents": list(incident_ids), "at": at})
        return list(cursor.fetchall())


_HELD = f"""
SELECT sending.incident_id, held.message_id, reader.language, count(*), min(held.next_at)
  FROM ({HELD}) held
  JOIN incidents_sending sending ON sending.message_id = held.message_id AND sending.incident_id = ANY (%(incidents)s)
  JOIN customers_contact reader ON reader.id = held.contact_id AND reader.ended_at IS NULL
 WHERE held.next_at > %(at)s
 GROUP BY sending.incident_id, held.message_id, reader.language ORDER BY min(held.next_at)
"""  # noqa: S608 - only our own text is joined


_AS_BEFORE = f"""
WITH sent AS ({{sent}}),
named AS (
    SELECT sent.contact_id, {SHIPMENT_IDS} AS shipment_ids, {LINES} AS lines
      FROM sent
      JOIN customers_contact reader ON reader.id = sent.contact_id
      JOIN ({HEARING}) known ON known.customer_id = reader.customer_id
           AND (known.shipment_id = ANY(sent.shipment_ids)
                OR (known.shipment_id IS NULL AND sent.alone))
      {SHIPMENT}
      {LINE}
     GROUP BY sent.contact_id
)
SELECT sent.contact_id, sent.name, coalesce(contact.language, sent.language) AS language,
       coalesce(contact.time_zone, sent.time_zone) AS time_zone, contact.channel, contact.address,
       {{due}} AS due_by, coalesce(named.shipment_ids, sent.shipment_ids) AS shipment_ids,
       coalesce(named.lines, '[]') AS lines, coalesce(contact.further, '[]') AS further,
       coalesce(contact.passed_over, '') AS passed_over
  FROM sent
  LEFT JOIN ({LADDER}) contact ON contact.contact_id = sent.contact_id
  LEFT JOIN named ON named.contact_id = sent.contact_id
  {{only}}
"""  # noqa: S608 - only our own text is joined


def cleared(told: Told, about: Sequence[str], at: datetime) -> Audience:
    """Exactly those contacts who heard of a shipment that is affected no more, in a message about one of the incidents `about`,
    with those of their shipments: who left the scope, or is unaffected after all. Goods that arrived too late are not among
    them: their all-clear would be untrue, the closing message names them.

    Who has ended since, or has no usable address any more, is in it without an address: unreachable, and counted.
    """
    return Audience(_CLEARED, {**_values(told, at), "heard_about": list(about)}, ladder=True)


NO_LONGER = f"""((known.told_at IS NOT NULL OR known.held_at IS NOT NULL) AND line.effect = 'unaffected' AND NOT (known.gone_at IS NOT NULL AND {ARRIVED_LATE}))"""

_CLEARED = f"""
WITH freed AS (
    SELECT heard.contact_id, heard.name, heard.language, heard.time_zone, {SHIPMENT_IDS} AS shipment_ids, {LINES} AS lines
      FROM ({HEARING}) known
      {SHIPMENT}
      {LINE}
      JOIN customers_contact reader ON reader.customer_id = known.customer_id
      JOIN ({HEARD_OF}) heard ON heard.contact_id = reader.id
           AND coalesce(heard.shipment_id, {NO_SHIPMENT}) = coalesce(known.shipment_id, {NO_SHIPMENT})
     WHERE {NO_LONGER}
     GROUP BY heard.contact_id, heard.name, heard.language, heard.time_zone
)
SELECT freed.contact_id, freed.name, coalesce(contact.language, freed.language) AS language,
       coalesce(contact.time_zone, freed.time_zone) AS time_zone, contact.channel, contact.address,
       %(due_by)s::timestamptz AS due_by, freed.shipment_ids, freed.lines,
       coalesce(contact.further, '[]') AS further, coalesce(contact.passed_over, '') AS passed_over
  FROM freed
  LEFT JOIN ({LADDER}) contact ON contact.contact_id = freed.contact_id
"""  # noqa: S608 - only our own text is joined


def mark_cleared(incident_id: UUID) -> None:
    """Takes back that they were told, of all that is affected no more, also where it reached nobody; run with the plan of an all-clear, in one transaction.

    Should such a shipment be affected again, its customer is told anew, with a clock of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK_CLEARED, {"incident": incident_id})


_MARK_CLEARED = f"""
WITH freed AS (
    SELECT known.id FROM ({MEANT}) known {LINE}
     WHERE {NO_LONGER}
)
UPDATE incidents_affected known SET told_at = NULL, held_at = NULL FROM freed WHERE known.id = freed.id
"""  # noqa: S608 - only our own text is joined


def _values(told: Told, at: datetime) -> dict[str, object]:
    return {
        "incident": told.incident_id,
        "due_by": told.due_by,
        "at_now": at,
        "at_channels": list(told.channels),
        **told.forms,
        **theft_values(),
        "over": told.tells_of_the_end,
        **hearing(told.phase),
    }
