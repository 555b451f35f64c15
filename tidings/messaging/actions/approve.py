"""Approving: a person's yes or no to one frozen message, or their yes to a text beforehand."""

from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries
from tidings.messaging.actions.ask import end_asking, pass_on
from tidings.messaging.actions.pause import require_every_unit
from tidings.messaging.actions.tell import tell_approved, tell_sent_back
from tidings.messaging.models import Approval, Freeze, KindApproval, Message, SentBack, TextApproval
from tidings.messaging.rules.approval import Answered, counts_as
from tidings.messaging.rules.content import digests_of


def approve_message(actor: Actor, message_id: UUID, digest: str, kind: str | None = None) -> tuple[str, ...]:
    """Approves the frozen words of this `digest`, the one the approver had before them, for the audience size they were
    frozen with, and tells who wrote them. Twice is no error. Gives the kinds of approval that are still missing.

    Where they need more than one, `kind` says as which this one counts; without it, as the one that the actor is asked for.
    Raises Refused("messaging.approver_of_another_kind") when none of the missing ones is theirs to give,
    Refused("messaging.other_kind_by_another") when they gave one already, Missing for a message of another unit, Refused when the actor is no person, or the author where the policy
    asks for another; Conflict when nothing is frozen, or other words than those the approver saw, when somebody sent these
    back already, or when another message was written in the place of this one.
    """
    with transaction.atomic():
        message, freeze = _before_the_approver(actor, message_id, digest)
        if queries.is_sent_back(freeze):
            raise Conflict("messaging.decided_already")
        if freeze.approvers and not queries.is_approved(freeze):
            missing = _give_kind(actor, message, freeze, kind)
            if missing:
                return missing
        _, new = Approval.objects.get_or_create(
            freeze=freeze,
            defaults={
                "approved_by": queries.reference_of(actor),
                "digests": digests_of(freeze.words),
                "audience_size": freeze.audience_size,
            },
        )
        if new:
            told = {"digest": freeze.digest, "audience_size": freeze.audience_size}
            audit.record(actor, "message.approve", "message", message_id, told)
            end_asking(freeze, Answered.APPROVED)
            tell_approved(message, freeze, actor)
    return ()


def _give_kind(actor: Actor, message: Message, freeze: Freeze, chosen: str | None) -> tuple[str, ...]:
    """One kind's yes, in the caller's transaction. Whoever gave it is asked for no other kind; the next in turn is."""
    asked_now = queries.asked_now([freeze])[freeze.pk]
    mine = next((kind for kind, ask in asked_now.items() if ask and str(ask.person_id) == actor.ref), None)
    kind = counts_as(tuple(asked_now), queries.may_give(actor), asked_as=mine, chosen=chosen)
    if kind is None:
        raise Refused("messaging.approver_of_another_kind")
    KindApproval.objects.create(
        freeze=freeze, kind=kind, digest=freeze.digest, approved_by=queries.reference_of(actor)
    )
    missing = tuple(one for one in asked_now if one != kind)
    if missing:
        told = {"digest": freeze.digest, "audience_size": freeze.audience_size, "kind": kind}
        audit.record(actor, "message.approve", "message", message.pk, told)
        end_asking(freeze, Answered.APPROVED, kind)
        if mine in missing:
            pass_on(actor, message, freeze, mine)
        tell_approved(message, freeze, actor, missing)
    return missing


def send_back(actor: Actor, message_id: UUID, digest: str, reason: str) -> None:
    """Sends the frozen words of this `digest` back to who wrote them, with the `reason`. They do not go; another version is
    asked about anew, and whoever else is asked about these is free.

    Raises Refused("messaging.reason_needed") without one, Conflict when they were approved, sent back or sent already,
    and what `approve_message` raises.
    """
    said = reason.strip()
    with transaction.atomic():
        message, freeze = _before_the_approver(actor, message_id, digest)
        if not said:
            raise Refused("messaging.reason_needed")
        decided = queries.is_approved(freeze) or queries.is_sent_back(freeze)
        if decided or queries.was_sent(message_id):
            raise Conflict("messaging.decided_already")
        SentBack.objects.create(freeze=freeze, reason=said, sent_back_by=queries.reference_of(actor))
        audit.record(actor, "message.send_back", "message", message_id, {"digest": freeze.digest})
        end_asking(freeze, Answered.SENT_BACK)
        tell_sent_back(message, freeze, actor, said)


def _before_the_approver(actor: Actor, message_id: UUID, digest: str) -> tuple[Message, Freeze]:
    """The locked message and its frozen words, if this actor may decide on them and these are what they read."""
    actor.require("message.approve")
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None or (actor.units is not None and message.unit_id not in actor.units):
        raise Missing("messaging.no_such_message")
    freeze = queries.current_freeze(message_id)
    if freeze is None:
        raise Conflict("messaging.nothing_frozen")
    if freeze.digest != digest:
        raise Conflict("messaging.other_words_frozen")
    if queries.is_written_anew(message):
        raise Conflict("messaging.written_anew")
    reason = queries.why_not_decide(actor, message)
    if reason:
        raise Refused(reason)
    return message, freeze


def approve_text(actor: Actor, kind: str, phase: str, language: str, digest: str) -> None:
    """Approves the text of a kind, phase and language beforehand: the words of this `digest`, which the approver had
    before them. Twice is no error.

    Raises Refused when the actor is no person, sees only part of the firm, or wrote what the firm says in it; Missing when
    there is no such text; Conflict when it says something else by now.
    """
    actor.require("message.approve")
    require_every_unit(actor)
    reason = queries.why_not_approve_text(actor, kind, phase, language)
    if reason:
        raise Refused(reason)
    text = queries.texts_for(kind, phase).get(language)
    if text is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    if text.digest != digest:
        raise Conflict("messaging.other_text_by_now")
    with transaction.atomic():
        approval, new = TextApproval.objects.get_or_create(
            kind=kind,
            phase=phase,
            language=language,
            digest=text.digest,
            defaults={"approved_by": queries.reference_of(actor)},
        )
        if new:
            told = {"kind": kind, "phase": phase, "language": language, "digest": text.digest}
            audit.record(actor, "message.approve", "text", approval.pk, told)
