"""Whom a message to everyone affected is for: one row per contact with all its shipments, and how many that is before it is sent.

What stands beside the story (corrections, all-clears) finds its readers in `told_before.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.incidents import rules
from tidings.incidents.sql.had import lacks, not_twice, values_of_phase
from tidings.incidents.sql.hearing import HEARING, HEARS, hearing
from tidings.incidents.sql.lines import LINE, LINES, SHIPMENT, SHIPMENT_IDS, STILL_CONCERNED
from tidings.incidents.sql.meaning import GRAVITY
from tidings.incidents.sql.opened import theft_values
from tidings.incidents.sql.together import (
    ALREADY_TOLD,
    GRAVE,
    STANDS_ELSEWHERE,
    TOLD_TOGETHER,
    AlreadyTold,
    Other,
    together,
    values_of,
)
from tidings.messaging.queries import LINES_TOLD, TOLD_BY, sent_channels
from tidings.messaging.rules.content import Audience


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message is for, and by when: what `recipients` needs of an incident, whose number messages are `about`.
    `corrects` is the message put right, `completes` the one whose readers wait, which went in the languages `gone`. Its lines
    also tell of the `others`; `without` are contacts whom one of theirs told the same. `promised` are the messages that
    promised single readers another moment than `due_by`, and which. `channels` are the rungs that it is sent by, `forms` which of
    them carry approved forms only, and in which languages there is one.
    """

    incident_id: UUID
    phase: str
    detected_at: datetime
    due_within: timedelta
    due_by: datetime
    corrects: UUID | None = None
    about: str = ""
    completes: UUID | None = None
    gone: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()
    without: tuple[UUID, ...] = ()
    promised: tuple[tuple[UUID, datetime], ...] = ()
    channels: Sequence[str] = ()
    forms: Mapping[str, Sequence[str]] = field(default_factory=lambda: ANY_TEXT)

    @property
    def tells_of_the_end(self) -> bool:
        """Whether it says that what was not available is available again."""
        return self.phase in (rules.Phase.RESTORED, rules.Phase.CLOSING)


def recipients(told: Told, at: datetime, only: list[UUID] | None = None) -> Audience:
    """Everyone to be told: one row per contact with all its affected shipments, gravest first, and last what it means for a
    customer without one, in the shape that is planned.

    A first notice, and what holds its place, goes to customers of whom a shipment was not told yet, due `due_within` after the
    later of detection and the arrival of what put them in; any other phase to everyone affected, due at what each was promised, else `due_by`,
    but the end and service restored to nobody twice. The closing also goes to those who left because their goods arrived, too late. `only` narrows to customers.
    """
    first = told.phase in rules.NOTICES
    statement = _owed(told, "AND known.customer_id = ANY(%(only)s::uuid[])" if only is not None else "")
    statement += _RECIPIENTS.format(
        ladder=LADDER,
        wants=_wants(told),
        ids="coalesce(together.shipment_ids, owed.shipment_ids)" if told.others else "owed.shipment_ids",
        lines="coalesce(together.lines, owed.lines)" if told.others else "owed.lines",
        joined=("LEFT JOIN together ON together.customer_id = owed.customer_id" if told.others else "")
        + (_PROMISED if told.promised else ""),
        due="greatest(owed.since, %(detected_at)s) + %(due_within)s" if first else _due(told),
    )
    values = {
        **_size_values(told, at),
        **values_of(told.others),
        "detected_at": told.detected_at,
        "due_within": told.due_within,
        "due_by": told.due_by,
        "only": [str(one) for one in only or ()],
        "heard": [str(message) for message, _next_by in told.promised],
        "next_by": [next_by for _message, next_by in told.promised],
    }
    return Audience(statement, values, ladder=True)


def _due(told: Told) -> str:
    due_by = "%(due_by)s::timestamptz"
    return f"coalesce(promised.next_by, {due_by})" if told.promised else due_by


