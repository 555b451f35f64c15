"""Asking for an approval by name: one person at a time, reminded half-way, then the next, until somebody answers or nobody is left."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.jobs import enqueue
from tidings.messaging import queries
from tidings.messaging.actions.tell import tell_asked
from tidings.messaging.models import ApprovalAsk, Freeze, Message
from tidings.messaging.rules.approval import Answered, answer_by, remind_at
from tidings.people.queries import colleagues
from tidings.people.queries.roster import ToAsk, approvers_to_ask
from tidings.people.rules import MOST_ASKED

MOVE_ON = "messaging.move_approval_on"


def begin_asking(actor: Actor, message: Message, freeze: Freeze) -> None:
    """Asks the first for a freeze that was just made, in the caller's transaction; whoever was asked about older words is free.

    Where two kinds of approval are needed, the one that fewest can give is asked for first: nobody is asked for both.
    """
    older = ApprovalAsk.objects.filter(freeze__message=message, ended_at__isnull=True).exclude(freeze=freeze)
    older.update(ended_at=now(), outcome=Answered.VOID)
    if freeze.approval_needed:
        at, kinds = now(), queries.still_missing([freeze])[freeze.pk]
        for kind in sorted(
            kinds, key=lambda one: len(_order(message, freeze, one, at)) if len(kinds) > 1 else 0
        ):
            _ask_next(actor, message, freeze, kind, at)


def end_asking(freeze: Freeze, outcome: Answered, kind: str | None = None) -> None:
    """Whoever is being asked (for one `kind`) need not answer any more, in the caller's transaction."""
    asked = ApprovalAsk.objects.filter(freeze=freeze, ended_at__isnull=True)
    if kind is not None:
        asked = asked.filter(kind=kind)
    asked.update(ended_at=now(), outcome=outcome)


def pass_on(actor: Actor, message: Message, freeze: Freeze, kind: str) -> None:
    """Whoever is being asked for this kind gave the other one: the next in turn is asked, in the caller's transaction."""
    end_asking(freeze, Answered.PASSED_ON, kind)
    _ask_next(actor, message, freeze, kind, now())


def move_approval_on(actor: Actor, freeze_id: UUID, at: datetime) -> None:
    """Reminds or passes on whatever is due of one freeze at a moment; of one that waits no longer, ends the asking.

    Run twice it finds nothing left to do: the rows say what was done.
    """
    with transaction.atomic():
        freeze = Freeze.objects.defer("words").filter(pk=freeze_id).first()
        if freeze is None:
            return
        message = Message.objects.select_for_update().get(pk=freeze.message_id)
        if not queries.waiting_freezes().filter(pk=freeze_id).exists():
            end_asking(freeze, Answered.VOID)
            return
        for kind, asked in queries.asked_now([freeze])[freeze.pk].items():
            _move_on(actor, message, freeze, kind, asked, at)


def _move_on(
    actor: Actor, message: Message, freeze: Freeze, kind: str, asked: ApprovalAsk | None, at: datetime
) -> None:
    """Each kind of approval has a clock of its own."""
    if asked is None:
        _ask_next(actor, message, freeze, kind, at)
    elif at >= asked.answer_by or not colleagues([asked.person_id]):
        asked.ended_at, asked.outcome = at, Answered.PASSED_ON
        asked.save(update_fields=["ended_at", "outcome"])
        _ask_next(actor, message, freeze, kind, at)
    elif asked.reminded_at is None and at >= remind_at(asked.asked_at, asked.answer_by):
        asked.reminded_at = at
        asked.save(update_fields=["reminded_at"])
        audit.record(actor, "message.remind", "message", message.pk, {"person": str(asked.person_id)})
        tell_asked(message, asked, again=True)


def move_approvals_on(actor: Actor, at: datetime) -> int:
    """The same for every freeze of which something is due, one transaction each; gives how many. The truth is the row."""
    due = queries.approvals_to_move_on(at)
    for freeze_id in due:
        move_approval_on(actor, freeze_id, at)
    return len(due)


def _order(message: Message, freeze: Freeze, kind: str, at: datetime) -> list[ToAsk]:
    """Who may still be asked, in turn: the roster as it stands now says who. Nobody twice, no author, nobody who is being
    asked for the other kind or gave it.
    """
    before = set(
        freeze.asks.filter(Q(kind=kind) | Q(ended_at__isnull=True)).values_list("person_id", flat=True)
    )
    if freeze.asks.filter(kind=kind).count() >= MOST_ASKED:
        return []
    gave = queries.people_among(one.approved_by for one in queries.kinds_given(freeze))
    authors = () if message.author_may_approve else queries.people_among(queries.writers_of(message))
    return approvers_to_ask(message.unit_id, at, before | set(gave) | set(authors), kind)


def _ask_next(actor: Actor, message: Message, freeze: Freeze, kind: str, at: datetime) -> None:
    """The first of those; after MOST_ASKED nobody any more."""
    order = _order(message, freeze, kind, at)
    if not order:
        return
    by = answer_by(at, freeze.due_by)
    asked = ApprovalAsk.objects.create(
        freeze=freeze,
        person_id=order[0].person,
        kind=kind,
        asked_as=order[0].asked_as,
        asked_at=at,
        answer_by=by,
    )
    for moment in (remind_at(at, by), by):
        enqueue(
            MOVE_ON, at=moment, key=f"{MOVE_ON}:{asked.pk}:{int(moment.timestamp())}", freeze=str(freeze.pk)
        )
    told = {"person": str(asked.person_id), "asked_as": asked.asked_as, **({"kind": kind} if kind else {})}
    audit.record(actor, "message.ask", "message", message.pk, told)
    tell_asked(message, asked, again=False)
