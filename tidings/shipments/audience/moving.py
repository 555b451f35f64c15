"""Lanes, transports, containers, numbers, clients and services: what finds shipments under way within a window, as SQL.

Each gives the columns of a place's part. A house shares its master's reason until it has legs of its own.
"""

from tidings.shipments.audience.fragment import Fragment, Values
from tidings.shipments.audience.narrowing import client_ids, roles_of
from tidings.shipments.audience.places import place_ids
from tidings.shipments.rules import BRACKET, REMEMBERED, Term, number_key

# Not ended before the window, and started near enough to it; `s` is the shipment, `p` its position.
_UNDER_WAY = """
    s.started_on <= %(at_until)s::timestamptz AND s.started_on >= %(at_from)s::timestamptz - %(at_under_way)s
    AND (p.delivered_at IS NULL OR p.delivered_at >= %(at_from)s)
    AND (p.code IS NULL OR p.code <> ALL(%(at_ended)s) OR p.happened_at >= %(at_from)s)"""
_OVERLAPS = """
    l.departs_at < %(at_until)s AND COALESCE(l.arrives_at, l.departs_at + %(at_bracket)s) >= %(at_from)s"""
# Seen since it should have left: it is on board, or was. Without a time nothing more than its being listed is known.
_ON_LEG = """SELECT l.shipment_id,
           CASE WHEN l.departs_at IS NULL THEN 3 WHEN p.happened_at >= l.departs_at THEN 1 ELSE 2 END AS rank,
           {term} AS term, 'leg' AS code, l.departs_at AS happened_at, l.start_id AS place_id
    FROM shipments_leg l
    JOIN shipments_shipment s ON s.id = l.shipment_id
    LEFT JOIN shipments_position p ON p.shipment_id = l.shipment_id
    WHERE {holds} AND {under_way}"""
_WITH_HOUSES = """
    WITH own AS MATERIALIZED (
        SELECT DISTINCT ON (shipment_id) * FROM ({found}) found ORDER BY shipment_id, rank, happened_at
    )
    SELECT shipment_id, rank, '{reason}' AS reason, term, 'planned' AS kind, code, happened_at, place_id, false AS via_master
    FROM own
    UNION ALL
    SELECT s.id, m.rank, '{reason}', m.term, 'planned', m.code, m.happened_at, m.place_id, true
    FROM own m
    JOIN shipments_shipment s ON s.parent_id = m.shipment_id
    LEFT JOIN shipments_position p ON p.shipment_id = s.id
    WHERE NOT EXISTS (SELECT FROM own WHERE own.shipment_id = s.id) AND {under_way} {unless}
"""
_HAS_LEGS = "AND NOT EXISTS (SELECT FROM shipments_leg l WHERE l.shipment_id = s.id)"


def _found(found: str, reason: str, values: Values, unless: str = "") -> Fragment:
    sql = _WITH_HOUSES.format(found=found, reason=reason, under_way=_UNDER_WAY, unless=unless)
    return Fragment(sql, values)


def _only(values: Values, column: str) -> str:
    return "" if values["at_only"] is None else f" AND {column} = ANY(%(at_only)s::uuid[])"


def on_transports(term: Term, values: Values) -> Fragment:
    """On board of a vehicle, voyage, flight or train, on one day of departure (local to where it departs) where that is asked."""
    timed = _ON_DAY if term.day else f"(l.departs_at IS NULL OR {_OVERLAPS})"
    holds = f"l.transport_number = ANY(%(at_numbers)s) AND {timed}{_only(values, 'l.shipment_id')}"
    found = _ON_LEG.format(term="l.transport_number", holds=holds, under_way=_UNDER_WAY)
    more = {"at_numbers": _as_written(term.values), "at_day": term.day, "at_bracket": BRACKET}
    return _found(found, "transport", {**values, **more}, _HAS_LEGS)


_ON_DAY = """l.departs_at >= %(at_day)s::timestamptz - interval '14 hours'
    AND l.departs_at < %(at_day)s::timestamptz + interval '38 hours'
    AND (l.departs_at AT TIME ZONE COALESCE((SELECT time_zone FROM shipments_location WHERE id = l.start_id), 'UTC'))::date
        = %(at_day)s::date"""


def on_lanes(term: Term, values: Values) -> Fragment:
    """On a leg from one of these places to one of those; what has no legs, by its own origin and destination."""
    holds = (
        "l.start_id = ANY(%(at_starts)s) AND l.end_id = ANY(%(at_ends)s)"
        f" AND (l.departs_at IS NULL OR {_OVERLAPS}){_only(values, 'l.shipment_id')}"
    )
    found = _ON_LEG.format(term="%(at_lane)s::text", holds=holds, under_way=_UNDER_WAY)
    found += _FROM_END_TO_END.format(under_way=_UNDER_WAY, has_legs=_HAS_LEGS, only=_only(values, "s.id"))
    more = {
        "at_starts": place_ids(term.values),
        "at_ends": place_ids(term.to),
        "at_lane": f"{', '.join(term.values)} – {', '.join(term.to)}",
        "at_bracket": BRACKET,
    }
    return _found(found, "lane", {**values, **more}, _HAS_LEGS)


