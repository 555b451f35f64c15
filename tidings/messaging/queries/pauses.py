"""What is held, why, and how many wait for it: for the banner, the page and the commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.messaging import sql
from tidings.messaging.models import Broadcast, Message, Pause, Relay
from tidings.messaging.queries.texts import reference_of


@dataclass(frozen=True, slots=True)
class Paused:
    """One pause in force. `what` names the thing it holds in a reader's words; `uncertain` of the `waiting` may have gone out.

    `until` is set where it ends by itself.
    """

    id: UUID
    scope: str
    what: str
    reason: str
    detail: str
    by: str
    at: datetime
    until: datetime | None
    waiting: int
    uncertain: int


def paused(actor: Actor) -> list[Paused]:
    """Every pause in force that concerns the actor, the widest first, with how many wait. Who does not see every unit is not told
    of single messages but those of their units and of their own hand."""
    actor.require("message.read")
    rows = sorted(open_pauses(), key=lambda one: (one.scope != "everything", one.paused_at))
    theirs = None if actor.units is None else _broadcasts_of(actor, rows)
    return [held_by(row) for row in rows if theirs is None or row.scope != "broadcast" or row.thing in theirs]


def _broadcasts_of(actor: Actor, rows: Sequence[Pause]) -> set[str]:
    """Which of the single messages that are held an actor of a unit may hear of."""
    held = [row.thing for row in rows if row.scope == "broadcast"]
    own = Q(written_by=reference_of(actor)) | Q(unit_id__in=actor.units or ())
    sent = Broadcast.objects.filter(pk__in=held, message_id__in=Message.objects.filter(own).values("pk"))
    return {str(pk) for pk in sent.values_list("pk", flat=True)}


def open_pauses() -> QuerySet[Pause]:
    """The pauses in force."""
    return Pause.objects.filter(Q(until=None) | Q(until__gt=now()), ended_at=None)


def held_by(row: Pause) -> Paused:
    """One of them with how many wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.HELD, extent(row))
        waiting, uncertain = cursor.fetchone()
    return Paused(
        id=row.pk,
        scope=row.scope,
        what=_what(row),
        reason=row.reason,
        detail=row.detail,
        by=row.paused_by,
        at=row.paused_at,
        until=row.until,
        waiting=int(waiting),
        uncertain=int(uncertain),
    )


def extent(row: Pause) -> dict[str, Any]:
    """Which recipients a pause holds, as the statements want to know it. A relay's may be anybody's."""
    scope = "everything" if row.scope == "relay" else row.scope
    return {"scope": scope, "thing": row.thing, "destination": row.thing.rpartition("/")[2]}


def _what(row: Pause) -> str:
    if row.scope == "broadcast":
        sent = Broadcast.objects.filter(pk=row.thing).values_list("message_id", flat=True).first()
        message = Message.objects.filter(pk=sent).first() if sent else None
        return message.about if message else row.thing
    if row.scope == "relay":
        return Relay.objects.filter(pk=row.thing).values_list("code", flat=True).first() or row.thing
    return row.thing.rpartition("/")[2]
