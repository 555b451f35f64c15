"""What somebody answered, by mail or another channel, becomes part of a conversation; with a key it is evidence that they have it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tidings.conversations.models import Acknowledged, Answer, Arrival, Conversation
from tidings.conversations.rules import asked_in
from tidings.customers.queries import living_customer_of
from tidings.kernel import live
from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging.actions import confirm
from tidings.messaging.actions.account import send_account_mail
from tidings.messaging.actions.spoken import take_spoken
from tidings.messaging.queries.addressee import Addressee, addressee
from tidings.messaging.rules.delivery import Confirming

_PROGRAM = Actor(ActorKind.SYSTEM, "acknowledgement", frozenset({"message.account"}))


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, without what it quotes. `proves`: only who has our message could say it so, and no program did; `confirmed`: it
    was taken as evidence already, by whoever heard it."""

    text: str
    at: datetime
    sender: str = ""
    subject: str = ""
    shortened: bool = False
    proves: bool = False
    confirmed: bool = False
    channel: str = "email"
    reference: str = ""
    delivery_id: UUID | None = None


def take_answers(actor: Actor, limit: int = 200) -> int:
    """Keeps what people sent back over services, by text message or a pressed key; gives how many there were."""
    actor.require("arrival.bring")
    with transaction.atomic():
        heard = take_spoken(limit)
        for one in heard:
            if one.reference and Answer.objects.filter(channel=one.channel, reference=one.reference).exists():
                continue
            said = Said(
                one.text,
                one.at,
                one.address,
                confirmed=one.confirmed,
                channel=one.channel,
                reference=one.reference,
            )
            keep_answer(addressee(one.recipient_id) if one.recipient_id else None, said)
    return len(heard)


def keep_answer(told: Addressee | None, said: Said, *, arrival: Arrival | None = None) -> Answer:
    """Adds it to the conversation with this person about this thing, which it opens where there is none. In the caller's transaction."""
    conversation = _conversation(told, said)
    answer = Answer.objects.create(
        conversation=conversation,
        arrival=arrival,
        channel=said.channel,
        reference=said.reference,
        sender=said.sender,
        text=said.text,
        shortened=said.shortened,
        asks=[one.value for one in asked_in(f"{said.subject}\n{said.text}")],
        confirms=said.proves or said.confirmed,
        at=said.at,
    )
    if told is not None and told.about and said.proves and said.delivery_id is not None:
        confirm(said.delivery_id, Confirming.ANSWER, said.at)
    if told is not None and told.address and said.proves and arrival is not None and arrival.door is not None:
        _acknowledge(told, arrival)
    live.notify_worklists()
    return answer


def _conversation(told: Addressee | None, said: Said) -> Conversation:
    """The open one under its key, locked; a new one where there is none."""
    key = (
        f"{told.about}:{told.contact_id}"
        if told is not None and told.about
        else f"{said.channel}:{_digest(said.sender)}"
    )
    found = Conversation.objects.select_for_update().filter(key=key, ended_at=None).first()
    if found is not None:
        found.last_at = max(found.last_at, said.at)
        found.save(update_fields=["last_at"])
        return found
    if told is None or not told.about:
        return Conversation.objects.create(
            key=key, address=said.sender, subject=said.subject, opened_at=said.at, last_at=said.at
        )
    return Conversation.objects.create(
        key=key,
        about=told.about,
        recipient_id=told.recipient_id,
        contact_id=told.contact_id,
        customer_id=living_customer_of(told.contact_id),
        unit_id=told.unit_id,
        name=told.name,
        address=said.sender,
        subject=said.subject,
        language=told.language,
        opened_at=said.at,
        last_at=said.at,
    )


def _acknowledge(told: Addressee, arrival: Arrival) -> None:
    """One word a day to the address that we wrote to, never to whoever the answer says it is from: nobody can have us write to others."""
    if arrival.door is None or not arrival.door.acknowledges:
        return
    _row, first = Acknowledged.objects.get_or_create(key=_digest(told.address), day=arrival.came_at.date())
    if not first:
        return
    with translation.override(told.language):
        subject = _("We have your answer")
        body = _(
            "Thank you for your answer. A person reads it. This mail was written by a program; you get at most one of them a day."
        )
    send_account_mail(_PROGRAM, to=told.address, subject=subject, body=body, language=told.language)


def _digest(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:40]
