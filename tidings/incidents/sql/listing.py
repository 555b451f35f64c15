"""The list of the affected, narrowed as a person asks, and what is said of the shipments in such a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.incidents.rules import Meaning
from tidings.incidents.sql.meaning import MEANT
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.messaging.queries import sent_channels
from tidings.shipments.rules import number_key


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list of the affected is narrowed to; empty means everything. `text` begins a waybill, is a customer's number, or is
    in its name. `shipments` are ids; None means whichever. `lacks` is `contact` for customers without any contact that can be reached
    now, and `told` for those who were not told yet.
    """

    why: str = ""
    certainty: str = ""
    effect: str = ""
    text: str = ""
    shipments: Sequence[UUID] | None = None
    lacks: str = ""


LACKS = ("contact", "told")
"""What a list of the affected may be narrowed to that lack it."""


def _values(incident_id: UUID, units: frozenset[UUID] | None, wanted: Narrowed) -> dict[str, Any]:
    like = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
        "why": wanted.why,
        "certainty": wanted.certainty,
        "effect": wanted.effect,
        "text": wanted.text.strip(),
        "begins": number_key(wanted.text) + "%" if number_key(wanted.text) else "",
        "holds": f"%{like}%",
        "shipments": None if wanted.shipments is None else list(wanted.shipments),
        "at_now": now(),
        "at_channels": sent_channels(),
        **ANY_TEXT,
    }


_NARROWED = """
  LEFT JOIN shipments_shipment shipment ON shipment.id = known.shipment_id
  LEFT JOIN customers_customer customer ON customer.id = known.customer_id
 WHERE known.gone_at IS NULL AND (%(all)s OR known.units && %(units)s::uuid[])
   AND (%(why)s = '' OR known.why = %(why)s) AND (%(certainty)s = '' OR known.certainty = %(certainty)s)
   AND (%(effect)s = '' OR known.effect = %(effect)s)
   AND (%(shipments)s::uuid[] IS NULL OR known.shipment_id = ANY(%(shipments)s::uuid[]))
   AND (%(text)s = '' OR shipment.waybill_key LIKE %(begins)s OR customer.number = %(text)s OR customer.name ILIKE %(holds)s)
"""
_LACKING = {
    "contact": f"""AND known.customer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ({LADDER}) usable WHERE usable.customer_id = known.customer_id AND usable.channel IS NOT NULL)""",
    "told": "AND known.customer_id IS NOT NULL AND known.told_at IS NULL",
}
_FOUND = f"FROM ({MEANT}) known {_NARROWED}"
_FOUND_UNSAID = f"""
  FROM (SELECT affected.*, '' AS effect FROM incidents_affected affected WHERE affected.incident_id = %(incident)s) known
  {_NARROWED}"""  # noqa: S608 - only our own text is joined
"""The same without what it means for each, where nobody asks for one effect: a third of the work for 100,000 (tried 2026-11)."""


def _found(wanted: Narrowed) -> str:
    return (_FOUND if wanted.effect else _FOUND_UNSAID) + _LACKING.get(wanted.lacks, "")


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """One affected shipment as a list shows it, or a customer alone, without waybill. `pieces` are the barcodes of those concerned;
    None means the whole shipment.
    """

    shipment_id: UUID | None
    waybill: str
    customer: str
    why: str
    term: str
    certainty: str
    seen_at: datetime | None
    expected_at: datetime | None
    effect: str
    told_at: datetime | None
    held_by: str
    must_do: str
    do_by: datetime | None
    pieces: list[str] | None
    customer_id: UUID | None