def _owed(told: Told, only: str = "") -> str:
    """The CTE `owed`, one row per customer to be told; and `together`, where others are to be told of with it."""
    first = told.phase in rules.NOTICES
    owed = _OWED.format(
        who=_untold(told),
        concerned=_concerned(told),
        only=only,
        since="min(greatest(known.since, known.hears_from)) FILTER (WHERE known.told_at IS NULL)"
        if first
        else "min(known.since)",
    )
    return owed + together(told.others) if told.others else owed


def already_told(told: Told, messages: Sequence[UUID], at: datetime) -> list[AlreadyTold]:
    """Whom of this audience one of these `messages` of the others told the same: nobody whose goods are harmed or held, who
    must do something, or of whose shipments there is more to say now.
    """
    if not messages or not told.others:
        return []
    statement = _owed(told, f"AND known.customer_id IN ({STANDS_ELSEWHERE})") + ALREADY_TOLD
    values = {
        **_size_values(told, at),
        **values_of(told.others),
        "elsewhere": [other.incident_id for other in told.others],
        "heard": [str(message) for message in messages],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("<wants>", _wants(told)), values)
        return [AlreadyTold(*row) for row in cursor.fetchall()]


def told_together(told: Told, at: datetime) -> dict[str, int]:
    """How many contacts of this audience also hear of each of the others in the same message, by its number."""
    if not told.others:
        return {}
    statement = _owed(told, f"AND known.customer_id IN ({STANDS_ELSEWHERE})")
    statement += TOLD_TOGETHER.format(wants=_wants(told))
    values = {
        **_size_values(told, at),
        **values_of(told.others),
        "elsewhere": [other.incident_id for other in told.others],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())


def _untold(told: Told) -> str:
    if told.phase == rules.Phase.HOLDING:
        return "HAVING bool_or(known.told_at IS NULL AND known.held_at IS NULL)"
    return "HAVING bool_or(known.told_at IS NULL)" if told.phase == rules.Phase.FIRST_NOTICE else ""


def _concerned(told: Told) -> str:
    return STILL_CONCERNED if told.phase == rules.Phase.CLOSING else "known.gone_at IS NULL"


def _by_choice(told: Told) -> bool:
    """Whether a contact's choice of how much they hear counts: not for the first word and not for the last."""
    return told.phase in (rules.Phase.UPDATE, rules.Phase.RESTORED)


def _wants(told: Told, lines: str = "owed.lines") -> str:
    spared = (f"AND {_NOT_TOLD} " if told.without else "") + not_twice(told.phase)
    return f"AND {_WANTED.format(lines=lines)} {spared}" if _by_choice(told) else spared


_NOT_TOLD = """NOT EXISTS (SELECT FROM unnest(%(without)s::uuid[]) told (contact_id)
                             WHERE told.contact_id = contact.contact_id)"""


_WANTED = f"""(owed.gravest IN ({GRAVE}) OR contact.how_much = 'every' OR (
    contact.how_much = 'changes' AND {{lines}} IS DISTINCT FROM (
        SELECT jsonb_path_query_array(before.lines, '$[*] ? (!exists(@.of))')
          FROM ({LINES_TOLD}) before WHERE before.contact_id = contact.contact_id)))"""  # noqa: S608 - only our own text is joined
"""Who chose first and closing messages only, or changes to their shipments only, hears of an update when the lines of their
shipments say something else than the last message did; when something grave happened to the goods, or the customer must act, always."""


_OWED = f"""
WITH owed AS (
    SELECT known.customer_id, {{since}} AS since,
           {SHIPMENT_IDS} AS shipment_ids,
           {LINES} AS lines,
           (array_agg(line.effect ORDER BY line.rank))[1] AS gravest
      FROM ({HEARING}) known
      {SHIPMENT}
      {LINE}
     WHERE {{concerned}} AND known.customer_id IS NOT NULL AND {HEARS}
       AND line.effect <> 'unaffected' {{only}}
     GROUP BY known.customer_id {{who}}
)"""  # noqa: S608 - only our own text is joined

