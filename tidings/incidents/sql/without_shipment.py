"""Customers who are affected though no goods of theirs need be moving: asking for them, and writing them down.

Their lines stand beside those of shipments, in statements of their own: the changes of shipments that are followed every few
seconds do not touch them.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.shipments import audience
from tidings.shipments.audience import Fragment
from tidings.shipments.rules import TermKind

WHYS: dict[str, rules.Why] = {
    TermKind.USERS: rules.Why.USES_THE_SERVICE,
    TermKind.PICKUPS: rules.Why.HAS_A_PICKUP,
    "hand": rules.Why.ADDED_WITHOUT_SHIPMENT,
}


def customers_asked(incident_id: UUID, question: rules.Question) -> Fragment:
    """Whom the question finds without asking for shipments, without those whom people took out, with those whom they added
    (reason `hand`, `term` the person's words). Shaped as `audience.customers_asked`.
    """
    found = audience.customers_asked(question.groups) or Fragment(_NOBODY, {})
    return Fragment(_ASKED.format(found=found.sql), {**found.params, "at_hand_incident": incident_id})


_NOBODY = "SELECT NULL::uuid AS customer_id, ''::text AS certainty, ''::text AS reason, ''::text AS term WHERE false"

_ASKED = """
    WITH picked AS MATERIALIZED (
        SELECT * FROM (
            SELECT DISTINCT ON (customer_id) customer_id, verdict, reason FROM incidents_handpick
            WHERE incident_id = %(at_hand_incident)s AND customer_id IS NOT NULL ORDER BY customer_id, at DESC, id DESC
        ) newest WHERE verdict <> ''
    ), question AS MATERIALIZED ({found})
    SELECT customer_id, certainty, reason, term FROM question
    WHERE NOT EXISTS (SELECT FROM picked WHERE picked.customer_id = question.customer_id AND picked.verdict = 'out')
    UNION ALL
    SELECT customer_id, 'planned', 'hand', reason FROM picked
    WHERE verdict = 'in' AND NOT EXISTS (SELECT FROM question WHERE question.customer_id = picked.customer_id)
"""


def write_customers(
    incident_id: UUID, question: rules.Question, *, at: datetime, since: datetime | None
) -> tuple[int, int]:
    """Writes down whom the question finds and marks who left; how many came and went. `since` is the moment from which the
    clock of everyone found counts; None takes `at`. Raises what `audience.customers_asked` raises.
    """
    found = customers_asked(incident_id, question)
    values: dict[str, Any] = {
        **found.params,
        "incident": incident_id,
        "at": at,
        "since": since or at,
        "whys": json.dumps(WHYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(asked=found.sql), values)
        came, went = cursor.fetchone()
    return int(came), int(went)


# Only who has a contract is told what the account customer of a shipment may hear.
_WRITE = """
WITH found AS MATERIALIZED (
    SELECT asked.customer_id, asked.certainty, asked.term, %(whys)s::jsonb ->> asked.reason AS why,
           CASE WHEN customer.kind = 'contract' THEN ARRAY['account'] ELSE ARRAY[]::text[] END AS roles,
           array_remove(ARRAY[customer.unit_id], NULL) AS units
      FROM ({asked}) asked
      JOIN customers_customer customer ON customer.id = asked.customer_id
),
gone AS (
    UPDATE incidents_affected AS known SET gone_at = %(at)s
     WHERE known.incident_id = %(incident)s AND known.shipment_id IS NULL AND known.gone_at IS NULL
       AND NOT EXISTS (SELECT FROM found WHERE found.customer_id = known.customer_id)
    RETURNING known.customer_id
),
written AS (
    INSERT INTO incidents_affected AS known
           (incident_id, customer_id, roles, units, why, term, certainty, since, found_at)
    SELECT %(incident)s, customer_id, roles, units, why, term, certainty, %(since)s, %(at)s FROM found
    ON CONFLICT (incident_id, customer_id) WHERE shipment_id IS NULL DO UPDATE
       SET why = EXCLUDED.why, term = EXCLUDED.term, certainty = EXCLUDED.certainty,
           roles = EXCLUDED.roles, units = EXCLUDED.units, gone_at = NULL,
           since = CASE WHEN known.gone_at IS NULL THEN known.since ELSE EXCLUDED.since END,
           found_at = CASE WHEN known.gone_at IS NULL THEN known.found_at ELSE EXCLUDED.found_at END
     WHERE known.gone_at IS NOT NULL
        OR (known.why, known.term, known.certainty, known.roles, known.units)
           IS DISTINCT FROM (EXCLUDED.why, EXCLUDED.term, EXCLUDED.certainty, EXCLUDED.roles, EXCLUDED.units)
    RETURNING known.found_at
)
SELECT (SELECT count(*) FROM written WHERE found_at = %(at)s), (SELECT count(*) FROM gone)
"""


def without_shipment(incident_id: UUID, units: frozenset[UUID] | None = None) -> int:
    """How many customers are affected of whom no shipment is, as far as `units` see (None: everybody)."""
    values: dict[str, Any] = {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT, values)
        return int(cursor.fetchone()[0])


_WITHOUT = """
SELECT count(*) FROM incidents_affected alone
 WHERE alone.incident_id = %(incident)s AND alone.shipment_id IS NULL AND alone.gone_at IS NULL
   AND (%(all)s OR alone.units && %(units)s::uuid[])
   AND NOT EXISTS (SELECT FROM incidents_affected known
                    WHERE known.incident_id = alone.incident_id AND known.customer_id = alone.customer_id
                      AND known.shipment_id IS NOT NULL AND known.gone_at IS NULL)
"""
