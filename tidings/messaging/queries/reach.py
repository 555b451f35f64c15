"""Whom messages have reached: the parts that always add up, the recipients behind them, and the evidence per recipient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import sql
from tidings.messaging.models import Message, Recipient, Result, ToldTogether
from tidings.messaging.queries.messages import message
from tidings.messaging.rules.calling import CallOutcome
from tidings.messaging.rules.content import CONTRACTS, PhaseReach, Reach, phase_reach

_OUR_REASONS = frozenset(
    {"no_address", "no_text", "quiet", "unconfirmed", *CallOutcome} - {CallOutcome.REACHED}
)
PARTS = ("in_time", "late", "under_way", "overdue", "unreachable")


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient as a list shows it. `part` is one of PARTS, `strength` presumed, delivered, confirmed or empty. `told_with` is
    the thing whose message told them, where it is another than the list's.
    """

    id: UUID
    name: str
    language: str
    channel: str | None
    address: str | None
    due_by: datetime | None
    shipments: int
    state: str
    reason: str
    part: str
    strength: str
    reached_at: datetime | None
    told_with: str = ""

    @property
    def reason_code(self) -> str:
        """The label's code for a reason of ours; empty where the reason is a server's own words."""
        ours = self.reason in _OUR_REASONS or (self.reason == "restored" and not self.strength)
        if ours:
            return f"message.reason.{self.reason}"
        return (
            f"message.reason.{self.reason.replace(':', '.')}" if self.reason.startswith("no_channel:") else ""
        )


def waiting_quiet(about: str, phase: str) -> tuple[int, datetime | None]:
    """How many recipients of a phase wait for the end of their quiet hours, and until when the last of them."""
    held = Recipient.objects.filter(
        message_id__in=Message.objects.filter(about=about, phase=phase).values("pk"),
        state__in=["waiting", "call_list"],
        standing="",
        chunk_id__isnull=True,
        next_at__isnull=False,
    ).exclude(reason="no_text")
    found = held.aggregate(number=Count("pk"), last=Max("next_at"))
    return found["number"], found["last"]


def reach(about: str, now: datetime) -> list[PhaseReach]:
    """Whom each phase of a thing has reached at `now`, in the order of the phases. The parts add up to the total.

    "In time" is judged by the moment of the contact against the recipient's own deadline. A recipient whom a later
    message superseded counts there only; whom a message left out, since another thing's message told them the same, stands as
    that one reached them. A contact of several messages of one phase counts once: with the best that came
    of them, but in updates, which each say something new, with what came of the newest.
    """
    return _by_phase(_rows(sql.REACH, {"about": about, "now": now}))


def reach_by_message(about: str, now: datetime) -> dict[UUID, Reach]:
    """Whom each sent message about a thing has reached at `now`, of its own recipients only."""
    rows = _rows(sql.REACH_BY_MESSAGE, {"about": about, "now": now})
    return {message_id: Reach(*numbers) for message_id, *numbers in rows}


def reach_in_all(about: str, now: datetime) -> tuple[list[PhaseReach], dict[UUID, Reach]]:
    """What `reach` and `reach_by_message` say, of one reading: for the page that shows both."""
    rows = _rows(sql.REACH_IN_ALL, {"about": about, "now": now})
    phases = [tuple(row) for message_id, *row in rows if message_id is None]
    by_message = {message_id: Reach(*numbers) for message_id, _p, _l, _d, *numbers in rows if message_id}
    return _by_phase(phases), by_message


def reach_of(message_id: UUID, now: datetime) -> PhaseReach | None:
    """The same for one message; None before it was sent."""
    found = _by_phase(_rows(sql.REACH_OF_MESSAGE, {"message": message_id, "now": now}))
    return found[0] if found else None


def recipients(
    actor: Actor,
    message_id: UUID,
    now: datetime,
    *,
    part: str = "",
    language: str = "",
    channel: str = "",
    text: str = "",
    sort: str = "name",
    first: int = 0,
    most: int | None = None,
) -> list[Told]:
    """Recipients of one message, filtered, sorted by name, language, due_by or reached_at (`-` before it turns round)."""
    message(actor, message_id)
    values = {
        "message": message_id,
        "now": now,
        "part": part,
        "language": language,
        "channel": channel,
        "text": f"%{sql.escaped(text)}%" if text else "",
        "first": first,
        "most": most,
    }
    statement = sql.RECIPIENTS + sql.RECIPIENT_ORDERS.get(sort, sql.RECIPIENT_ORDERS["name"]) + sql.ONE_PAGE
    return [Told(*row) for row in _rows(statement, values)]


def recipient(actor: Actor, recipient_id: UUID) -> Recipient:
    """One recipient. Raises Missing("messaging.no_such_recipient") when the actor may not see the message."""
    found = Recipient.objects.select_related("broadcast").filter(pk=recipient_id).first()
    if found is None:
        raise Missing("messaging.no_such_recipient")
    message(actor, found.message_id)
    return found


def recipient_behind(given: UUID) -> UUID | None:
    """The recipient whose own id this is, or that of any delivery (rung) to them, present or past; None where there is none."""
    row = Recipient.objects.filter(pk=given).values_list("pk", flat=True).first()
    row = row or Recipient.objects.filter(delivery_id=given).values_list("pk", flat=True).first()
    return row or Result.objects.filter(delivery_id=given).values_list("recipient_id", flat=True).first()


