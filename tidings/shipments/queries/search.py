"""Finds shipments by whatever a caller reads out: a number, a telephone, a postcode with house number, a name.

Each way is one exact or prefix look-up in an index of its own, so that ten million shipments answer in milliseconds.
Nothing is found by a part from the middle of a number.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.customers.rules import name_words
from tidings.kernel.actor import Actor
from tidings.shipments.queries.seen import seen_by
from tidings.shipments.rules import number_key

_POSTCODE = re.compile(
    r"(?P<postcode>(?=[^,]*\d)[0-9A-Za-z][0-9A-Za-z -]{2,9}?)[ ,]+(?P<house>\d{1,5} ?[A-Za-z]{0,3})"
)
_SHORTEST_PREFIX = 5
_SHORTEST_TELEPHONE = 6
_CUSTOMERS = 200
_LOOKED_AT, _CUSTOMERS_LOOKED_AT, _EACH = 1_500, 500, 3
"""Who sees only their units' shipments has this many hits of each way looked at, before those of others are left out: cut at
the length of the answer, others' hits would hide their own. More would cost more than 100 ms at ten million shipments."""

BY_NUMBER = """
    SELECT * FROM (
        SELECT s.id, 'waybill' AS why, s.waybill AS found FROM shipments_shipment s
        WHERE s.waybill_key = %(key)s LIMIT %(most)s) a
    UNION ALL SELECT * FROM (
        SELECT h.id, 'master', m.waybill FROM shipments_shipment m
        JOIN shipments_shipment h ON h.parent_id = m.id
        WHERE m.waybill_key = %(key)s LIMIT %(most)s) b
    UNION ALL SELECT * FROM (
        SELECT r.shipment_id, r.kind, r.value FROM shipments_reference r WHERE r.key = %(key)s LIMIT %(most)s) c
    UNION ALL SELECT * FROM (
        SELECT p.shipment_id, 'piece', p.barcode FROM shipments_piece p WHERE p.key = %(key)s LIMIT %(most)s) d
"""
BY_PREFIX = """
    SELECT s.id, 'waybill' AS why, s.waybill AS found FROM shipments_shipment s
    WHERE s.waybill_key LIKE %(prefix)s LIMIT %(most)s
"""
# A name that thousands share is cut at so many customers, each with its newest shipments: ids are in order of time. The
# fewer customers, the more of each are looked at.
_OF_CUSTOMERS = """
    SELECT y.shipment_id AS id, {why}::text AS why, c.found
    FROM (SELECT *, count(*) OVER () AS customers FROM ({customers}) found) c
    CROSS JOIN LATERAL (
        SELECT shipment_id FROM shipments_party WHERE customer_id = c.id ORDER BY shipment_id DESC
        LIMIT greatest(%(each)s, %(most)s / c.customers)
    ) y
    LIMIT greatest(2000, %(most)s)
"""
BY_ADDRESS = _OF_CUSTOMERS.format(
    why="c.channel",
    customers="""
        SELECT DISTINCT k.customer_id AS id, a.channel, a.value AS found
        FROM customers_address a JOIN customers_contact k ON k.id = a.contact_id
        WHERE a.key = ANY(%(addresses)s) LIMIT %(customers)s
    """,
)
# Planned for all who match, read until the limit: a limit the planner sees makes it read every customer in turn, as it
# takes an unfinished word for a common one (82 ms among 302,000 customers). Twice the condition says: it is rare.
BY_NAME = _OF_CUSTOMERS.format(
    why="'name'",
    customers="""
        WITH named AS MATERIALIZED (
            SELECT id, name AS found FROM customers_customer
            WHERE name_words @@ %(words)s::tsquery AND %(words)s::tsquery @@ name_words
        )
        SELECT id, found FROM named LIMIT %(customers)s
    """,
)
BY_POSTCODE = """
    SELECT y.shipment_id AS id, 'postcode' AS why, y.postcode || ' ' || y.house_number AS found
    FROM shipments_party y
    WHERE y.postcode = %(postcode)s AND y.house_number = %(house)s LIMIT greatest(200, %(most)s)
"""
# Each hit is looked up by its id (OFFSET keeps the planner to that): joined freely, it may walk all shipments from the
# newest on, or gather all that a unit may see, because it cannot tell how few the hits are.
FIND = """
    WITH hit AS MATERIALIZED ({parts})
    SELECT DISTINCT ON (s.started_on, s.id) s.id, s.waybill, s.carrier, s.started_on, hit.why, hit.found
    FROM hit CROSS JOIN LATERAL (
        SELECT s.id, s.waybill, s.carrier, s.started_on FROM shipments_shipment s
        WHERE s.id = hit.id AND {seen} OFFSET 0
    ) s
    ORDER BY s.started_on DESC, s.id DESC
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A shipment that a search found: `why` says by what (waybill, master, container, order, sms, postcode, name …)."""

    shipment_id: UUID
    waybill: str
    carrier: str
    started_on: date
    why: str
    found: str


def find(text: str, actor: Actor, limit: int = 20) -> list[Found]:
    """The newest shipments that `text` may mean, of those that `actor` may see. Raises Refused without "shipment.read"."""
    actor.require("shipment.read")
    parts, params = _ways(text.strip(), personal=actor.may("customer.read"))
    if not parts:
        return []
    seen, seen_params = seen_by(actor)
    sees_all = actor.units is None
    params |= {
        "limit": limit,
        "each": limit if sees_all else _EACH,
        "most": limit if sees_all else _LOOKED_AT,
    }
    params["customers"] = _CUSTOMERS if sees_all else _CUSTOMERS_LOOKED_AT
    sql = FIND.format(parts=" UNION ALL ".join(["(" + part + ")" for part in parts]), seen=seen)
    with connection.cursor() as cursor:
        cursor.execute(sql, params | dict(seen_params))
        return [Found(*row) for row in cursor.fetchall()]


def _ways(text: str, *, personal: bool) -> tuple[list[str], dict[str, Any]]:
    """The look-ups that this text calls for. Names and addresses only for who may read customers."""
    parts: list[str] = []
    params: dict[str, Any] = {}
    key = number_key(text)
    if key:
        parts.append(BY_NUMBER)
        params["key"] = key
        if len(key) >= _SHORTEST_PREFIX and any(c.isdigit() for c in key):
            parts.append(BY_PREFIX)
            params["prefix"] = key.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    if not personal:
        return parts, params
    addresses = _addresses(text)
    if addresses:
        parts.append(BY_ADDRESS)
        params["addresses"] = addresses
    lives = _POSTCODE.fullmatch(text)
    if lives:
        parts.append(BY_POSTCODE)
        params["postcode"] = number_key(lives["postcode"])
        params["house"] = "".join(lives["house"].upper().split())
    words = name_words(text)
    if words and any(not word.isdigit() for word in words) and "@" not in text:
        parts.append(BY_NAME)
        params["words"] = _query(words)
    return parts, params


def _addresses(text: str) -> list[str]:
    if "@" in text:
        return [text.casefold()]
    digits = re.sub(r"\D", "", text)
    if len(digits) < _SHORTEST_TELEPHONE or re.search(r"[^\W\d]", text):
        return []
    return list({digits, digits.removeprefix("00"), digits.removeprefix("0")})


def _query(words: list[str]) -> str:
    """All words; the last one may still be unfinished, unless it is a pair of characters."""
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words]
    if words[-1].isascii() and len(words[-1]) > 2:
        quoted[-1] += ":*"
    return " & ".join(quoted)