_PROMISED = f"""
  LEFT JOIN (SELECT told.contact_id, min(made.next_by) AS next_by
               FROM ({TOLD_BY}) told
               JOIN unnest(%(heard)s::uuid[], %(next_by)s::timestamptz[]) AS made (message_id, next_by)
                    ON made.message_id = told.message_id
              GROUP BY told.contact_id) promised ON promised.contact_id = contact.contact_id"""  # noqa: S608 - only our own text is joined
"""What single readers were promised: who was promised two moments is owed the earlier."""

_RECIPIENTS = """
SELECT contact.contact_id, contact.name, contact.language, contact.time_zone, contact.channel, contact.address,
       {due} AS due_by, {ids} AS shipment_ids, {lines} AS lines, contact.further, contact.passed_over
  FROM owed
  JOIN ({ladder}) contact ON contact.customer_id = owed.customer_id
  {joined}
 WHERE true {wants}
"""


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
    """The size of an audience of everyone affected by language and channel, largest first: seen before anything is sent.

    Counted without putting the messages together, but for the contacts whose choice asks what theirs would say; beside them only
    the readers shown get their lines.
    """
    with connection.cursor() as cursor:
        cursor.execute(_sized(_SIZES, told), _size_values(told, at))
        sizes = cursor.fetchall()
        shown = recipients(told, at, [customer for *_rest, customer, _contact in sizes])
        readers = _shown(cursor, shown)
    # Two statements see two moments: a reader who left in between is counted, and not shown.
    return [
        AudiencePart(language, channel, contacts, *readers.get(contact, ("", "UTC", [])))
        for language, channel, contacts, _customer, contact in sizes
    ]


def left_out(told: Told, at: datetime) -> dict[str, int]:
    """How many contacts of the affected a message leaves out by their own choice, per choice: `changes` or `ends`."""
    if not _by_choice(told):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_sized(_LEFT_OUT, told), _size_values(told, at))
        return dict(cursor.fetchall())


def lacking(told: Told, at: datetime) -> int:
    """How many contacts of the affected who were told have not had this phase, which others had; not by their own choice."""
    with connection.cursor() as cursor:
        statement = _sized(_SIZES, told, "HAVING bool_or(known.told_at IS NOT NULL)", lacks(told.phase))
        cursor.execute(statement, _size_values(told, at))
        return sum(contacts for _language, _channel, contacts, *_shown in cursor.fetchall())


def _sized(statement: str, told: Told, who: str | None = None, also: str = "") -> str:
    by_choice = _by_choice(told)
    return statement.format(
        ladder=LADDER,
        who=_untold(told) if who is None else who,
        wants=_wants(told, "worded.lines") + also,
        had=not_twice(told.phase),
        concerned=_concerned(told),
        worded=_WORDED.format(concerned=_concerned(told)) if by_choice else "",
        with_words="LEFT JOIN worded ON worded.customer_id = owed.customer_id" if by_choice else "",
    )


_WORDED = f""", worded AS (
    SELECT known.customer_id, {LINES} AS lines
      FROM ({HEARING}) known
      {SHIPMENT}
      {LINE}
     WHERE {{concerned}} AND line.effect <> 'unaffected' AND {HEARS} AND known.customer_id IN (
           SELECT customer_id FROM customers_contact WHERE how_much = 'changes' AND ended_at IS NULL)
     GROUP BY known.customer_id
)"""  # noqa: S608 - only our own text is joined
"""The lines of those alone whose choice hangs on them: those of 100,000 customers took 1.3 s of an open page (tried 2026-11)."""


