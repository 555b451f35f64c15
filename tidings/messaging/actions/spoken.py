"""What people sent back over services: told upwards once, to whoever keeps conversations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.messaging.models import Spoken


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: `reference` is the service's own id of it, made one of its kind by the service's; `confirmed` that it was taken as
    evidence."""

    channel: str
    address: str
    text: str
    at: datetime
    reference: str
    recipient_id: UUID | None
    confirmed: bool


def take_spoken(limit: int = 200) -> list[Heard]:
    """Up to `limit` of them, oldest first, each once. Call it inside the transaction that keeps them: rolled back, they are there
    again."""
    if not connection.in_atomic_block:
        raise RuntimeError("take_spoken outside a transaction would lose what it takes")
    rows = list(Spoken.objects.select_for_update(skip_locked=True).order_by("id")[:limit])
    Spoken.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [
        Heard(
            row.channel,
            row.address,
            row.text,
            row.at,
            f"{row.relay_id}:{row.reference}" if row.reference else "",
            row.recipient_id,
            row.confirmed,
        )
        for row in rows
    ]
