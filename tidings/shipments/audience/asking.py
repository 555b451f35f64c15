"""The question itself: terms joined by and within a group, groups by or, as one SELECT."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.kernel.clock import now
from tidings.shipments.audience.families import Family, with_masters
from tidings.shipments.audience.fragment import Fragment, Values
from tidings.shipments.audience.moving import (
    by_service,
    in_containers,
    named,
    of_clients,
    on_lanes,
    on_transports,
)
from tidings.shipments.audience.narrowing import narrowed_by
from tidings.shipments.audience.places import at_places
from tidings.shipments.rules import ENDED, HORIZON, UNDER_WAY, Group, Term, TermKind, finds_customers


@dataclass(frozen=True, slots=True)
class Where:
    """Places by code (a hub, a UN/LOCODE, a country's two letters) and a window; no end means until further notice."""

    places: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None = None


def affected(where: Where, *, only: Sequence[UUID] | None = None) -> Fragment:
    """The question with places alone: see `asked`."""
    return asked([Group((Term(TermKind.PLACE, where.places),), where.starts_at, where.ends_at)], only=only)


def asked(groups: Sequence[Group], *, only: Sequence[UUID] | Family | None = None) -> Fragment:
    """One row per shipment: `shipment_id, certainty, reason, term, kind, code, happened_at, place_id, via_master`.

    `certainty` is seen, planned or possible; the surest reason is given, and of equally sure ones the first in time. Of a group
    it is that of its least sure term. `reason` is the kind of term, `term` its value that was met. `only` asks for these
    shipments alone (the feed's question); other houses of their masters may be among what it finds. Groups
    that ask for customers find no shipment: see `customers_asked`.
    What an actor sees of it is no part of the question: `queries.seen` says that.
    Raises Missing("shipments.no_such_place") and Missing("shipments.no_such_client").
    """
    known = only.with_masters if isinstance(only, Family) else None if only is None else with_masters(only)
    of_shipments = [group for group in groups if not finds_customers(group)]
    if not of_shipments:
        return Fragment(_NOTHING, {})
    parts = [_group(group, known).numbered(f"g{number}") for number, group in enumerate(of_shipments)]
    either = (
        parts[0].sql
        if len(parts) == 1
        else _EITHER.format(" UNION ALL ".join(f"({one.sql})" for one in parts))
    )
    params = {name: value for one in parts for name, value in one.params.items()}
    return Fragment(_NAMED.format(found=either), params)


_NAMED = """
    SELECT shipment_id, (ARRAY['seen', 'planned', 'possible'])[rank] AS certainty, reason, term, kind, code, happened_at,
           place_id, via_master
    FROM ({found}) found
"""
_NOTHING = """
    SELECT NULL::uuid AS shipment_id, ''::text AS certainty, ''::text AS reason, ''::text AS term, ''::text AS kind, ''::text AS code,
           NULL::timestamptz AS happened_at, NULL::integer AS place_id, false AS via_master
    WHERE false
"""
_EITHER = """
    SELECT DISTINCT ON (shipment_id) * FROM ({}) any_group ORDER BY shipment_id, rank, via_master, happened_at
"""

FINDING = {
    TermKind.PLACE: at_places,
    TermKind.LANE: on_lanes,
    TermKind.TRANSPORT: on_transports,
    TermKind.CONTAINER: in_containers,
    TermKind.NUMBER: named,
    TermKind.CLIENT: of_clients,
    TermKind.SERVICE: by_service,
}
_NARROWING = (TermKind.CLIENT, TermKind.SERVICE)
"""These may find very many: beside another term they are a condition on what that one finds."""


def _group(group: Group, only: Sequence[UUID] | None) -> Fragment:
    finding = [term for term in group.terms if term.kind not in _NARROWING]
    narrowing = [term for term in group.terms if term.kind in _NARROWING]
    if not finding:
        narrowing.sort(key=lambda term: term.kind != TermKind.CLIENT)
        finding.append(narrowing.pop(0))
    values: Values = {
        "at_from": group.from_at,
        "at_until": group.until_at or max(now(), group.from_at) + HORIZON,
        "at_under_way": UNDER_WAY,
        "at_ended": sorted(ENDED),
        "at_only": only,
    }
    found = [FINDING[term.kind](term, values).numbered(f"t{n}") for n, term in enumerate(finding)]
    return _all_of(found, [narrowed_by(term).numbered(f"n{n}") for n, term in enumerate(narrowing)])


def _all_of(found: Sequence[Fragment], conditions: Sequence[Fragment]) -> Fragment:
    """What every fragment finds and every condition lets through; the first one's reason, the least certainty."""
    params = {name: value for one in (*found, *conditions) for name, value in one.params.items()}
    if len(found) == 1 and not conditions:
        return Fragment(found[0].sql, params)
    names = [f"f{number}" for number in range(len(found))]
    joined = f"({found[0].sql}) f0"
    for name, one in zip(names[1:], found[1:], strict=True):
        joined += f" JOIN ({one.sql}) {name} ON {name}.shipment_id = f0.shipment_id"
    sql = _ALL.format(
        rank=f"GREATEST({', '.join(f'{name}.rank' for name in names)})",
        joined=joined,
        conditions="".join(f" AND {one.sql}" for one in conditions),
    )
    return Fragment(sql, params)


_ALL = """
    SELECT f0.shipment_id, {rank} AS rank, f0.reason, f0.term, f0.kind, f0.code, f0.happened_at, f0.place_id, f0.via_master
    FROM {joined}
    JOIN shipments_shipment s ON s.id = f0.shipment_id
    WHERE true{conditions}
"""
