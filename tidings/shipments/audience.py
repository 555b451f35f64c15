"""Which shipments were, are or are planned at a place within a window, why, and whom that concerns: as SQL to build on.

Fragments are SELECTs with their parameters, so that a higher domain freezes, counts or inserts whole sets in one
statement. Nothing is written here, and no row travels through Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tidings.kernel.errors import Missing
from tidings.shipments.models import Location, Shipment
from tidings.shipments.rules import BRACKET, LEAVING, REPLAN, UNDER_WAY


@dataclass(frozen=True, slots=True)
class Fragment:
    """A SELECT and its named parameters; every name begins with `at_`."""

    sql: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """Places by code (a hub, a UN/LOCODE, a country's two letters) and a window; no end means until further notice."""

    places: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None = None


def affected(where: Where, *, only: Sequence[UUID] | None = None) -> Fragment:
    """One row per shipment: `shipment_id, certainty, kind, code, happened_at, place_id, via_master`.

    `certainty` is seen, planned or possible; the surest reason is given, and of equally sure ones the first in time.
    `only` asks for these shipments alone (the feed's question); other houses of their masters may be among what it finds.
    What an actor sees of it is no part of the question: `queries.seen` says that.
    A house shares its master's reason until it has an event of its own. Raises Missing for an unknown place.
    """
    sql = _AFFECTED.format(
        only=_ONLY_EVENTS if only is not None else "",
        shipment_only=_ONLY_SHIPMENTS if only is not None else "",
    )
    return Fragment(
        sql,
        {
            "at_places": place_ids(where.places),
            "at_from": where.starts_at,
            "at_until": where.ends_at or "infinity",
            "at_bracket": BRACKET,
            "at_replan": REPLAN,
            "at_under_way": UNDER_WAY,
            "at_leaving": list(LEAVING),
            "at_only": with_masters(only or ()),
        },
    )


def told(found: Fragment) -> Fragment:
    """Who hears, per shipment: `shipment_id … via_master, customer_id, role`, for any `affected` fragment.

    The account customer decides by its contract (`told`): the client alone, both, or the consignee. Without an
    account customer the shipper and the consignee hear. A consignee that waits for the client's word is not listed.
    """
    return Fragment(_TOLD.format(affected=found.sql), found.params)


def place_ids(codes: Sequence[str]) -> list[int]:
    """The ids of places by code with everything that lies within them; a two-letter code means the whole country."""
    found: list[int] = []
    for code in codes:
        ids = [row.id for row in Location.objects.raw(_WITHIN, {"code": code.strip().upper()})]
        if not ids:
            raise Missing("shipments.no_such_place", place=code)
        found += ids
    return found


_WITHIN = """
    WITH RECURSIVE inside AS (
        SELECT id FROM shipments_location WHERE upper(code) = %(code)s OR country = %(code)s
        UNION
        SELECT l.id FROM shipments_location l JOIN inside ON l.within_id = inside.id
    )
    SELECT id FROM inside
"""


def with_houses(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """The shipments and the houses that they hold: a change of a master is one of each of its houses."""
    houses = Shipment.objects.filter(parent_id__in=shipment_ids).values_list("id", flat=True)
    return list(dict.fromkeys([*shipment_ids, *houses]))


def with_masters(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """The shipments and the masters that hold them: what happens to a master holds for its houses."""
    masters = Shipment.objects.filter(id__in=shipment_ids, parent__isnull=False).values_list(
        "parent_id", flat=True
    )
    return [*shipment_ids, *masters]


_ONLY_EVENTS = "AND e.shipment_id = ANY(%(at_only)s::uuid[])"
_ONLY_SHIPMENTS = "AND s.id = ANY(%(at_only)s::uuid[])"

# The five ways of being there, the withdrawn ones taken out, then the houses of the masters found.
_AFFECTED = """
    WITH withdrawn AS MATERIALIZED (
        SELECT o.shipment_id, o.happened_at, o.kind, o.code, o.place_id
        FROM shipments_event c
        JOIN shipments_event o ON o.happened_at = c.corrects_at AND o.natural_hash = c.corrects_hash
        WHERE c.corrects_hash IS NOT NULL
          AND c.corrects_at >= %(at_from)s::timestamptz - %(at_bracket)s
          AND c.corrects_at < %(at_until)s::timestamptz + %(at_bracket)s
    ), said AS (
        SELECT e.shipment_id, 1 AS rank, e.kind, e.code, e.happened_at, e.place_id
        FROM shipments_event e
        WHERE e.place_id = ANY(%(at_places)s) AND e.kind = 'actual'
          AND e.happened_at >= %(at_from)s AND e.happened_at < %(at_until)s {only}
        UNION ALL
        SELECT e.shipment_id, 1, e.kind, e.code, e.happened_at, e.place_id
        FROM shipments_event e
        WHERE e.place_id = ANY(%(at_places)s) AND e.kind = 'actual' AND e.code <> ALL(%(at_leaving)s)
          AND e.happened_at >= %(at_from)s::timestamptz - %(at_bracket)s AND e.happened_at < %(at_from)s {only}
          AND EXISTS (
            SELECT FROM shipments_event n
            WHERE n.place_id = e.place_id AND n.kind = 'actual' AND n.shipment_id = e.shipment_id
              AND n.happened_at >= %(at_until)s
              AND n.happened_at < %(at_until)s::timestamptz + %(at_bracket)s
          )
        UNION ALL
        SELECT e.shipment_id, 2, e.kind, e.code, e.happened_at, e.place_id
        FROM shipments_event e
        WHERE e.place_id = ANY(%(at_places)s) AND e.kind IN ('planned', 'estimated')
          AND e.happened_at >= %(at_from)s AND e.happened_at < %(at_until)s {only}
          AND NOT EXISTS (
            SELECT FROM shipments_event n
            WHERE n.shipment_id = e.shipment_id AND n.place_id = e.place_id AND n.code = e.code
              AND n.happened_at >= %(at_from)s::timestamptz - %(at_replan)s
              AND n.happened_at < %(at_until)s::timestamptz + %(at_replan)s
              AND (n.happened_at < %(at_from)s OR n.happened_at >= %(at_until)s)
              AND (n.kind = 'actual' OR COALESCE(n.recorded_at, n.received_at)
                                        > COALESCE(e.recorded_at, e.received_at))
          )
    ), reasons AS (
        SELECT * FROM said
        WHERE NOT EXISTS (
            SELECT FROM withdrawn w
            WHERE w.shipment_id = said.shipment_id AND w.happened_at = said.happened_at
              AND w.kind = said.kind AND w.code = said.code AND w.place_id = said.place_id
        )
        UNION ALL
        SELECT p.shipment_id, 1, 'actual', p.code, p.happened_at, p.place_id
        FROM shipments_position p
        JOIN shipments_shipment s ON s.id = p.shipment_id
        WHERE p.place_id = ANY(%(at_places)s) AND p.delivered_at IS NULL AND p.code <> ALL(%(at_leaving)s)
          AND p.happened_at < %(at_from)s
          AND p.happened_at >= %(at_from)s::timestamptz - %(at_under_way)s {shipment_only}
        UNION ALL
        SELECT s.id, 3, 'estimated', 'destination', COALESCE(s.estimated_at, s.promised_at), s.destination_id
        FROM shipments_shipment s
        LEFT JOIN shipments_position p ON p.shipment_id = s.id
        WHERE s.destination_id = ANY(%(at_places)s) AND p.delivered_at IS NULL
          AND s.started_on <= %(at_until)s::timestamptz
          AND s.started_on >= %(at_from)s::timestamptz - %(at_under_way)s
          AND COALESCE(s.estimated_at, s.promised_at, %(at_from)s::timestamptz) >= %(at_from)s
          AND COALESCE(s.estimated_at, s.promised_at, %(at_from)s::timestamptz) < %(at_until)s
          {shipment_only}
    ), own AS (
        SELECT DISTINCT ON (shipment_id) * FROM reasons ORDER BY shipment_id, rank, happened_at
    ), whole AS (
        SELECT *, false AS via_master FROM own
        UNION ALL
        SELECT s.id, m.rank, m.kind, m.code, m.happened_at, m.place_id, true
        FROM own m
        JOIN shipments_shipment s ON s.parent_id = m.shipment_id
        WHERE NOT EXISTS (SELECT FROM own WHERE own.shipment_id = s.id)
          AND NOT EXISTS (
            SELECT FROM shipments_event e
            WHERE e.shipment_id = s.id AND e.kind = 'actual'
              AND e.happened_at >= m.happened_at AND e.happened_at < %(at_until)s
          )
    )
    SELECT w.shipment_id, (ARRAY['seen', 'planned', 'possible'])[w.rank] AS certainty,
           w.kind, w.code, w.happened_at, w.place_id, w.via_master
    FROM whole w
"""

_TOLD = """
    WITH affected AS MATERIALIZED ({affected}), account AS (
        SELECT p.shipment_id, min(c.told) AS told
        FROM affected a
        JOIN shipments_party p ON p.shipment_id = a.shipment_id AND p.role = 'account'
        JOIN customers_customer c ON c.id = p.customer_id
        GROUP BY p.shipment_id
    )
    SELECT a.*, p.customer_id, p.role
    FROM affected a
    JOIN shipments_party p ON p.shipment_id = a.shipment_id
    LEFT JOIN account ON account.shipment_id = a.shipment_id
    WHERE CASE
        WHEN account.told IS NULL THEN p.role IN ('shipper', 'consignee')
        WHEN p.role = 'account' THEN account.told <> 'consignee'
        WHEN p.role = 'consignee' THEN account.told IN ('both', 'consignee')
        ELSE false
    END
"""
