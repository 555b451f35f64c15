"""Who missed the first notice and can be reached now: they are owed it again, with the newest facts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.incidents import rules
from tidings.messaging.queries import TRIED_ABOUT, sent_channels


def owe_again(incident_id: UUID, number: str, at: datetime) -> int:
    """Takes back that they were told, of customers whom no first notice reached by any contact, and of whom one can be reached now:
    by an address that was not tried, or since a later message came through. How many customers.

    Who heard the end has nothing to hear before it. A first notice that goes again is newer than that message, and has tried that
    address: nobody is owed it in a circle.
    """
    values: dict[str, Any] = {
        "incident": incident_id,
        "about": number,
        "told_phases": [phase.value for phase in rules.TOLD_PHASES],
        "at_now": at,
        "at_channels": sent_channels(),
        **ANY_TEXT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE_AGAIN, values)
        return int(cursor.fetchone()[0])


_OWE_AGAIN = f"""
WITH unreached AS MATERIALIZED (
    SELECT DISTINCT knows.customer_id FROM ({TRIED_ABOUT}) every JOIN customers_contact knows ON knows.id = every.contact_id
     WHERE every.phase = '{rules.Phase.FIRST_NOTICE}' AND every.state = 'unreachable'
), tried AS MATERIALIZED (
    SELECT every.*, unreached.customer_id FROM unreached
      JOIN customers_contact knows ON knows.customer_id = unreached.customer_id
      JOIN ({TRIED_ABOUT}) every ON every.contact_id = knows.id
), missed AS MATERIALIZED (
    SELECT customer_id, max(message_id::text) FILTER (WHERE phase = '{rules.Phase.FIRST_NOTICE}') AS last_first FROM tried
     GROUP BY customer_id
    HAVING bool_or(phase = '{rules.Phase.FIRST_NOTICE}') AND NOT bool_or(has_it AND phase IN ('{rules.Phase.FIRST_NOTICE}', '{rules.Phase.CLOSING}'))
), reachable AS (
    SELECT missed.customer_id FROM missed
     WHERE EXISTS (SELECT FROM tried WHERE tried.customer_id = missed.customer_id AND tried.has_it
                      AND tried.message_id::text > missed.last_first)
        OR EXISTS (SELECT FROM ({LADDER}) ladder
                    WHERE ladder.customer_id = missed.customer_id AND ladder.channel IS NOT NULL AND NOT EXISTS (
                          SELECT FROM tried WHERE tried.contact_id = ladder.contact_id
                             AND ((tried.channel = ladder.channel AND tried.address = ladder.address)
                                  OR tried.earlier @> jsonb_build_array(jsonb_build_object(
                                     'channel', ladder.channel, 'address', ladder.address)))))
), owed AS (
    UPDATE incidents_affected known SET told_at = NULL
      FROM reachable
     WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL AND known.told_at IS NOT NULL
       AND known.customer_id = reachable.customer_id
    RETURNING known.customer_id
)
SELECT count(DISTINCT customer_id) FROM owed
"""  # noqa: S608 - only our own text is joined
