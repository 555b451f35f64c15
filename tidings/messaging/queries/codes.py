"""Which messages a code names: for anybody who asks whether one is ours, and for our own people's search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tidings.kernel.actor import Actor
from tidings.messaging import sql
from tidings.messaging.models import Message, Recipient, Result
from tidings.messaging.queries.heard import LEFT
from tidings.messaging.queries.messages import visible_messages
from tidings.messaging.rules.wording import bits_of_code


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours that left: when, about what kind of thing, and whether it was an exercise. Nothing of its reader."""

    at: datetime
    kind: str
    drill: bool


def ours(code: str) -> list[Ours]:
    """The messages with this code that have left, newest first: as good as always one or none."""
    rows = {row.pk: row for row in _named(code)}
    left = Result.objects.filter(
        delivery_id__in={row.delivery_id for row in rows.values()} | set(rows), outcome__in=LEFT
    )
    first: dict[object, datetime] = {}
    for recipient, at in left.order_by("-at").values_list("recipient_id", "at"):
        first[recipient] = at
    about = Message.objects.in_bulk([row.message_id for row in rows.values()])
    found = [
        Ours(first[pk], about[row.message_id].kind, about[row.message_id].drill)
        for pk, row in rows.items()
        if pk in first and row.message_id in about
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def recipients_by_code(actor: Actor, code: str) -> Sequence[Recipient]:
    """The recipients whose message carries this code, of messages that the actor may see."""
    found = _named(code)
    seen = set(
        visible_messages(actor).filter(pk__in=[row.message_id for row in found]).values_list("pk", flat=True)
    )
    return [row for row in found if row.message_id in seen]


def _named(code: str) -> list[Recipient]:
    bits = bits_of_code(code)
    if bits is None:
        return []
    return list(Recipient.objects.raw(sql.BY_CODE, {"bits": bits}))
