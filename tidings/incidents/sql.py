"""Set-based statements of incidents: writing down who is affected, counting them, and the audience of a message.

They build on the fragments that `shipments.audience` and `customers.queries` give, and name the waybill and the expected
time of a shipment from its table; no row travels through Python to be written back.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.customers.queries import LADDER
from tidings.incidents import rules
from tidings.messaging.rules.content import Audience
from tidings.shipments import audience
from tidings.shipments.audience import Fragment, Where
from tidings.shipments.rules import LEAVING

_GRAVITY = ", ".join(f"'{effect.value}'" for effect in rules.GRAVEST_FIRST)
_GRAVE = ", ".join(
    f"'{effect.value}'" for effect in rules.GRAVEST_FIRST[: rules.GRAVEST_FIRST.index(rules.Effect.HELD) + 1]
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: how many are affected now, and how many shipments came or went since it was last asked."""

    shipments: int
    customers: int
    came: int
    went: int


def write_affected(
    incident_id: UUID, question: rules.Question, *, at: datetime, since: datetime | None
) -> Found:
    """Writes down whom the question finds, marks who left, and counts.

    `since` is the moment from which the clock of everyone found counts; None takes for each the arrival of the event that
    put it in, as it must be once the question was asked before. Raises Missing("shipments.no_such_place").
    """
    parts = [audience.affected(Where((term.place,), term.from_at, term.until_at)) for term in question.any_of]
    found = parts[0]
    who = audience.told(Fragment("SELECT * FROM asked", {}))
    statement = _WRITE.format(asked=found.sql, told=who.sql)
    values = {
        **found.params,
        "incident": incident_id,
        "at": at,
        "since": since,
        "leaving": list(LEAVING),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        came, went = cursor.fetchone()
        cursor.execute(_COUNT, {"incident": incident_id})
        shipments, customers = cursor.fetchone()
    return Found(shipments, customers, came, went)


# One statement: a second question in between would count somebody as gone who had just come.
_WRITE = """
WITH asked AS MATERIALIZED ({asked}),
told AS ({told}),
found AS MATERIALIZED (
    SELECT DISTINCT ON (asked.shipment_id, told.customer_id)
           asked.shipment_id, told.customer_id, shipment.unit_id, asked.certainty, asked.happened_at,
           CASE WHEN asked.via_master THEN 'with_its_master'
                WHEN asked.certainty = 'planned' THEN 'expected_there'
                WHEN asked.certainty = 'possible' THEN 'may_come_there'
                WHEN seen.place_id = asked.place_id AND seen.delivered_at IS NULL
                     AND seen.code <> ALL(%(leaving)s) THEN 'there_now'
                ELSE 'was_there' END AS why,
           coalesce(%(since)s::timestamptz,
                    (SELECT min(event.received_at) FROM shipments_event event
                      WHERE event.shipment_id = asked.shipment_id AND event.happened_at = asked.happened_at),
                    %(at)s) AS since
      FROM asked
      JOIN shipments_shipment shipment ON shipment.id = asked.shipment_id
      LEFT JOIN told ON told.shipment_id = asked.shipment_id
      LEFT JOIN shipments_position seen ON seen.shipment_id = asked.shipment_id
     ORDER BY asked.shipment_id, told.customer_id
),
gone AS (
    UPDATE incidents_affected AS known SET gone_at = %(at)s
     WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL
       AND NOT EXISTS (SELECT FROM found WHERE found.shipment_id = known.shipment_id
                          AND found.customer_id IS NOT DISTINCT FROM known.customer_id)
    RETURNING known.shipment_id
),
written AS (
    INSERT INTO incidents_affected AS known
           (incident_id, shipment_id, customer_id, unit_id, why, certainty, seen_at, since, found_at)
    SELECT %(incident)s, shipment_id, customer_id, unit_id, why, certainty, happened_at, since, %(at)s FROM found
    ON CONFLICT (incident_id, shipment_id, customer_id) DO UPDATE
       SET why = EXCLUDED.why, certainty = EXCLUDED.certainty, seen_at = EXCLUDED.seen_at,
           unit_id = EXCLUDED.unit_id, gone_at = NULL,
           since = CASE WHEN known.gone_at IS NULL THEN known.since ELSE EXCLUDED.since END,
           found_at = CASE WHEN known.gone_at IS NULL THEN known.found_at ELSE EXCLUDED.found_at END
     WHERE known.gone_at IS NOT NULL
        OR (known.why, known.certainty, known.seen_at)
           IS DISTINCT FROM (EXCLUDED.why, EXCLUDED.certainty, EXCLUDED.seen_at)
    RETURNING known.shipment_id, known.found_at
)
SELECT (SELECT count(DISTINCT shipment_id) FROM written WHERE found_at = %(at)s),
       (SELECT count(DISTINCT shipment_id) FROM gone)
"""

_COUNT = """
SELECT count(DISTINCT shipment_id), count(DISTINCT customer_id)
  FROM incidents_affected WHERE incident_id = %(incident)s AND gone_at IS NULL
"""

_EFFECTS = """
SELECT DISTINCT ON (why) why, effect, from_at, until_at
  FROM incidents_effectgiven WHERE incident_id = %(incident)s ORDER BY why, version DESC
"""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many are affected for one reason, and the effect that holds for them."""

    why: str
    certainty: str
    shipments: int
    customers: int
    effect: str
    from_at: datetime | None
    until_at: datetime | None


def counts_by_reason(incident_id: UUID, units: frozenset[UUID] | None) -> list[ReasonCount]:
    """Affected shipments and customers per reason, within what `units` see, with the effect that holds for each."""
    values: dict[str, Any] = {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS_BY_REASON, values)
        return [ReasonCount(*row) for row in cursor.fetchall()]


_COUNTS_BY_REASON = f"""
WITH effect AS ({_EFFECTS}),
counted AS (
    SELECT why, certainty, count(DISTINCT shipment_id) AS shipments, count(DISTINCT customer_id) AS customers
      FROM incidents_affected
     WHERE incident_id = %(incident)s AND gone_at IS NULL AND (%(all)s OR unit_id = ANY(%(units)s::uuid[]))
     GROUP BY why, certainty
)
SELECT counted.why, counted.certainty, counted.shipments, counted.customers, effect.effect, effect.from_at, effect.until_at
  FROM counted
  JOIN LATERAL (SELECT * FROM effect WHERE effect.why IN (counted.why, '') ORDER BY why DESC LIMIT 1) effect ON true
 ORDER BY counted.shipments DESC, counted.why
"""  # noqa: S608 - only our own text is joined


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message is for, and by when: what `recipients` needs of an incident."""

    incident_id: UUID
    phase: str
    detected_at: datetime
    due_within: timedelta
    due_by: datetime


def recipients(told: Told, at: datetime, only: list[UUID] | None = None) -> Audience:
    """Everyone to be told: one row per contact with all its affected shipments, gravest first, in the shape that is planned.

    A first notice goes to customers of whom a shipment was not told yet, due `due_within` after the later of detection and
    the arrival of what put them in; any other phase goes to everyone affected, due at `due_by`. `only` narrows to customers.
    """
    first = told.phase == rules.Phase.FIRST_NOTICE
    statement = _RECIPIENTS.format(
        ladder=LADDER,
        who=_untold(told),
        wants=_wants(told),
        only="AND known.customer_id = ANY(%(only)s::uuid[])" if only is not None else "",
        since="min(known.since) FILTER (WHERE known.told_at IS NULL)" if first else "min(known.since)",
        due="greatest(owed.since, %(detected_at)s) + %(due_within)s" if first else "%(due_by)s::timestamptz",
    )
    values = {
        "incident": told.incident_id,
        "detected_at": told.detected_at,
        "due_within": told.due_within,
        "due_by": told.due_by,
        "at_now": at,
        "only": [str(one) for one in only or ()],
    }
    return Audience(statement, values)


def _untold(told: Told) -> str:
    return "HAVING bool_or(known.told_at IS NULL)" if told.phase == rules.Phase.FIRST_NOTICE else ""


def _wants(told: Told) -> str:
    """Who chose first and closing messages only hears of updates when something grave happened to the goods."""
    ends = told.phase in (rules.Phase.FIRST_NOTICE, rules.Phase.CLOSING)
    return "" if ends else f"AND (contact.how_much <> 'ends' OR owed.gravest IN ({_GRAVE}))"


_RECIPIENTS = f"""
WITH effect AS ({_EFFECTS}),
owed AS (
    SELECT known.customer_id, {{since}} AS since,
           array_agg(known.shipment_id ORDER BY line.rank, shipment.waybill) AS shipment_ids,
           jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'waybill', shipment.waybill,
               'effect', line.effect,
               'place', place.name,
               'expected_from', to_char(line.from_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
               'expected_at', to_char(coalesce(line.until_at, shipment.estimated_at) AT TIME ZONE 'UTC',
                                      'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')
           )) ORDER BY line.rank, shipment.waybill) AS lines,
           (array_agg(line.effect ORDER BY line.rank))[1] AS gravest
      FROM incidents_affected known
      JOIN shipments_shipment shipment ON shipment.id = known.shipment_id
      LEFT JOIN shipments_location place ON place.id = shipment.destination_id
      JOIN LATERAL (
          SELECT effect.*, array_position(ARRAY[{_GRAVITY}], effect.effect) AS rank
            FROM effect WHERE effect.why IN (known.why, '') ORDER BY effect.why DESC LIMIT 1
      ) line ON true
     WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL AND known.customer_id IS NOT NULL
       AND line.effect <> 'unaffected' {{only}}
     GROUP BY known.customer_id {{who}}
)
SELECT contact.contact_id, contact.name, contact.language, contact.time_zone, contact.channel, contact.address,
       {{due}} AS due_by, owed.shipment_ids, owed.lines
  FROM owed
  JOIN ({{ladder}}) contact ON contact.customer_id = owed.customer_id
 WHERE true {{wants}}
"""  # noqa: S608 - only our own text is joined


@dataclass(frozen=True, slots=True)
class AudiencePart:
    """How many contacts a message goes to in one language by one channel (None: none usable), and one of them to show."""

    language: str
    channel: str | None
    contacts: int
    name: str
    time_zone: str
    lines: list[dict[str, Any]]


def audience_parts(told: Told, at: datetime) -> list[AudiencePart]:
    """The size of an audience by language and channel, largest first: seen before anything is sent.

    Counted without putting the messages together; only the readers shown get their lines.
    """
    values: dict[str, Any] = {"incident": told.incident_id, "at_now": at}
    with connection.cursor() as cursor:
        cursor.execute(_SIZES.format(ladder=LADDER, who=_untold(told), wants=_wants(told)), values)
        sizes = cursor.fetchall()
        shown = recipients(told, at, [customer for *_rest, customer, _contact in sizes])
        cursor.execute(_SHOWN.format(audience=shown.sql), dict(shown.params))
        readers = {
            contact: (name, zone, json.loads(lines)) for contact, name, zone, lines in cursor.fetchall()
        }
    return [
        AudiencePart(language, channel, contacts, *readers[contact])
        for language, channel, contacts, _customer, contact in sizes
    ]


_SIZES = f"""
WITH effect AS ({_EFFECTS}),
owed AS (
    SELECT known.customer_id, (ARRAY[{_GRAVITY}])[min(line.rank)] AS gravest
      FROM incidents_affected known
      JOIN LATERAL (
          SELECT effect.effect, array_position(ARRAY[{_GRAVITY}], effect.effect) AS rank
            FROM effect WHERE effect.why IN (known.why, '') ORDER BY effect.why DESC LIMIT 1
      ) line ON true
     WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL AND known.customer_id IS NOT NULL
       AND line.effect <> 'unaffected'
     GROUP BY known.customer_id {{who}}
)
SELECT contact.language, contact.channel, count(*), (array_agg(contact.customer_id ORDER BY contact.contact_id))[1],
       (array_agg(contact.contact_id ORDER BY contact.contact_id))[1]
  FROM owed
  JOIN ({{ladder}}) contact ON contact.customer_id = owed.customer_id
 WHERE true {{wants}}
 GROUP BY contact.language, contact.channel ORDER BY 3 DESC, 1
"""  # noqa: S608 - only our own text is joined

_SHOWN = "SELECT contact_id, name, time_zone, lines::text FROM ({audience}) shown"


def mark_told(incident_id: UUID, at: datetime) -> None:
    """Marks as told everyone affected who has a contact; run with the plan of a first notice, in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_TOLD, {"incident": incident_id, "at": at})


_MARK_TOLD = """
UPDATE incidents_affected SET told_at = %(at)s
 WHERE incident_id = %(incident)s AND gone_at IS NULL AND told_at IS NULL
   AND customer_id IN (SELECT customer_id FROM customers_contact WHERE ended_at IS NULL)
"""


def without_contact(incident_id: UUID) -> int:
    """How many affected customers have no living contact at all; shipments on which nobody stands are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_CONTACT, {"incident": incident_id})
        return int(cursor.fetchone()[0])


