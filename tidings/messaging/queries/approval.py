"""Reads of approvals: what waits for one, who may decide, and what was decided."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Func, OuterRef, Q, QuerySet, TextField

from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging.models import (
    Approval,
    ApprovalAsk,
    Freeze,
    KindApproval,
    Message,
    MessageText,
    SentBack,
)
from tidings.messaging.queries.messages import (
    asks_less,
    authors_of,
    current_freeze,
    policy_of,
    standing_freezes,
    still_missing,
    visible_messages,
    waiting_freezes,
)
from tidings.messaging.queries.texts import makers_of_keys, reference_of
from tidings.messaging.rules.approval import Answered, remind_at
from tidings.messaging.rules.content import ApprovalPolicy, Audience, digests_of, same_words, why_not_approve
from tidings.people.queries import colleagues, ids_among
from tidings.people.rules import APPROVES_AS, MOST_ASKED


@dataclass(frozen=True, slots=True)
class AudienceShare:
    """How many of an audience read one language and are told by one channel first; None is no usable address."""

    language: str
    channel: str | None
    contacts: int


@dataclass(frozen=True, slots=True)
class Decided:
    """One thing that happened to the approval of a message: `approved`, `sent_back`; or `asked_approver` (`_deputy`, `_next`),
    `reminded`, `not_answered`. `by` is a reference of ours: who decided, or who was asked. `kind` is as whom, where it matters.
    """

    at: datetime
    code: str
    phase: str
    by: str
    reason: str = ""
    kind: str = ""


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


def decided_by(freeze: Freeze) -> str:
    """Who sent these words back or approved them: a reference of ours; empty where nobody decided."""
    back, approval = getattr(freeze, "sent_back", None), getattr(freeze, "approval", None)
    return str(back.sent_back_by if back else approval.approved_by if approval else "")


def languages_frozen(freeze_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The languages that frozen words are in, without reading the words."""
    found: dict[UUID, list[str]] = {one: [] for one in freeze_ids}
    keys = Func("words", function="jsonb_object_keys", output_field=TextField())
    rows = Freeze.objects.filter(pk__in=list(found)).annotate(language=keys).order_by("language")
    for one, language in rows.values_list("pk", "language"):
        found[one].append(language)
    return {one: tuple(languages) for one, languages in found.items()}


def decisions(about: str) -> list[Decided]:
    """What approvers decided about the messages of one thing, newest first."""
    of_it = {"freeze__message__about": about}
    approved = Approval.objects.filter(**of_it).select_related("freeze__message")
    refused = SentBack.objects.filter(**of_it).select_related("freeze__message")
    found = [
        *(
            Decided(one.approved_at, "approved", one.freeze.message.phase, one.approved_by)
            for one in approved.defer("freeze__words")
            if not one.freeze.approvers
        ),
        *(
            Decided(one.approved_at, "approved", one.freeze.message.phase, one.approved_by, "", one.kind)
            for one in KindApproval.objects.filter(**of_it)
            .select_related("freeze__message")
            .defer("freeze__words")
        ),
        *(
            Decided(one.sent_back_at, "sent_back", one.freeze.message.phase, one.sent_back_by, one.reason)
            for one in refused.defer("freeze__words")
        ),
    ]
    return sorted([*found, *_askings(about)], key=lambda one: one.at, reverse=True)


def _askings(about: str) -> Iterator[Decided]:
    asked = ApprovalAsk.objects.filter(freeze__message__about=about).select_related("freeze__message")
    for one in asked.defer("freeze__words"):
        phase, person = one.freeze.message.phase, f"{ActorKind.PERSON}:{one.person_id}"
        yield Decided(one.asked_at, f"asked_{one.asked_as}", phase, person, "", one.kind)
        if one.reminded_at:
            yield Decided(one.reminded_at, "reminded", phase, person, "", one.kind)
        if one.ended_at and one.outcome == Answered.PASSED_ON:
            yield Decided(one.ended_at, "not_answered", phase, person, "", one.kind)


def approvals_to_move_on(at: datetime) -> list[UUID]:
    """The freezes of which somebody is to be asked, reminded, passed over or let go at a moment."""
    open_asks = ApprovalAsk.objects.filter(ended_at__isnull=True)
    waiting = still_missing(waiting_freezes().defer("words"))
    there = {one.id for one in colleagues(open_asks.values_list("person_id", flat=True))}
    due = {
        one.freeze_id
        for one in open_asks
        if one.freeze_id not in waiting
        or at >= one.answer_by
        or (one.reminded_at is None and at >= remind_at(one.asked_at, one.answer_by))
        or one.person_id not in there
    }
    asked = set(open_asks.values_list("freeze_id", "kind"))
    of_waiting = ApprovalAsk.objects.filter(freeze_id__in=waiting)
    tired = of_waiting.values_list("freeze_id", "kind").annotate(asked=Count("pk"))
    done = {(freeze_id, kind) for freeze_id, kind, times in tired if times >= MOST_ASKED}
    wanted = {(freeze_id, kind) for freeze_id, missing in waiting.items() for kind in missing}
    return sorted(due | {freeze_id for freeze_id, _kind in wanted - asked - done})


def waiting_messages(actor: Actor) -> QuerySet[Freeze]:
    """The freezes that wait for an approval, of the messages that the actor sees, newest first."""
    seen = visible_messages(actor).values("pk")
    return waiting_freezes().filter(message__in=seen).select_related("message").defer("words").order_by("-id")


