"""Whom a delivery went to, for whoever learns something from outside that names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tidings.messaging.models import Message, Recipient
from tidings.messaging.queries.reach import recipient_behind


@dataclass(frozen=True, slots=True)
class Addressee:
    """One recipient as they were planned. `about` is empty for account mail; `address` is the one that was written to last."""

    recipient_id: UUID
    message_id: UUID
    about: str
    phase: str
    unit_id: UUID | None
    contact_id: UUID
    name: str
    language: str
    address: str
    lines: tuple[Mapping[str, Any], ...]
    shipment_ids: tuple[UUID, ...]


def addressee(given: UUID) -> Addressee | None:
    """The recipient whose own id this is, or that of any delivery to them; None where nothing of it is kept."""
    found = recipient_behind(given)
    row = Recipient.objects.filter(pk=found).first() if found else None
    if row is None:
        return None
    message = Message.objects.filter(pk=row.message_id).first()
    return Addressee(
        row.pk,
        row.message_id,
        message.about if message else "",
        message.phase if message else "",
        message.unit_id if message else None,
        row.contact_id,
        row.name,
        row.language,
        row.address or "",
        tuple(row.lines),
        tuple(row.shipment_ids),
    )
