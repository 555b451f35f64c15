"""The list of shipments: filtered, sorted, and paged by key, so that the last page costs what the first does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.kernel.actor import Actor
from tidings.shipments.queries.seen import seen_by
from tidings.shipments.rules import ENDED, UNDER_WAY, State, number_key, state_of

STATES = {
    "open": "p.delivered_at IS NULL AND (p.code IS NULL OR p.code <> ALL(%(ended)s))",
    "late": "s.promised_at < %(now)s AND p.delivered_at IS NULL AND (p.code IS NULL OR p.code <> ALL(%(ended)s))",
    "expected": "p.shipment_id IS NULL AND s.started_on >= %(recent)s",
    "delivered": "p.delivered_at IS NOT NULL",
    "delivered_late": "p.delivered_at > s.promised_at",
    "ended": "p.delivered_at IS NULL AND p.code = ANY(%(ended)s)",
}
"""What each choice of state asks of a shipment `s` and its last position `p`.

"Expected" looks back as far as a shipment counts as under way: what never had an event is not kept waiting for one.
"""

SORTS = {
    "started": ("s.started_on", "date", "<", "DESC"),
    "-started": ("s.started_on", "date", ">", "ASC"),
    "promised": ("coalesce(s.promised_at, 'infinity')", "timestamptz", ">", "ASC"),
}
"""Sort → what is ordered by, its type, how the next page compares, and the direction."""

WITHIN = """
    WITH RECURSIVE within AS (
        SELECT id FROM shipments_location WHERE id = %(place)s
        UNION SELECT l.id FROM shipments_location l JOIN within w ON l.within_id = w.id
    )
    SELECT array_agg(id) FROM within
"""
PAGE = """
    SELECT s.id, {order}::text AS position
    FROM shipments_shipment s
    LEFT JOIN shipments_position p ON p.shipment_id = s.id
    WHERE {where}
    ORDER BY {order} {direction}, s.id {direction}
    LIMIT %(limit)s
"""
ROWS = """
    WITH page AS MATERIALIZED ({page})
    SELECT s.id, s.waybill, s.carrier, s.service, s.started_on, s.promised_at, s.estimated_at,
           coalesce(origin.name, ''), coalesce(destination.name, ''), coalesce(seen.name, ''),
           p.happened_at, coalesce(p.code, ''), p.delivered_at,
           client.id, coalesce(client.name, ''), page.position
    FROM page
    JOIN shipments_shipment s ON s.id = page.id
    LEFT JOIN shipments_position p ON p.shipment_id = s.id
    LEFT JOIN shipments_location origin ON origin.id = s.origin_id
    LEFT JOIN shipments_location destination ON destination.id = s.destination_id
    LEFT JOIN shipments_location seen ON seen.id = p.place_id
    LEFT JOIN LATERAL (
        SELECT c.id, c.name FROM shipments_party y JOIN customers_customer c ON c.id = y.customer_id
        WHERE y.shipment_id = s.id
        ORDER BY array_position(ARRAY['account', 'consignee', 'shipper', 'notify', 'agent', 'seller'], y.role), c.id
        LIMIT 1
    ) client ON TRUE
    ORDER BY {order} {direction}, s.id {direction}
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of shipments is narrowed to; empty values narrow nothing. `side` says what the place is to them."""

    place: int | None = None
    side: str = "at"
    state: str = ""
    client: UUID | None = None
    master: UUID | None = None
    start: date | None = None
    until: date | None = None
    waybill: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: UUID
    waybill: str
    carrier: str
    service: str
    started_on: date
    promised_at: datetime | None
    estimated_at: datetime | None
    origin: str
    destination: str
    seen_at: str
    seen_on: datetime | None
    seen_code: str
    delivered_at: datetime | None
    client_id: UUID | None
    client: str
    state: State
    key: str
    """Where this row stands in the sort: the page after it begins here."""


def shipment_rows(
    actor: Actor, narrow: Filter, now: datetime, *, sort: str = "started", after: str = "", limit: int = 50
) -> list[Row]:
    """At most `limit` rows after the key `after` (empty: from the beginning)."""
    actor.require("shipment.read")
    order, kind, compare, direction = SORTS.get(sort, SORTS["started"])
    conditions, values = _conditions(actor, narrow)
    key = _key(after)
    if key:
        conditions.append(f"({order}, s.id) {compare} (%(after)s::{kind}, %(after_id)s)")
        values |= {"after": key[0], "after_id": key[1]}
    page = PAGE.format(order=order, direction=direction, where=" AND ".join(conditions))
    values |= {"limit": limit, "now": now, "ended": list(ENDED), "recent": (now - UNDER_WAY).date()}
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(page=page, order=order, direction=direction), values)
        return [_row(found, now) for found in cursor.fetchall()]


def every_row(actor: Actor, narrow: Filter, now: datetime, *, sort: str = "started") -> Iterator[Row]:
    """All of them, read 2,000 at a time, for an export of any size in little memory."""
    after = ""
    while found := shipment_rows(actor, narrow, now, sort=sort, after=after, limit=2000):
        yield from found
        after = found[-1].key


def _conditions(actor: Actor, narrow: Filter) -> tuple[list[str], dict[str, Any]]:
    scope, values = seen_by(actor)
    conditions, values = [scope], dict(values)
    if narrow.state in STATES:
        conditions.append(STATES[narrow.state])
    if narrow.place is not None:
        within = _within(narrow.place)
        conditions.append(
            "s.destination_id = ANY(%(places)s)"
            if narrow.side == "to"
            else "p.place_id = ANY(%(places)s) AND p.delivered_at IS NULL"
        )
        values["places"] = within
    if narrow.client:
        conditions.append("s.id IN (SELECT shipment_id FROM shipments_party WHERE customer_id = %(client)s)")
        values["client"] = narrow.client
    if narrow.master:
        conditions.append("s.parent_id = %(master)s")
        values["master"] = narrow.master
    if narrow.start:
        conditions.append("s.started_on >= %(start)s")
        values["start"] = narrow.start
    if narrow.until:
        conditions.append("s.started_on <= %(until)s")
        values["until"] = narrow.until
    if narrow.waybill:
        conditions.append("s.waybill_key = %(waybill)s")
        values["waybill"] = number_key(narrow.waybill)
    return conditions, values


def _within(place: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(WITHIN, {"place": place})
        return cursor.fetchone()[0] or []


def _key(after: str) -> tuple[str, UUID] | None:
    """A key as it stands in an address; one that somebody made up begins at the beginning."""
    position, _, row = after.rpartition("~")
    try:
        if position != "infinity":
            datetime.fromisoformat(position)
        return position, UUID(row)
    except ValueError:
        return None


def _row(found: tuple[Any, ...], now: datetime) -> Row:
    plain, position = list(found[:-1]), found[-1]
    state = state_of(plain[11], plain[12], plain[5], now)
    return Row(*[*plain, state, f"{position}~{plain[0]}"])