def contact_behind(recipient_id: UUID) -> tuple[UUID, UUID] | None:
    """The message and the contact of one recipient; None where there is none."""
    return Recipient.objects.filter(pk=recipient_id).values_list("message_id", "contact_id").first()


def told_in(recipient_id: UUID) -> tuple[UUID, str, str] | None:
    """The message of one recipient, the kind whose text it has, and their language; None where there is none."""
    found = Recipient.objects.filter(pk=recipient_id).values_list("message_id", "language").first()
    kind = Message.objects.filter(pk=found[0]).values_list("kind", flat=True).first() if found else None
    return (found[0], kind, found[1]) if found and kind else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list of the people of a phase is narrowed to; empty means everything. `part` is one of PARTS or "not_reached", `channel` the
    rung under way ("none": no usable address), `text` part of a name or an address, `contacts` those whom the reader may see.
    """

    part: str = ""
    language: str = ""
    channel: str = ""
    text: str = ""
    contacts: Sequence[UUID] | None = None

    def values(self, about: str, phase: str, now: datetime) -> dict[str, Any]:
        """What the statements about the people of a phase want to know."""
        return {
            "about": about,
            "phase": phase,
            "now": now,
            "part": self.part,
            "language": self.language,
            "channel": self.channel,
            "text": f"%{sql.escaped(self.text)}%" if self.text else "",
            "contacts": None if self.contacts is None else list(self.contacts),
        }


def people_of_phase(
    about: str,
    phase: str,
    now: datetime,
    shown: Shown | None = None,
    *,
    sort: str = "name",
    first: int = 0,
    most: int | None = 50,
) -> list[Told]:
    """The people behind the numbers of one phase, from the same rows as `reach`; sorted as `recipients` are."""
    values = {**(shown or Shown()).values(about, phase, now), "first": first, "most": most}
    return [Told(*row) for row in _rows(f"{_people(sort)}{sql.ONE_PAGE}", values)]


def everybody_of_phase(
    about: str, phase: str, now: datetime, shown: Shown | None = None, *, sort: str = "name"
) -> Iterator[Told]:
    """The same, all of them: judged once, and read as they are asked for."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_people(sort), (shown or Shown()).values(about, phase, now))
        for row in cursor:
            yield Told(*row)


def _people(sort: str) -> str:
    return sql.PEOPLE_OF_PHASE + sql.RECIPIENT_ORDERS.get(sort, sql.RECIPIENT_ORDERS["name"])


def told_of(message_ids: Sequence[UUID], shipment_id: UUID, now: datetime) -> list[tuple[UUID, Told]]:
    """Whom each of these messages tells of one shipment, and how it stands with each: by the recipients as frozen."""
    values = {"messages": list(message_ids), "thing": shipment_id, "now": now}
    return [(message_id, Told(*row)) for message_id, *row in _rows(sql.TOLD_OF, values)]


def said_to(contact_ids: Sequence[UUID], now: datetime, most: int = 10) -> list[tuple[Message, Told]]:
    """What some contacts were told last, newest first, and how it stands with each; for who may see their customer."""
    found = _rows(sql.SAID_TO, {"contacts": list(contact_ids), "now": now, "most": most})
    messages = Message.objects.in_bulk({message_id for message_id, *_ in found})
    said = [(messages[message_id], Told(*row)) for message_id, *row in found]
    return sorted(said, key=lambda one: one[1].id, reverse=True)


def standing(row: Recipient, now: datetime) -> Told:
    """Where one recipient stands at `now`."""
    [(_message, *found)] = _rows(sql.TOLD_ONE, {"recipient": row.pk, "now": now})
    return Told(*found)


def a_reader(message_id: UUID, language: str) -> Recipient | None:
    """One of the people a message went to in a language; None before it was sent, or where nobody reads it."""
    found = Recipient.objects.filter(message_id=message_id, language=language)
    return found.exclude(state="unreachable").first() or found.first()


def evidence(row: Recipient) -> Sequence[Result]:
    """Every fact about this recipient's deliveries, oldest first."""
    rungs = {row.pk, row.delivery_id, *(UUID(one["delivery_id"]) for one in row.earlier)}
    facts = Result.objects.filter(delivery_id__in=rungs, recipient_id=row.pk)
    return sorted(facts, key=lambda fact: (fact.at, fact.attempt))


def left_out_of(message_id: UUID) -> int:
    """How many contacts a sent message left out, since another one told them the same."""
    return ToldTogether.objects.filter(message_id=message_id).count()


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _by_phase(rows: Sequence[tuple[Any, ...]]) -> list[PhaseReach]:
    phases: dict[str, dict[str, Reach]] = {}
    due: dict[str, list[datetime]] = {}
    for phase, language, due_by, *numbers in rows:
        phases.setdefault(phase, {})[language] = Reach(*numbers)
        due.setdefault(phase, []).extend([due_by] if due_by else [])
    return [
        phase_reach(phase, phases[phase], min(due[phase], default=None))
        for phase in CONTRACTS
        if phase in phases
    ]
