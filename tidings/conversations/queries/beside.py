"""What stands beside an answer: the customer, the numbers that we know, and the shipments that our message was about. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tidings.conversations.models import Conversation
from tidings.customers.queries import known_numbers, name_of
from tidings.messaging.queries.addressee import addressee

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Beside:
    """`lines` are the shipments as our message told them, gravest first; `more` counts the rest."""

    customer_id: UUID | None
    customer: str
    numbers: Sequence[str]
    lines: Sequence[tuple[UUID | None, Mapping[str, Any]]]
    more: int


def beside(conversation: Conversation) -> Beside:
    """What belongs to one conversation; empty for one that names nothing of ours."""
    told = addressee(conversation.recipient_id) if conversation.recipient_id else None
    lines = list(told.lines) if told else []
    ids: list[UUID | None] = list(told.shipment_ids) if told else []
    ids += [None] * (len(lines) - len(ids))
    return Beside(
        conversation.customer_id,
        name_of(conversation.customer_id) if conversation.customer_id else "",
        known_numbers(conversation.contact_id) if conversation.contact_id else [],
        list(zip(ids, lines, strict=False))[:SHOWN],
        max(len(lines) - SHOWN, 0),
    )
