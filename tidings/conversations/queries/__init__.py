"""Reads of what came in. Who belongs to a unit sees what answers its messages; what names nothing of ours, only who sees every unit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from tidings.conversations.models import Answer, Arrival, Conversation, Door
from tidings.conversations.rules import Outcome
from tidings.kernel import files, secrets
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing

SECRET = "conversations.door"  # noqa: S105 - the purpose, not a secret
VIEWS = ("answers", "not_applied", "open", "applied", "automatic", "all")
_BY_VIEW = {
    "answers": Q(outcome=Outcome.ANSWER),
    "not_applied": Q(outcome__in=[Outcome.UNKEYED, Outcome.UNKNOWN, Outcome.UNREADABLE]),
    "open": Q(outcome=Outcome.OPEN),
    "applied": Q(outcome__in=[Outcome.APPLIED, Outcome.KNOWN, Outcome.NOTED]),
    "automatic": Q(outcome=Outcome.KEPT),
    "all": Q(),
}


def opened_settings(door: Door) -> dict[str, Any]:
    """A door's settings, unsealed: for whoever uses the door, never for a page."""
    values: dict[str, Any] = json.loads(secrets.unseal(SECRET, bytes(door.settings)))
    return values


def open_doors(code: str = "") -> QuerySet[Door]:
    """The doors in use."""
    found = Door.objects.filter(ended_at=None).order_by("name")
    return found.filter(code=code) if code else found


def doors(actor: Actor) -> QuerySet[Door]:
    """The doors in use with when mail came in last, as `last_at`, and how many mails did, as `count`."""
    if not actor.may("installation.read"):
        actor.require("door.change")
    return open_doors().annotate(last_at=Max("arrivals__came_at"), count=Count("arrivals"))


def door(actor: Actor, door_id: UUID) -> Door:
    """One of them. Raises Missing("door.no_such_door")."""
    found = doors(actor).filter(pk=door_id).first()
    if found is None:
        raise Missing("door.no_such_door")
    return found


def broken_doors() -> list[Door]:
    """Doors through which nothing comes in at present."""
    return list(open_doors().filter(broken_since__isnull=False))


# Arrivals.


def arrivals(actor: Actor, view: str = "all", text: str = "") -> QuerySet[Arrival]:
    """What came in, newest first; `view` is one of VIEWS, `text` looks in subject and sender."""
    actor.require("arrival.read")
    found = Arrival.objects.select_related("door", "answer").filter(_BY_VIEW.get(view, Q()), _seen_by(actor))
    if text:
        found = found.filter(Q(subject__icontains=text) | Q(sender__icontains=text) | Q(about=text))
    return found.order_by("-came_at", "-id")


def counts(actor: Actor) -> Mapping[str, int]:
    """How many wait in each view: answers and open mail not read, bounces not looked at."""
    actor.require("arrival.read")
    unread = _unread(actor)
    return {
        "answers": unread.exclude(conversation__about="").count(),
        "open": unread.filter(conversation__about="").count(),
        "not_applied": arrivals(actor, "not_applied").filter(seen_at=None).count(),
    }


def arrival(actor: Actor, arrival_id: UUID) -> Arrival:
    """One arrival. Raises Missing("arrival.no_such_arrival")."""
    found = arrivals(actor).filter(pk=arrival_id).first()
    if found is None:
        raise Missing("arrival.no_such_arrival")
    return found


def raw_of(found: Arrival) -> bytes:
    """The mail itself. Raises Missing("file.missing")."""
    return files.fetch(found.raw)


# Conversations.


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with its answers, newest first."""

    conversation: Conversation
    answers: Sequence[Answer] = field(default_factory=tuple)

    @property
    def unread(self) -> int:
        return sum(one.read_at is None for one in self.answers)

    @property
    def asks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ask for one in self.answers for ask in one.asks))


def conversation(actor: Actor, conversation_id: UUID) -> Conversation:
    """One conversation. Raises Missing("arrival.no_such_conversation")."""
    actor.require("arrival.read")
    found = Conversation.objects.filter(_seen_by(actor), pk=conversation_id).first()
    if found is None:
        raise Missing("arrival.no_such_conversation")
    return found


def talk(found: Conversation) -> Talk:
    """The conversation with everything that was said."""
    return Talk(found, list(found.answers.select_related("arrival").order_by("-at")))


def talks_about(actor: Actor, about: Sequence[str], limit: int = 20) -> list[Talk]:
    """The conversations about these things, with unread answers first, then the newest."""
    if not actor.may("arrival.read") or not about:
        return []
    unread = Answer.objects.filter(conversation=OuterRef("pk"), read_at=None)
    found = Conversation.objects.filter(_seen_by(actor), about__in=about).annotate(waits=Exists(unread))
    kept = list(found.order_by("-waits", "-last_at")[:limit])
    answers: dict[UUID, list[Answer]] = {}
    for one in Answer.objects.filter(conversation__in=kept).select_related("arrival").order_by("-at"):
        answers.setdefault(one.conversation_id, []).append(one)
    return [Talk(one, answers.get(one.pk, [])) for one in kept]


def answers_about(actor: Actor, about: str) -> QuerySet[Answer]:
    """What was answered about one thing, newest first."""
    actor.require("arrival.read")
    found = Answer.objects.filter(_seen_by(actor, "conversation__"), conversation__about=about)
    return found.select_related("conversation").order_by("-at", "-id")


def unread_answers(actor: Actor) -> tuple[int, datetime | None]:
    """How many answers nobody has read, and since when the oldest waits."""
    if not actor.may("arrival.read"):
        return 0, None
    waiting = _unread(actor).order_by("at").values_list("at", flat=True)
    first = waiting.first()
    return (waiting.count(), first) if first else (0, None)


def _unread(actor: Actor) -> QuerySet[Answer]:
    return Answer.objects.filter(_seen_by(actor, "conversation__"), read_at=None)


def _seen_by(actor: Actor, before: str = "") -> Q:
    return Q() if actor.units is None else Q(**{f"{before}unit_id__in": actor.units})
