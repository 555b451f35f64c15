"""Writing down who is affected, as one set, and counting and listing what was written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.asked import NOBODY, asked
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.incidents.sql.meaning import MEANT
from tidings.shipments import audience
from tidings.shipments.audience import Family, Fragment
from tidings.shipments.queries.seen import CLIENTS
from tidings.shipments.rules import LEAVING, TermKind

WHYS: dict[str, rules.Why] = {
    TermKind.LANE: rules.Why.ON_THE_LANE,
    TermKind.TRANSPORT: rules.Why.ON_THE_TRANSPORT,
    TermKind.CONTAINER: rules.Why.IN_THE_CONTAINER,
    TermKind.NUMBER: rules.Why.NAMED,
    TermKind.CLIENT: rules.Why.OF_THE_CLIENT,
    TermKind.SERVICE: rules.Why.BY_THE_SERVICE,
    "hand": rules.Why.ADDED_BY_HAND,
}
"""Why a shipment is in, by the kind of term that found it; of a place the certainty says it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: how many are affected now, and how many shipments came or went since it was last asked; beside them
    the customers who are in without one.
    """

    shipments: int
    customers: int
    came: int
    went: int
    customers_came: int = 0
    customers_went: int = 0

    @property
    def changed(self) -> bool:
        """Whether anybody came or went."""
        return bool(self.came or self.went or self.customers_came or self.customers_went)


def write_affected(
    incident_id: UUID,
    question: rules.Question,
    *,
    at: datetime,
    since: datetime | None,
    only: Sequence[UUID] | Family | None = None,
    counted: bool = True,
) -> Found:
    """Writes down whom the question finds, marks who left, and counts. `only` asks for these shipments and their houses;
    without `counted` only who came and went is counted, for many incidents at a time.

    `since` is the moment from which the clock of everyone found counts; None takes for each the arrival of the event that
    put it in (a house with its master: the master's), as it must be once the question was asked before. Raises Missing("shipments.no_such_place").
    """
    family = only if only is None or isinstance(only, Family) else audience.family_of(only)
    found = asked(incident_id, question, family)
    who = audience.told(Fragment("SELECT * FROM asked", {}))
    statement = _WRITE.format(
        asked=found.sql,
        told=who.sql,
        clients=CLIENTS.format(found="asked"),
        found_only="" if family is None else "WHERE asked.shipment_id = ANY(%(only)s::uuid[])",
        known_only="" if family is None else "AND known.shipment_id = ANY(%(only)s::uuid[])",
        arrived=_ARRIVED,
        nobody=NOBODY,
    )
    values = {
        **found.params,
        "incident": incident_id,
        "at": at,
        "since": since,
        "leaving": list(LEAVING),
        "whys": json.dumps(WHYS),
        "only": family.members if family else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        came, went = cursor.fetchone()
    shipments, customers = affected_size(incident_id) if counted else (0, 0)
    return Found(shipments, customers, came, went)


def affected_size(incident_id: UUID) -> tuple[int, int]:
    """How many shipments are affected now, and how many customers of theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"incident": incident_id})
        shipments, customers = cursor.fetchone()
    return int(shipments), int(customers)


