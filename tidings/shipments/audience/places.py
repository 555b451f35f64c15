"""Who was, is or is planned at a place within a window: a place's part of the question, as SQL."""

from collections.abc import Sequence

from tidings.kernel.errors import Missing
from tidings.shipments.audience.fragment import Fragment, Values
from tidings.shipments.models import Location
from tidings.shipments.rules import BRACKET, LEAVING, REPLAN, Term


def at_places(term: Term, values: Values) -> Fragment:
    """Everything seen there, planned there or bound for it. A house shares its master's reason until it has an event of its own."""
    narrowed = values["at_only"] is not None
    sql = _AT_A_PLACE.format(
        only=_ONLY_EVENTS if narrowed else "", shipment_only=_ONLY_SHIPMENTS if narrowed else ""
    )
    more = {
        "at_places": place_ids(term.values),
        "at_bracket": BRACKET,
        "at_replan": REPLAN,
        "at_leaving": list(LEAVING),
    }
    return Fragment(sql, {**values, **more})


def place_ids(codes: Sequence[str]) -> list[int]:
    """The ids of places by code with everything that lies within them; a two-letter code means the whole country.

    Raises Missing("shipments.no_such_place") for a code that nothing bears.
    """
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

_ONLY_EVENTS = "AND e.shipment_id = ANY(%(at_only)s::uuid[])"
_ONLY_SHIPMENTS = "AND s.id = ANY(%(at_only)s::uuid[])"

# What replaces a plan (`n`) is named with place and kind, though both follow: the index by place then gives it, where the
# planner read all the ten million events of a month to compare (10 s instead of 1; tried 2026-11 with 30 million).
# The five ways of being there, the withdrawn ones taken out (what only takes one back was never there itself), then the
# houses of the masters found.
_AT_A_PLACE = """
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
        WHERE e.place_id = ANY(%(at_places)s) AND e.kind = 'actual' AND e.code <> 'void'
          AND e.happened_at >= %(at_from)s AND e.happened_at < %(at_until)s {only}
        UNION ALL
        SELECT e.shipment_id, 1, e.kind, e.code, e.happened_at, e.place_id
        FROM shipments_event e
        WHERE e.place_id = ANY(%(at_places)s) AND e.kind = 'actual' AND e.code <> 'void' AND e.code <> ALL(%(at_leaving)s)
          AND e.happened_at >= %(at_from)s::timestamptz - %(at_bracket)s AND e.happened_at < %(at_from)s {only}
          AND EXISTS (
            SELECT FROM shipments_event n
            WHERE n.place_id = e.place_id AND n.place_id = ANY(%(at_places)s) AND n.kind = 'actual' AND n.code <> 'void'
              AND n.shipment_id = e.shipment_id AND n.happened_at >= %(at_until)s
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
              AND n.place_id = ANY(%(at_places)s) AND n.kind IN ('planned', 'estimated', 'actual')
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
        WHERE s.destination_id = ANY(%(at_places)s)
          AND NOT EXISTS (SELECT FROM shipments_position p WHERE p.shipment_id = s.id AND p.delivered_at IS NOT NULL)
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
    SELECT w.shipment_id, w.rank, 'place' AS reason, there.code AS term, w.kind, w.code, w.happened_at, w.place_id,
           w.via_master
    FROM whole w
    JOIN shipments_location there ON there.id = w.place_id
"""
