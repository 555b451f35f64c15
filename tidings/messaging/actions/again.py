"""Sending again, by a person's press: new deliveries of a sent message, only to whom it has not reached."""

import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries
from tidings.messaging.actions.send import RECIPIENTS_IN_A_CHUNK, SETTLE_SECONDS
from tidings.messaging.models import Broadcast, Freeze, FrozenText, Message
from tidings.messaging.rules.content import Audience
from tidings.messaging.sql import again


def send_again(
    actor: Actor,
    message_id: UUID,
    ladder: Audience,
    seen: queries.SeenAgain,
    onward: queries.Onward | None = None,
) -> int:
    """Gives everybody whom the message has not reached a new delivery, with a new Message-ID: on the first address that was
    not tried yet, or the first again, or as `onward` says. Gives how many. `ladder` is whom they can be reached by now: contact_id, channel,
    address, further.

    Who is being sent to, or called, at this moment is left alone. Raises Conflict("messaging.sent_again_meanwhile") when
    somebody pressed since the page was `seen`, Conflict("messaging.more_not_reached") when it would go to more people than
    it showed, Refused("messaging.nobody_left"), Missing for a message that has not gone.
    """
    actor.require("message.send")
    at, onward = now(), onward or queries.Onward()
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        freeze = queries.current_freeze(message_id) if message else None
        if message is None or freeze is None or not queries.was_sent(message_id):
            raise Missing("messaging.no_such_message")
        ladder = queries.within_forms(ladder, freeze.words)
        stands = queries.not_reached(message_id, ladder, at, onward)
        if stands.broadcast != seen.broadcast:
            raise Conflict("messaging.sent_again_meanwhile")
        if stands.people > seen.people:
            raise Conflict("messaging.more_not_reached", seen=seen.people, now=stands.people)
        if not stands.people:
            raise Refused("messaging.nobody_left")
        broadcast = _broadcast(message, freeze)
        values = {
            **ladder.params,
            **onward.values(message_id, at),
            "broadcast": broadcast.pk,
            "lane": broadcast.lane,
            "channels": queries.sent_channels(),
            "size": RECIPIENTS_IN_A_CHUNK,
        }
        planned = _plan(ladder, values)
        told = {"about": message.about, "broadcast": str(broadcast.pk), "digest": freeze.digest}
        audit.record(
            actor, "message.send", "message", message_id, {**told, "planned": planned, "how": onward.how}
        )
        live.notify(f"about:{message.about}")
    return planned


def _plan(ladder: Audience, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(again.send(ladder), values)
        return int(cursor.fetchone()[0])


def _broadcast(message: Message, freeze: Freeze) -> Broadcast:
    """A sending of the same words."""
    before = Broadcast.objects.filter(message_id=message.pk).latest("pk")
    broadcast = Broadcast.objects.create(
        message_id=message.pk,
        lane=before.lane,
        drill=message.drill,
        settle_seconds=0 if message.drill or not queries.has_relay() else SETTLE_SECONDS,
    )
    for language, words in freeze.words.items():
        source = json.dumps(words, ensure_ascii=False)
        FrozenText.objects.create(broadcast=broadcast, language=language, channel="email", source=source)
    return broadcast