# One statement: a second question in between would count somebody as gone who had just come. How the two sides are compared:
# see NOBODY.
_WRITE = """
WITH asked AS MATERIALIZED ({asked}),
told AS (
    SELECT shipment_id, customer_id, array_agg(DISTINCT role) AS roles, min(clients) AS clients FROM ({told}) each_role GROUP BY 1, 2
),
clients AS ({clients}),
found AS MATERIALIZED (
    SELECT asked.shipment_id, told.customer_id, coalesce(told.roles, ARRAY[]::text[]) AS roles,
           coalesce(told.clients, ARRAY[]::uuid[]) AS clients, asked.certainty,
           asked.happened_at, coalesce(asked.term, '') AS term,
           array_remove(array_append(clients.units, shipment.unit_id), NULL) AS units,
           CASE WHEN asked.via_master THEN 'with_its_master'
                WHEN asked.reason IN ('client', 'service') AND asked.certainty = 'planned' THEN 'not_collected_yet'
                WHEN asked.reason <> 'place' THEN %(whys)s::jsonb ->> asked.reason
                WHEN asked.certainty = 'planned' THEN 'expected_there'
                WHEN asked.certainty = 'possible' THEN 'may_come_there'
                WHEN seen.place_id = asked.place_id AND seen.delivered_at IS NULL
                     AND seen.code <> ALL(%(leaving)s) THEN 'there_now'
                ELSE 'was_there' END AS why,
           CASE WHEN asked.via_master THEN shipment.parent_id ELSE asked.shipment_id END AS put_in_by
      FROM asked
      JOIN shipments_shipment shipment ON shipment.id = asked.shipment_id
      LEFT JOIN told ON told.shipment_id = asked.shipment_id
      LEFT JOIN clients ON clients.shipment_id = asked.shipment_id
      LEFT JOIN shipments_position seen ON seen.shipment_id = asked.shipment_id
     {found_only}
),
compared AS MATERIALIZED (
    SELECT found.*, known.id AS known_id,
           (known.why, known.term, known.certainty, known.seen_at, known.roles, known.clients, known.units) IS DISTINCT FROM
           (found.why, found.term, found.certainty, found.happened_at, found.roles, found.clients, found.units) AS differs
      FROM found
      FULL JOIN (
          SELECT * FROM incidents_affected known
           WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL AND known.shipment_id IS NOT NULL {known_only}
      ) known ON known.shipment_id = found.shipment_id
             AND coalesce(known.customer_id, {nobody}) = coalesce(found.customer_id, {nobody})
),
gone AS (
    UPDATE incidents_affected AS known SET gone_at = %(at)s
      FROM compared WHERE known.id = compared.known_id AND compared.shipment_id IS NULL
    RETURNING known.shipment_id
),
written AS (
    INSERT INTO incidents_affected AS known
           (incident_id, shipment_id, customer_id, roles, clients, units, why, term, certainty, seen_at, since, found_at)
    SELECT %(incident)s, shipment_id, customer_id, roles, clients, units, why, term, certainty, happened_at,
           CASE WHEN known_id IS NULL THEN coalesce(%(since)s::timestamptz, ({arrived}), %(at)s) ELSE %(at)s END, %(at)s
      FROM compared WHERE shipment_id IS NOT NULL AND (known_id IS NULL OR differs)
    ON CONFLICT (incident_id, shipment_id, customer_id) DO UPDATE
       SET why = EXCLUDED.why, term = EXCLUDED.term, certainty = EXCLUDED.certainty, seen_at = EXCLUDED.seen_at,
           roles = EXCLUDED.roles, clients = EXCLUDED.clients, units = EXCLUDED.units, gone_at = NULL,
           since = CASE WHEN known.gone_at IS NULL THEN known.since ELSE EXCLUDED.since END,
           found_at = CASE WHEN known.gone_at IS NULL THEN known.found_at ELSE EXCLUDED.found_at END
    RETURNING known.shipment_id, known.found_at
)
SELECT (SELECT count(DISTINCT shipment_id) FROM written WHERE found_at = %(at)s),
       (SELECT count(DISTINCT shipment_id) FROM gone)
"""
# Asked of those alone who come in: of everyone found it would be a look-up for each of 100,000 that stay as they are.
_ARRIVED = """
    SELECT min(event.received_at) FROM shipments_event event
     WHERE event.shipment_id = compared.put_in_by AND event.happened_at = compared.happened_at
"""

_COUNT = """
SELECT count(DISTINCT shipment_id), count(DISTINCT customer_id)
  FROM incidents_affected WHERE incident_id = %(incident)s AND gone_at IS NULL AND shipment_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class News:
    """Shipments whose customers the messages so far do not fit: `untold` came in and were not told, `left` were told and left.
    The same of customers who are, or were, in without a shipment.
    """

    untold: int
    left: int
    untold_customers: int = 0
    left_customers: int = 0


def news(incident_id: UUID, units: frozenset[UUID] | None, at: datetime) -> News:
    """How many came in untold and left told, as far as `units` see. Who hears later by a contract is not untold before."""
    values: dict[str, Any] = {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
    }
    values |= {"at_now": at, **hearing(rules.Phase.FIRST_NOTICE)}
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, values)
        return News(*cursor.fetchone())


_NEWS = f"""
SELECT count(DISTINCT shipment_id) FILTER (WHERE gone_at IS NULL AND told_at IS NULL AND {HEARS}),
       count(DISTINCT shipment_id) FILTER (WHERE gone_at IS NOT NULL AND told_at IS NOT NULL),
       count(*) FILTER (WHERE shipment_id IS NULL AND gone_at IS NULL AND told_at IS NULL),
       count(*) FILTER (WHERE shipment_id IS NULL AND gone_at IS NOT NULL AND told_at IS NOT NULL)
  FROM ({HEARING}) known
 WHERE customer_id IS NOT NULL AND (%(all)s OR units && %(units)s::uuid[])
"""  # noqa: S608 - only our own text is joined


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many are affected for one reason with one effect."""

    why: str
    certainty: str
    shipments: int
    customers: int
    effect: str
    from_at: datetime | None
    until_at: datetime | None


def counts_by_reason(incident_id: UUID, units: frozenset[UUID] | None) -> list[ReasonCount]:
    """Affected shipments and customers per reason and effect, within what `units` see."""
    values: dict[str, Any] = {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS_BY_REASON, values)
        return [ReasonCount(*row) for row in cursor.fetchall()]


_COUNTS_BY_REASON = f"""
SELECT why, certainty, count(DISTINCT shipment_id), count(DISTINCT customer_id), effect, from_at, until_at
  FROM ({MEANT}) known
 WHERE gone_at IS NULL AND (%(all)s OR units && %(units)s::uuid[])
 GROUP BY why, certainty, effect, from_at, until_at ORDER BY 3 DESC, why, effect
"""  # noqa: S608 - only our own text is joined
