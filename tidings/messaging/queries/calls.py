"""The call list: who is to be called, one call as whoever took it sees it, and whether the list will be done in time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import sql
from tidings.messaging.models import Call, Message, Recipient
from tidings.messaging.queries.messages import current_freeze
from tidings.messaging.queries.preview import Preview, told_to
from tidings.messaging.queries.texts import reference_of
from tidings.messaging.rules.calling import CALLED_FIRST, Outlook, outlook
from tidings.messaging.rules.wording import code_of


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What the list is narrowed to; empty means everything."""

    about: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class ToCall:
    """One line of the call list. `taken_by` is who has them on the telephone now; `again_at` when they are called again."""

    id: UUID
    name: str
    language: str
    about: str
    phase: str
    drill: bool
    effect: str
    shipments: int
    due_by: datetime | None
    attempt: int
    reason: str
    again_at: datetime | None
    taken_by: str | None
    leased_until: datetime | None

    @property
    def tried(self) -> int:
        return self.attempt - 1


@dataclass(frozen=True, slots=True)
class Conversation:
    """What whoever took a call has before them. `script` is what the customer was to be told, in their language; `also` what older
    messages about the same thing, which never reached them either, were to tell."""

    call: Call
    recipient: Recipient
    message: Message
    script: Preview | None
    code: str
    before: Sequence[Call]
    also: Sequence[tuple[Message, Preview]]


def calls(actor: Actor, now: datetime, wanted: CallFilter, *, first: int = 0, most: int = 50) -> list[ToCall]:
    """Whom to call, in order. Who does not see every unit sees the list of their own units' messages."""
    found = _rows(sql.CALLS, {**_values(actor, now, wanted), "first": first, "most": most})
    return [_to_call(row, now) for row in found]


def call_outlook(actor: Actor, now: datetime, wanted: CallFilter | None = None) -> Outlook:
    """Whether the list will be done in time, at the pace of the last hour."""
    values = _values(actor, now, wanted or CallFilter())
    dues = [due for (due,) in _rows(sql.CALLS_DUE, values)]
    [(seconds, people)] = _rows(sql.CALL_PACE, {"now": now})
    a_call = timedelta(seconds=float(seconds)) if seconds else None
    return outlook(dues, a_call=a_call, people=people, now=now)


def calls_left(actor: Actor, now: datetime) -> tuple[int, int]:
    """How many stand on the call list, and how many of them should have been told by now; noughts for who takes no calls."""
    if not actor.may("call.take"):
        return 0, 0
    [(left, late)] = _rows(sql.CALLS_LEFT, _values(actor, now))
    return left, late


def calls_about(actor: Actor, now: datetime) -> list[tuple[str, str, int]]:
    """What the list is about, in which language, and how many: for its filters."""
    return [(about, language, size) for about, language, size in _rows(sql.CALLS_ABOUT, _values(actor, now))]


def call_in_hand(actor: Actor, now: datetime) -> Call | None:
    """The call that somebody took and has not ended."""
    mine = Call.objects.filter(taken_by=reference_of(actor), ended_at=None, leased_until__gt=now)
    return mine.order_by("-taken_at").first()


def conversation(actor: Actor, call_id: UUID) -> Conversation:
    """A call of one's own. Raises Missing("messaging.no_such_call")."""
    actor.require("call.take")
    call = Call.objects.filter(pk=call_id, taken_by=reference_of(actor)).first()
    row = Recipient.objects.filter(pk=call.recipient_id).first() if call else None
    message = Message.objects.filter(pk=row.message_id).first() if row else None
    if call is None or row is None or message is None:
        raise Missing("messaging.no_such_call")
    freeze = current_freeze(message.pk)
    script = told_to(freeze, row) if freeze else None
    also = []
    for older in also_to_tell(row, call):
        told = Message.objects.get(pk=older.message_id)
        words = current_freeze(told.pk)
        preview = told_to(words, older) if words else None
        also += [(told, preview)] if preview else []
    return Conversation(call, row, message, script, code_of(row.pk), calls_of(row.pk), also)


def also_to_tell(row: Recipient, call: Call) -> QuerySet[Recipient]:
    """The same person on the call list for other messages about the same thing, on the same number, oldest first: what came
    onto the list before the call was taken. What came since, nobody has said to them.
    """
    same = Message.objects.filter(about=call.about).exclude(pk=row.message_id)
    waiting = Recipient.objects.filter(contact_id=row.contact_id, channel="call", state="call_list")
    before = waiting.filter(address=row.address, delivery_id__lt=call.pk)
    return before.filter(message_id__in=same.values("pk")).order_by("pk")


def calls_of(recipient_id: UUID) -> list[Call]:
    """The calls to one recipient that have ended, newest first."""
    return list(Call.objects.filter(recipient_id=recipient_id, ended_at__isnull=False).order_by("-ended_at"))


def _values(actor: Actor, now: datetime, wanted: CallFilter | None = None) -> dict[str, Any]:
    actor.require("call.take")
    wanted = wanted or CallFilter()
    return {
        "now": now,
        "about": wanted.about,
        "language": wanted.language,
        "units": None if actor.units is None else list(actor.units),
        "called_first": list(CALLED_FIRST),
    }


def take_values(actor: Actor, now: datetime, until: datetime, wanted: CallFilter) -> dict[str, Any]:
    """What the statement that takes a call wants to know."""
    return {**_values(actor, now, wanted), "until": until}


def _to_call(row: tuple[Any, ...], now: datetime) -> ToCall:
    found = ToCall(*row)
    held = found.leased_until is not None and found.leased_until > now
    return found if held else replace(found, taken_by=None, leased_until=None)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
