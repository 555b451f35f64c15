"""The question of an incident with people's own additions and removals, and what putting it would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.incidents.sql.without_shipment import customers_asked
from tidings.shipments import audience
from tidings.shipments.audience import Family, Fragment

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
"""Stands for an empty customer where what stood and what was found are compared. That is done by a FULL JOIN, which takes
equality only, and hashes or sorts whatever the planner believes: of an incident that nobody has counted yet it believes in one
row, and went through everything found once for each of 10,000 (30 s instead of 0.6; tried 2026-11)."""


def asked(incident_id: UUID, question: rules.Question, only: Family | None = None) -> Fragment:
    """What the question finds, without what people took out, with what they added (reason `hand`, `term` the person's words).

    A master's addition or removal holds for its houses until a house has its own. Shaped as `audience.asked`.
    """
    found = audience.asked(question.groups, only=only)
    narrowed = "" if only is None else "AND held.shipment_id = ANY(%(at_hand_only)s::uuid[])"
    params = {**found.params, "at_hand_incident": incident_id, "at_hand_only": only.members if only else None}
    return Fragment(_ASKED.format(found=found.sql, narrowed=narrowed), params)


_ASKED = """
    WITH picked AS MATERIALIZED (
        SELECT * FROM (
            SELECT DISTINCT ON (shipment_id) shipment_id, verdict, reason, at
            FROM incidents_handpick WHERE incident_id = %(at_hand_incident)s AND shipment_id IS NOT NULL ORDER BY shipment_id, at DESC, id DESC
        ) newest WHERE verdict <> ''
    ), held AS MATERIALIZED (
        SELECT shipment_id, verdict, reason, at FROM picked
        UNION ALL
        SELECT house.id, picked.verdict, picked.reason, picked.at
        FROM picked JOIN shipments_shipment house ON house.parent_id = picked.shipment_id
        WHERE NOT EXISTS (SELECT FROM picked own WHERE own.shipment_id = house.id)
    ), question AS MATERIALIZED ({found})
    SELECT * FROM question
    WHERE NOT EXISTS (SELECT FROM held WHERE held.shipment_id = question.shipment_id AND held.verdict = 'out')
    UNION ALL
    SELECT held.shipment_id, CASE WHEN p.shipment_id IS NULL THEN 'planned' ELSE 'seen' END, 'hand', held.reason,
           'actual', 'hand', held.at, COALESCE(p.place_id, s.destination_id), false
    FROM held
    JOIN shipments_shipment s ON s.id = held.shipment_id
    LEFT JOIN shipments_position p ON p.shipment_id = held.shipment_id
    WHERE held.verdict = 'in' {narrowed}
      AND NOT EXISTS (SELECT FROM question WHERE question.shipment_id = held.shipment_id)
"""


@dataclass(frozen=True, slots=True)
class Sure:
    """How many shipments and customers a question finds with one certainty; a customer may be in several."""

    certainty: str
    shipments: int
    customers: int


@dataclass(frozen=True, slots=True)
class Change:
    """What putting a question would change: how many it finds, and how many shipments and customers come, go, and go who were told.
    `alone` are the customers whom it finds without a shipment, and came and went likewise.
    """

    sure: tuple[Sure, ...]
    shipments: int
    customers: int
    came: int
    went: int
    came_customers: int
    went_customers: int
    told_went: int
    before: int
    alone: int
    alone_came: int
    alone_went: int


def change_by(incident_id: UUID, question: rules.Question, only: Sequence[UUID] | None = None) -> Change:
    """Works out what `write_affected` and `write_customers` would change, and writes nothing; with `only` the first alone. `before`
    counts the customers affected now.
    """
    family = None if only is None else audience.family_of(only)
    found = asked(incident_id, question, family)
    who = audience.told(Fragment("SELECT * FROM asked", {}))
    alone = customers_asked(incident_id, question if only is None else rules.Question(()))
    statement = _CHANGE.format(
        alone=alone.sql,
        known_alone="" if only is None else "AND false",
        asked=found.sql,
        told=who.sql,
        found_only="" if family is None else "WHERE asked.shipment_id = ANY(%(only)s::uuid[])",
        known_only="" if family is None else "AND shipment_id = ANY(%(only)s::uuid[])",
        nobody=NOBODY,
    )
    with connection.cursor() as cursor:
        values = {"incident": incident_id, "only": family.members if family else None}
        cursor.execute(statement, {**found.params, **alone.params, **values})
        sure, *figures = cursor.fetchone()
    return Change(tuple(Sure(*one) for one in sure or ()), *figures)


_CHANGE = """
WITH asked AS MATERIALIZED ({asked}),
told AS (SELECT DISTINCT shipment_id, customer_id FROM ({told}) each_role),
found AS MATERIALIZED (
    SELECT asked.shipment_id, asked.certainty, told.customer_id
      FROM asked LEFT JOIN told ON told.shipment_id = asked.shipment_id {found_only}
),
known AS (
    SELECT shipment_id, customer_id, told_at FROM incidents_affected
     WHERE incident_id = %(incident)s AND gone_at IS NULL AND shipment_id IS NOT NULL {known_only}
),
compared AS MATERIALIZED (
    SELECT found.shipment_id AS found_id, known.shipment_id AS known_id, known.told_at,
           coalesce(found.customer_id, known.customer_id) AS customer_id
      FROM found FULL JOIN known ON known.shipment_id = found.shipment_id
           AND coalesce(known.customer_id, {nobody}) = coalesce(found.customer_id, {nobody})
),
sure AS (
    SELECT certainty, count(DISTINCT shipment_id) AS shipments, count(DISTINCT customer_id) AS customers
      FROM found GROUP BY certainty
),
came AS (SELECT found_id AS shipment_id, customer_id FROM compared WHERE known_id IS NULL),
went AS (SELECT known_id AS shipment_id, customer_id, told_at FROM compared WHERE found_id IS NULL),
alone AS MATERIALIZED (SELECT customer_id FROM ({alone}) asked_alone),
was_alone AS MATERIALIZED (
    SELECT customer_id, told_at FROM incidents_affected
     WHERE incident_id = %(incident)s AND gone_at IS NULL AND shipment_id IS NULL {known_alone}
),
went_alone AS (SELECT * FROM was_alone WHERE NOT EXISTS (SELECT FROM alone WHERE alone.customer_id = was_alone.customer_id))
SELECT (SELECT json_agg(json_build_array(certainty, shipments, customers)
                        ORDER BY array_position(ARRAY['seen', 'planned', 'possible'], certainty)) FROM sure),
       (SELECT count(DISTINCT shipment_id) FROM found), (SELECT count(DISTINCT customer_id) FROM found),
       (SELECT count(DISTINCT shipment_id) FROM came), (SELECT count(DISTINCT shipment_id) FROM went),
       (SELECT count(DISTINCT customer_id) FROM came), (SELECT count(DISTINCT customer_id) FROM went),
       (SELECT count(DISTINCT customer_id) FROM (
           SELECT customer_id FROM went WHERE told_at IS NOT NULL
           UNION ALL SELECT customer_id FROM went_alone WHERE told_at IS NOT NULL) told_went),
       (SELECT count(DISTINCT customer_id) FROM incidents_affected WHERE incident_id = %(incident)s AND gone_at IS NULL),
       (SELECT count(*) FROM alone WHERE customer_id NOT IN (SELECT customer_id FROM found WHERE customer_id IS NOT NULL)),
       (SELECT count(*) FROM alone WHERE NOT EXISTS (SELECT FROM was_alone WHERE was_alone.customer_id = alone.customer_id)),
       (SELECT count(*) FROM went_alone)
"""


def changed_since(incident_id: UUID, since: datetime) -> tuple[int, int, int, int]:
    """How many customers came and went since then, how many of those who went were told, and how many are affected now."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SINCE, {"incident": incident_id, "since": since})
        came, went, told_went, now = cursor.fetchone()
    return came, went, told_went, now


_CHANGED_SINCE = """
SELECT count(DISTINCT customer_id) FILTER (WHERE gone_at IS NULL AND found_at > %(since)s),
       count(DISTINCT customer_id) FILTER (WHERE gone_at > %(since)s),
       count(DISTINCT customer_id) FILTER (WHERE gone_at > %(since)s AND told_at IS NOT NULL),
       count(DISTINCT customer_id) FILTER (WHERE gone_at IS NULL)
  FROM incidents_affected WHERE incident_id = %(incident)s
"""


def untold_since(incident_id: UUID, at: datetime) -> datetime | None:
    """When the first of those came in who have a contact, hear by `at` and were not told yet; None where everybody was."""
    values: dict[str, Any] = {"incident": incident_id, "at_now": at, **hearing(rules.Phase.FIRST_NOTICE)}
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD_SINCE, values)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


_UNTOLD_SINCE = f"""
SELECT min(known.found_at) FROM ({HEARING}) known
 WHERE gone_at IS NULL AND told_at IS NULL AND effect <> 'unaffected' AND {HEARS}
   AND customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)
"""  # noqa: S608 - only our own text is joined