_WITHOUT_CONTACT = """
SELECT count(DISTINCT customer_id) FROM incidents_affected known
 WHERE incident_id = %(incident)s AND gone_at IS NULL AND customer_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM customers_contact contact
                    WHERE contact.customer_id = known.customer_id AND contact.ended_at IS NULL)
"""


def place_names(codes: list[str]) -> dict[str, str]:
    """Code to the name people know a place by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upper(code), name FROM shipments_location WHERE upper(code) = ANY(%s)", [codes]
        )
        return dict(cursor.fetchall())


def places(limit: int) -> list[tuple[str, str]]:
    """Codes and names of hubs first, then other places, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name FROM shipments_location ORDER BY kind <> 'hub', name, code LIMIT %s", [limit]
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """One affected shipment as a list shows it."""

    shipment_id: UUID
    waybill: str
    customer: str
    why: str
    certainty: str
    seen_at: datetime | None
    expected_at: datetime | None
    effect: str
    told_at: datetime | None


def affected_lines(
    incident_id: UUID,
    units: frozenset[UUID] | None,
    *,
    why: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> list[AffectedLine]:
    """Affected shipments with their customers, surest and earliest first, as far as `units` see them."""
    values: dict[str, Any] = {
        "incident": incident_id,
        "all": units is None,
        "units": [str(unit) for unit in units or ()],
        "why": why,
        "limit": limit,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AFFECTED_LINES, values)
        return [AffectedLine(*row) for row in cursor.fetchall()]


_AFFECTED_LINES = f"""
WITH effect AS ({_EFFECTS})
SELECT known.shipment_id, shipment.waybill, coalesce(customer.name, ''), known.why, known.certainty, known.seen_at,
       coalesce(line.until_at, shipment.estimated_at), line.effect, known.told_at
  FROM incidents_affected known
  JOIN shipments_shipment shipment ON shipment.id = known.shipment_id
  LEFT JOIN customers_customer customer ON customer.id = known.customer_id
  JOIN LATERAL (SELECT * FROM effect WHERE effect.why IN (known.why, '') ORDER BY effect.why DESC LIMIT 1) line ON true
 WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL
   AND (%(all)s OR known.unit_id = ANY(%(units)s::uuid[])) AND (%(why)s = '' OR known.why = %(why)s)
 ORDER BY array_position(ARRAY['seen', 'planned', 'possible'], known.certainty), shipment.waybill, known.id
 LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 - only our own text is joined
