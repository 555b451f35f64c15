"""Pausing what is planned: everything, or one message. What was released already arrives; the next window does not leave."""

from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import queries
from tidings.messaging.models import Broadcast, Pause

ASKED = "asked"


def pause_sending(actor: Actor, *, message_id: UUID | None = None, why: str = "") -> list[UUID]:
    """Pauses every sending, or those of one message, until somebody resumes; gives the pauses. Twice is no error.

    Raises Conflict when that message has not been sent; Refused when somebody outside headquarters would stop everything.
    """
    actor.require("message.stop")
    if message_id is None:
        require_every_unit(actor)
        things = [("everything", "")]
    else:
        message = queries.message(actor, message_id)
        sent = Broadcast.objects.filter(message_id=message.pk).values_list("pk", flat=True)
        things = [("broadcast", str(broadcast)) for broadcast in sent]
        if not things:
            raise Conflict("messaging.not_sent_yet")
    with transaction.atomic():
        return [_pause(actor, scope, thing, why) for scope, thing in things]


def require_every_unit(actor: Actor) -> None:
    """Raises Refused for somebody who sees only part of the firm: what they would stop or let go is everybody's."""
    if actor.units is not None:
        raise Refused("messaging.only_headquarters")


def _pause(actor: Actor, scope: str, thing: str, why: str) -> UUID:
    same = Pause.objects.select_for_update().filter(scope=scope, thing=thing, reason=ASKED, ended_at=None)
    pause = same.first()
    if pause is None:
        by = queries.reference_of(actor)
        pause = Pause.objects.create(scope=scope, thing=thing, reason=ASKED, detail=why, paused_by=by)
        audit.record(actor, "message.stop", "pause", pause.pk, {"scope": scope, "thing": thing})
    return pause.pk