def affected_lines(
    incident_id: UUID,
    units: frozenset[UUID] | None,
    wanted: Narrowed,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[AffectedLine]:
    """Affected shipments with their customers, surest and earliest first, then customers without one, as far as `units` see them."""
    values = {**_values(incident_id, units, wanted), "limit": limit, "offset": offset}
    with connection.cursor() as cursor:
        statement = _AFFECTED_LINES if limit is None else _ONE_PAGE
        lacking = _LACKING.get(wanted.lacks, "")
        cursor.execute(statement.replace("<found>", _found(wanted)).replace("<lacking>", lacking), values)
        return [AffectedLine(*row) for row in cursor.fetchall()]


_COLUMNS = """
       known.shipment_id, coalesce(shipment.waybill, ''), coalesce(customer.name, ''), known.why, known.term, known.certainty, known.seen_at,
       coalesce(known.until_at, shipment.estimated_at), known.effect, known.told_at, known.held_by, known.must_do, known.do_by,
       known.pieces, known.customer_id
"""
_IN_ORDER = """
 ORDER BY known.shipment_id IS NULL, array_position(ARRAY['seen', 'planned', 'possible'], known.certainty), shipment.waybill, known.id
"""
_AFFECTED_LINES = f"SELECT {_COLUMNS} {_FOUND} <lacking> {_IN_ORDER} LIMIT %(limit)s OFFSET %(offset)s"
# The page is chosen first, so that only its own lines are told what they mean.
_ONE_PAGE = f"""
WITH page AS MATERIALIZED (SELECT known.id <found> {_IN_ORDER} LIMIT %(limit)s OFFSET %(offset)s)
SELECT {_COLUMNS} {_FOUND} AND known.id = ANY(ARRAY(SELECT id FROM page)) {_IN_ORDER}
"""  # noqa: S608 - only our own text is joined


@dataclass(frozen=True, slots=True)
class Size:
    """How much a list of the affected holds, each counted once: shipments, whose they are, and customers without one."""

    shipments: int
    customers: int
    without_shipment: int


def affected_found(incident_id: UUID, units: frozenset[UUID] | None, wanted: Narrowed) -> Size:
    """How much a narrowed list holds."""
    with connection.cursor() as cursor:
        cursor.execute(_AFFECTED_FOUND.format(found=_found(wanted)), _values(incident_id, units, wanted))
        return Size(*cursor.fetchone())


_AFFECTED_FOUND = """
SELECT count(DISTINCT known.shipment_id), count(DISTINCT known.customer_id) FILTER (WHERE known.shipment_id IS NOT NULL),
       count(DISTINCT known.customer_id) FILTER (WHERE known.shipment_id IS NULL)
{found}"""


def say_of_shipments(
    actor: Actor, incident_id: UUID, wanted: Narrowed, meaning: Meaning, pieces: Sequence[str], at: datetime
) -> int:
    """Writes what it means for every affected shipment of a list, or for these pieces of it; how many shipments that is."""
    values = {
        **_values(incident_id, actor.units, wanted),
        "meaning": meaning.effect,
        "from_at": meaning.from_at,
        "until_at": meaning.until_at,
        "held_by": meaning.held_by,
        "must_do": meaning.must_do,
        "do_by": meaning.do_by,
        "pieces": list(pieces) or [""],
        "at": at,
        "by_kind": actor.kind.value,
        "by": actor.ref,
    }
    with connection.cursor() as cursor:
        statement = _SAY_OF_SHIPMENTS.replace("<lacking>", _LACKING.get(wanted.lacks, ""))
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


_SAY_OF_SHIPMENTS = f"""
WITH chosen AS (SELECT DISTINCT known.shipment_id {_FOUND} <lacking> AND known.shipment_id IS NOT NULL),
said AS (
    INSERT INTO incidents_shipmenteffect
           (id, incident_id, shipment_id, piece, effect, from_at, until_at, held_by, must_do, do_by, at, by_kind, by)
    SELECT tidings_new_id(), %(incident)s, shipment_id, piece, %(meaning)s, %(from_at)s, %(until_at)s, %(held_by)s, %(must_do)s,
           %(do_by)s, %(at)s, %(by_kind)s, %(by)s
      FROM chosen CROSS JOIN unnest(%(pieces)s::text[]) piece
    RETURNING shipment_id
)
SELECT count(DISTINCT shipment_id) FROM said
"""  # noqa: S608 - only our own text is joined
