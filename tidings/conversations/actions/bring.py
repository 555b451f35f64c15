"""What comes in is kept, raw and once, before anything is made of it and before the other side hears that we have it."""

from collections.abc import Sequence
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from uuid import UUID

from django.db import transaction

from tidings.conversations.actions.decide import DECIDE
from tidings.conversations.actions.doors import note_door
from tidings.conversations.doors.base import Keep, settings_of, ways
from tidings.conversations.models import Arrival, Door
from tidings.conversations.queries import opened_settings
from tidings.conversations.rules import State
from tidings.kernel import files
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused, TryLater
from tidings.kernel.jobs import enqueue
from tidings.messaging.rules.automatic import subject_of
from tidings.messaging.rules.returned import addresses_in

AT_THE_DOOR = Actor(
    ActorKind.SYSTEM, "doors", frozenset({"arrival.bring", "message.returned", "message.confirm"})
)
"""Who keeps and decides what comes in by itself."""
LARGEST = 50_000_000
_LONGEST = 500


def keep_arrival(
    actor: Actor, door_id: UUID | None, raw: bytes, envelope: Sequence[str] = ()
) -> tuple[UUID, bool]:
    """Keeps a mail and has it decided; its id, and whether it is new. When this returns it is committed.

    Raises Refused("arrival.empty") and Refused("file.too_large").
    """
    actor.require("arrival.bring")
    if not raw.strip():
        raise Refused("arrival.empty")
    digest = files.keep(raw, max_bytes=LARGEST)
    mail = BytesHeaderParser().parsebytes(
        raw
    )  # the heads alone: parts may be nested so that reading them never ends
    sender = parseaddr(str(mail.get("From", "")))[1] or next(
        iter(addresses_in(str(mail.get("From", "")))), ""
    )
    values = {
        "door_id": door_id,
        "size": len(raw),
        "envelope": [_storable(one) for one in envelope][:50],
        "sender": _storable(sender),
        "subject": _storable(subject_of(mail)),
        "came_at": now(),
    }
    with transaction.atomic():
        arrival, new = Arrival.objects.get_or_create(raw=digest, defaults=values)
        if new:
            enqueue(DECIDE, arrival=str(arrival.pk))
    return arrival.pk, new


def look_in(actor: Actor, door_id: UUID) -> int:
    """Takes what waits behind a door that is asked, or sees whether one that listens does; notes how it stands. How many came."""
    door = Door.objects.filter(pk=door_id, ended_at=None).first()
    kind = ways().get(door.code) if door else None
    if door is None or kind is None:
        return 0
    try:
        way = kind(settings_of(kind, opened_settings(door)))
        looked = way.bring(_keeper(actor, door), door.position) if kind.polls else way.look()
    except TryLater as away:
        note_door(door_id, State.UNREACHABLE, away.code)
        return 0
    except Refused as no:
        note_door(door_id, State.REFUSED, no.code)
        return 0
    note_door(door_id, State.OPEN, position=dict(looked.position) if kind.polls else None)
    return looked.came


def _keeper(actor: Actor, door: Door) -> Keep:
    def keep(raw: bytes, envelope: Sequence[str]) -> None:
        keep_arrival(actor, door.pk, raw, envelope)

    return keep


def _storable(text: str) -> str:
    """What the database can keep of it: no NUL, no half of a pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:_LONGEST]
