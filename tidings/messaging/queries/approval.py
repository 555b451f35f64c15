"""Reads of approvals: what waits for one, who may decide, and what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging.models import Approval, Freeze, Message, MessageText, SentBack
from tidings.messaging.queries.messages import authors_of, policy_of, standing_freezes
from tidings.messaging.queries.texts import reference_of
from tidings.messaging.rules.content import Audience, why_not_approve
from tidings.people.queries import ids_among, makers_of


@dataclass(frozen=True, slots=True)
class AudienceShare:
    """How many of an audience read one language and are told by one channel first; None is no usable address."""

    language: str
    channel: str | None
    contacts: int


@dataclass(frozen=True, slots=True)
class Decided:
    """One thing that happened to the approval of a message. `code` is `approved` or `sent_back`; `by` a reference of ours."""

    at: datetime
    code: str
    phase: str
    by: str
    reason: str = ""


def audience_shape(audience: Audience) -> tuple[list[AudienceShare], datetime | None]:
    """How many contacts an audience holds at this moment by language and channel, largest first, and the earliest of their
    deadlines.
    """
    shares = (
        f"SELECT language, channel, count(*), min(due_by) FROM ({audience.sql}) AS audience GROUP BY 1, 2"  # noqa: S608 - ours
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{shares} ORDER BY 3 DESC, 1, 2", dict(audience.params))
        rows = cursor.fetchall()
    return [AudienceShare(*row[:3]) for row in rows], min((row[3] for row in rows if row[3]), default=None)


def decided_for(actor: Actor) -> list[Freeze]:
    """What was decided about words that the actor had a hand in, and what is for them to do now: change them, or send them."""
    me = reference_of(actor)
    written = MessageText.objects.filter(message=OuterRef("message"), written_by=me)
    mine = standing_freezes().filter(Q(message__written_by=me) | Q(frozen_by=me) | Exists(written))
    decided = mine.filter(~Q(sent_back=None) | ~Q(approval=None))
    return list(decided.select_related("message", "approval", "sent_back").defer("words").order_by("id"))


def decisions(about: str) -> list[Decided]:
    """What approvers decided about the messages of one thing, newest first."""
    of_it = {"freeze__message__about": about}
    approved = Approval.objects.filter(**of_it).select_related("freeze__message")
    refused = SentBack.objects.filter(**of_it).select_related("freeze__message")
    found = [
        *(
            Decided(one.approved_at, "approved", one.freeze.message.phase, one.approved_by)
            for one in approved.defer("freeze__words")
        ),
        *(
            Decided(one.sent_back_at, "sent_back", one.freeze.message.phase, one.sent_back_by, one.reason)
            for one in refused.defer("freeze__words")
        ),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def why_not_decide(actor: Actor, message: Message) -> str | None:
    """The code of the reason why the actor may not approve this message or send it back; None when they may."""
    policy = policy_of(message)
    mine = reference_of(actor)
    authors = {message.written_by, *authors_of(message.pk)}
    for author in authors | makers_of_keys(authors):
        reason = why_not_approve(policy, kind=actor.kind, approver=mine, author=author)
        if reason:
            return reason
    return None


def makers_of_keys(references: Iterable[str]) -> set[str]:
    """Of references such as `key:<id>` the people who made those keys: what a program wrote is as if its maker had written it."""
    keys = [reference.partition(":")[2] for reference in references if reference.startswith("key:")]
    return {f"{ActorKind.PERSON}:{maker}" for maker in makers_of(keys)} if keys else set()


def may_decide(actor: Actor, message: Message) -> bool:
    """Whether the actor may say yes or no to it, were it asked."""
    return actor.may("message.approve") and why_not_decide(actor, message) is None


def is_written_anew(message: Message) -> bool:
    """Whether another message of the same phase took its place."""
    return Message.objects.filter(about=message.about, phase=message.phase, pk__gt=message.pk).exists()


def hands_in(message: Message, freeze: Freeze) -> set[str]:
    """The references of everybody who wrote a version of it, or froze it; of a program also who made its key."""
    hands = {message.written_by, freeze.frozen_by, *authors_of(message.pk)}
    return hands | makers_of_keys(hands)


def ref_of(reference: str) -> str:
    """The id or name in a reference such as `person:<id>`, as an actor's `ref`."""
    return reference.partition(":")[2]


def people_among(references: Iterable[str]) -> list[UUID]:
    """The ids of the people among references such as `person:<id>`; commands and keys have none."""
    return ids_among([ref_of(one) for one in sorted(references) if one.startswith(f"{ActorKind.PERSON}:")])