_FROM_END_TO_END = """
    UNION ALL
    SELECT s.id, CASE WHEN p.shipment_id IS NULL THEN 2 ELSE 1 END, %(at_lane)s::text,
           'lane', COALESCE(p.happened_at, s.started_on::timestamptz), s.origin_id
    FROM shipments_shipment s
    LEFT JOIN shipments_position p ON p.shipment_id = s.id
    WHERE s.destination_id = ANY(%(at_ends)s) AND s.origin_id = ANY(%(at_starts)s) AND {under_way} {has_legs}{only}"""

# What is named or held, whether it was seen yet or not.
_HELD = """SELECT s.id AS shipment_id, CASE WHEN p.shipment_id IS NULL THEN 2 ELSE 1 END AS rank, {term} AS term,
           COALESCE(p.code, 'booked') AS code, COALESCE(p.happened_at, s.started_on::timestamptz) AS happened_at,
           COALESCE(p.place_id, s.origin_id) AS place_id
    FROM {held}
    LEFT JOIN shipments_position p ON p.shipment_id = s.id
    WHERE {holds}"""


def in_containers(term: Term, values: Values) -> Fragment:
    """In a container or unit, by what the shipment or one of its pieces says."""
    by_number = _HELD.format(
        term="r.value",
        held="shipments_reference r JOIN shipments_shipment s ON s.id = r.shipment_id",
        holds=f"r.key = ANY(%(at_keys)s) AND r.kind IN ('container', 'unit') AND {_UNDER_WAY}{_only(values, 's.id')}",
    )
    by_piece = _HELD.format(
        term="x.container",
        held="shipments_piece x JOIN shipments_shipment s ON s.id = x.shipment_id",
        holds=f"x.container <> '' AND x.container = ANY(%(at_numbers)s) AND {_UNDER_WAY}{_only(values, 's.id')}",
    )
    more = {"at_keys": _keys(term.values), "at_numbers": _as_written(term.values)}
    return _found(f"{by_number} UNION ALL {by_piece}", "container", {**values, **more})


def named(term: Term, values: Values) -> Fragment:
    """By waybill, reference or barcode, whatever became of it: somebody named it. Of a number used again the newest start counts."""
    only = _only(values, "s.id")
    near = "s.started_on <= %(at_until)s::timestamptz AND s.started_on >= %(at_from)s::timestamptz - %(at_remembered)s"
    waybill = _HELD.format(term="s.waybill", held="shipments_shipment s", holds=f"{_NEWEST} AND {near}{only}")
    reference = _HELD.format(
        term="r.value",
        held="shipments_reference r JOIN shipments_shipment s ON s.id = r.shipment_id",
        holds=f"r.key = ANY(%(at_keys)s) AND r.kind <> 'master' AND {near}{only}",
    )
    piece = _HELD.format(
        term="x.barcode",
        held="shipments_piece x JOIN shipments_shipment s ON s.id = x.shipment_id",
        holds=f"x.key = ANY(%(at_keys)s) AND {near}{only}",
    )
    more = {"at_keys": _keys(term.values), "at_remembered": REMEMBERED}
    return _found(f"{waybill} UNION ALL {reference} UNION ALL {piece}", "number", {**values, **more})


_NEWEST = """s.waybill_key = ANY(%(at_keys)s) AND NOT EXISTS (
        SELECT FROM shipments_shipment later
        WHERE later.waybill_key = s.waybill_key AND later.carrier = s.carrier AND later.started_on > s.started_on
          AND later.started_on <= %(at_until)s::timestamptz
    )"""


def of_clients(term: Term, values: Values) -> Fragment:
    """Everything of these customers in these roles that is under way within the window, collected already or not."""
    found = _HELD.format(
        term="c.number",
        held="""shipments_party held JOIN customers_customer c ON c.id = held.customer_id
    JOIN shipments_shipment s ON s.id = held.shipment_id""",
        holds="held.customer_id = ANY(%(at_clients)s::uuid[]) AND held.role = ANY(%(at_roles)s)"
        f" AND {_UNDER_WAY}{_only(values, 's.id')}",
    )
    more = {"at_clients": client_ids(term.values), "at_roles": roles_of(term)}
    return _found(found, "client", {**values, **more})


def by_service(term: Term, values: Values) -> Fragment:
    """Everything sent by these services that is under way within the window, collected already or not."""
    found = _HELD.format(
        term="s.service",
        held="shipments_shipment s",
        holds=f"s.service <> '' AND s.service = ANY(%(at_services)s) AND {_UNDER_WAY}{_only(values, 's.id')}",
    )
    return _found(found, "service", {**values, "at_services": list(term.values)})


def _keys(values: tuple[str, ...]) -> list[str]:
    return sorted({key for value in values if (key := number_key(value))})


def _as_written(values: tuple[str, ...]) -> list[str]:
    """As it may stand in what carriers send: as typed, in capitals, and without separators."""
    return sorted({form for value in values for form in (value, value.upper(), number_key(value)) if form})