def asked_now(freezes: Iterable[Freeze]) -> dict[UUID, dict[str, ApprovalAsk | None]]:
    """Freeze → the kinds of approval still missing, and who is being asked for each; None where nobody is any more."""
    found = list(freezes)
    open_asks = ApprovalAsk.objects.filter(freeze__in=[one.pk for one in found], ended_at__isnull=True)
    asked = {(one.freeze_id, one.kind): one for one in open_asks}
    return {
        freeze_id: {kind: asked.get((freeze_id, kind)) for kind in missing}
        for freeze_id, missing in still_missing(found).items()
    }


def approvals_missing(message_id: UUID) -> tuple[str, ...]:
    """The kinds of approval that a message waits for as it is frozen now; the empty one is whichever. None where it may go."""
    waiting = waiting_freezes().filter(message_id=message_id).defer("words")
    return next(iter(still_missing(waiting).values()), ())


def kinds_given(freeze: Freeze) -> list[KindApproval]:
    """Who said yes as what, first to last."""
    return list(freeze.kinds_given.order_by("id")) if freeze.approvers else []


def may_give(actor: Actor) -> frozenset[str]:
    """The kinds of approval that the actor may give; the empty one is whichever."""
    return frozenset(kind for kind, ability in APPROVES_AS.items() if actor.may(ability))


def answer_expected_by(message_id: UUID) -> datetime | None:
    """Until when whoever is asked about a waiting message has to answer; since when nobody is asked, where nobody is any more.

    Where two kinds are missing, the earlier of both. None for a message that waits for no answer.
    """
    freeze = waiting_freezes().filter(message_id=message_id).defer("words").first()
    if freeze is None:
        return None
    lasts = [
        freeze.asks.filter(kind=kind).order_by("-id").first() for kind in still_missing([freeze])[freeze.pk]
    ]
    return min(freeze.frozen_at if last is None else last.ended_at or last.answer_by for last in lasts)


def nobody_answered(message_id: UUID) -> bool:
    """Whether a message waits for an approval and there is nobody any more who is being asked for it, or for one kind of it."""
    waiting = waiting_freezes().filter(message_id=message_id).defer("words")
    return any(None in asked.values() for asked in asked_now(waiting).values())


def without_an_answer(actor: Actor) -> list[Freeze]:
    """What waits for an approval that nobody is being asked for any more, of the messages that the actor sees, oldest first."""
    found = list(waiting_messages(actor).order_by("id"))
    asked = asked_now(found)
    return [one for one in found if None in asked[one.pk].values()]


def why_not_decide(actor: Actor, message: Message) -> str | None:
    """The code of the reason why the actor may not approve this message or send it back; None when they may."""
    policy = policy_of(message)
    mine = reference_of(actor)
    for author in writers_of(message):
        reason = why_not_approve(policy, kind=actor.kind, approver=mine, author=author)
        if reason:
            return reason
    freeze = current_freeze(message.pk)
    return _why_not_this_kind(actor, freeze) if freeze else None


def _why_not_this_kind(actor: Actor, freeze: Freeze) -> str | None:
    """Of words that name their approvers: one gives only what they are, and only once."""
    missing = still_missing([freeze])[freeze.pk]
    if not freeze.approvers or not missing:
        return None
    if freeze.kinds_given.filter(approved_by=reference_of(actor)).exists():
        return "messaging.other_kind_by_another"
    return None if may_give(actor) & set(missing) else "messaging.approver_of_another_kind"


def may_decide(actor: Actor, message: Message) -> bool:
    """Whether the actor may say yes or no to it, were it asked."""
    return actor.may("message.approve") and why_not_decide(actor, message) is None


def is_written_anew(message: Message) -> bool:
    """Whether another message of the same phase took its place."""
    same = Message.objects.filter(about=message.about, phase=message.phase, completes=message.completes)
    return same.filter(pk__gt=message.pk).exists()


def writers_of(message: Message) -> set[str]:
    """The references of everybody who wrote a version of it; of a program also who made its key."""
    authors = {message.written_by, *authors_of(message.pk)}
    return authors | makers_of_keys(authors)


def hands_in(message: Message, freeze: Freeze) -> set[str]:
    """The same and who froze it; of a program also who made its key."""
    return writers_of(message) | {freeze.frozen_by} | makers_of_keys({freeze.frozen_by})


def ref_of(reference: str) -> str:
    """The id or name in a reference such as `person:<id>`, as an actor's `ref`."""
    return reference.partition(":")[2]


def people_among(references: Iterable[str]) -> list[UUID]:
    """The ids of the people among references such as `person:<id>`; commands and keys have none."""
    return ids_among([ref_of(one) for one in sorted(references) if one.startswith(f"{ActorKind.PERSON}:")])


_FREEZES_LOOKED_AT = 20


def approved_already(message: Message, words: Mapping[str, Any], policy: ApprovalPolicy) -> Freeze | None:
    """The freeze in which a person approved exactly these words for the same thing and phase, of a message of which no less was
    asked, then as now; None where nobody did."""
    alike = Freeze.objects.filter(
        message__about=message.about,
        message__kind=message.kind,
        message__phase=message.phase,
        approval__isnull=False,
    )
    for one in alike.select_related("approval", "message").order_by("-pk")[:_FREEZES_LOOKED_AT]:
        if covers(one, words) and _asked_as_much(one, policy):
            return one
    return None


def _asked_as_much(approved: Freeze, policy: ApprovalPolicy) -> bool:
    """Whether the yes to a freeze is one that `policy` takes: its message may have been frozen again since, for more."""
    by_author = approved.approval.approved_by in writers_of(approved.message)
    kept = policy.kinds <= set(approved.approvers) and (policy.author_may or not by_author)
    return kept and not asks_less(approved.message_id, policy)


def covers(approved: Freeze, words: Mapping[str, Any]) -> bool:
    """Whether the approval of a freeze is for these words, whoever touched the rows since."""
    return approved.approval.digests == digests_of(approved.words) and same_words(approved.words, words)
