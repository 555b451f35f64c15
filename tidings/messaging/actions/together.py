"""Who need not get a message, since another one told them the same: written down beside it, so that its reach adds up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.messaging import sql


def count_as_told(actor: Actor, message_id: UUID, told: Iterable[tuple[UUID, UUID]], due_by: datetime) -> int:
    """Counts contacts as told by the recipients of other messages; `told` are pairs of contact and recipient. Gives how many
    were written down. In the transaction that plans the message for everybody else.
    """
    actor.require("message.send")
    pairs = list(told)
    if not pairs:
        return 0
    values: dict[str, Any] = {
        "message": message_id,
        "contacts": [str(contact) for contact, _ in pairs],
        "recipients": [str(recipient) for _, recipient in pairs],
        "due_by": due_by,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.COUNT_AS_TOLD, values)
        written: int = cursor.rowcount
        audit.record(actor, "message.told_together", "message", message_id, {"contacts": written})
    return written
