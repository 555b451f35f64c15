"""A person reads an answer, looks at what was not applied, or is done with a conversation."""

from uuid import UUID

from django.db import transaction

from tidings.conversations import queries
from tidings.conversations.models import Answer, Arrival, Conversation
from tidings.kernel import audit, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.messaging.queries import reference_of


def mark_read(actor: Actor, conversation_id: UUID) -> int:
    """All answers of a conversation are read; gives how many were not. Raises Missing("arrival.no_such_conversation")."""
    actor.require("arrival.handle")
    with transaction.atomic():
        conversation = _locked(actor, conversation_id)
        unread = Answer.objects.filter(conversation=conversation, read_at=None)
        read = unread.update(read_at=now(), read_by=reference_of(actor))
        if read:
            audit.record(
                actor,
                "arrival.read",
                "conversation",
                conversation.pk,
                {"about": conversation.about, "answers": read},
            )
            live.notify_worklists()
    return read


def end_conversation(actor: Actor, conversation_id: UUID) -> None:
    """Nothing is left to do; a later answer begins another. What was not read is read by this. Raises Missing."""
    actor.require("arrival.handle")
    with transaction.atomic():
        mark_read(actor, conversation_id)
        conversation = _locked(actor, conversation_id)
        if conversation.ended_at is None:
            conversation.ended_at, conversation.ended_by = now(), reference_of(actor)
            conversation.save(update_fields=["ended_at", "ended_by"])
            audit.record(actor, "arrival.end", "conversation", conversation.pk, {"about": conversation.about})


def mark_seen(actor: Actor, arrival_id: UUID) -> None:
    """Somebody looked at a mail that was not applied. Raises Missing("arrival.no_such_arrival")."""
    actor.require("arrival.handle")
    with transaction.atomic():
        arrival = queries.arrival(actor, arrival_id)
        known = Arrival.objects.select_for_update().get(pk=arrival.pk)
        if known.seen_at is None:
            known.seen_at, known.seen_by = now(), reference_of(actor)
            known.save(update_fields=["seen_at", "seen_by"])
            audit.record(actor, "arrival.seen", "arrival", known.pk, {"kind": known.kind})


def _locked(actor: Actor, conversation_id: UUID) -> Conversation:
    known = queries.conversation(actor, conversation_id)
    return Conversation.objects.select_for_update().get(pk=known.pk)