def _size_values(told: Told, at: datetime) -> dict[str, Any]:
    return {
        **values_of_phase(told.incident_id, told.phase),
        "at_now": at,
        "at_channels": list(told.channels),
        **told.forms,
        **theft_values(),
        "over": told.tells_of_the_end,
        **hearing(told.phase),
        "about": told.about,
        "without": [str(one) for one in told.without],
    }


def parts_of(audience: Audience) -> list[AudiencePart]:
    """The same for any audience, by putting its messages together: for those that are never the whole of a large incident."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES_OF.format(audience=audience.sql), dict(audience.params))
        sizes = cursor.fetchall()
        contacts = [str(contact) for *_rest, contact in sizes]
        only = Audience(
            f"SELECT * FROM ({audience.sql}) every WHERE contact_id = ANY(%(shown)s::uuid[])",  # noqa: S608 - only our own text is joined
            {**audience.params, "shown": contacts},
        )
        readers = _shown(cursor, only)
    return [
        AudiencePart(language, channel, size, *readers.get(contact, ("", "UTC", [])))
        for language, channel, size, contact in sizes
    ]


def _shown(cursor: CursorWrapper, audience: Audience) -> dict[UUID, tuple[str, str, list[dict[str, Any]]]]:
    cursor.execute(_SHOWN.format(audience=audience.sql), dict(audience.params))
    return {contact: (name, zone, json.loads(lines)) for contact, name, zone, lines in cursor.fetchall()}


_SIZES_OF = """
SELECT language, channel, count(*), (array_agg(contact_id ORDER BY contact_id))[1]
  FROM ({audience}) every GROUP BY language, channel ORDER BY 3 DESC, 1
"""


_SIZES = f"""
WITH owed AS (
    SELECT known.customer_id, (ARRAY[{GRAVITY}])[min(line.rank)] AS gravest
      FROM ({HEARING}) known
      {LINE}
     WHERE {{concerned}} AND known.customer_id IS NOT NULL AND {HEARS}
       AND line.effect <> 'unaffected'
     GROUP BY known.customer_id {{who}}
){{worded}}
SELECT contact.language, contact.channel, count(*), (array_agg(contact.customer_id ORDER BY contact.contact_id))[1],
       (array_agg(contact.contact_id ORDER BY contact.contact_id))[1]
  FROM owed
  JOIN ({{ladder}}) contact ON contact.customer_id = owed.customer_id
  {{with_words}}
 WHERE true {{wants}}
 GROUP BY contact.language, contact.channel ORDER BY 3 DESC, 1
"""  # noqa: S608 - only our own text is joined

_LEFT_OUT = f"""
WITH owed AS (
    SELECT known.customer_id, (ARRAY[{GRAVITY}])[min(line.rank)] AS gravest
      FROM ({HEARING}) known
      {LINE}
     WHERE {{concerned}} AND known.customer_id IS NOT NULL AND {HEARS}
       AND line.effect <> 'unaffected' AND known.customer_id IN (
           SELECT customer_id FROM customers_contact WHERE how_much <> 'every' AND ended_at IS NULL)
     GROUP BY known.customer_id {{who}}
){{worded}}
SELECT contact.how_much, count(*) FROM owed
  JOIN ({{ladder}}) contact ON contact.customer_id = owed.customer_id
  {{with_words}}
 WHERE contact.how_much <> 'every' AND NOT {_WANTED.format(lines="worded.lines")} {{had}}
 GROUP BY contact.how_much
"""  # noqa: S608 - only our own text is joined


_SHOWN = "SELECT contact_id, name, time_zone, lines::text FROM ({audience}) shown"


def ladders(at: datetime) -> Audience:
    """How each contact can be reached at `at`: for sending a message again to some of those who had it."""
    statement = f"SELECT contact_id, channel, address, further FROM ({LADDER}) ladder"  # noqa: S608 - ours
    return Audience(statement, {"at_now": at, "at_channels": sent_channels(), **ANY_TEXT}, ladder=True)
