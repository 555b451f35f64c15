"""Sending: the plan, one row per contact, written in one transaction. The sender process takes it from there."""

import json
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries, sql
from tidings.messaging.actions.late import only_held, supersede, take_held
from tidings.messaging.models import Broadcast, Freeze, FrozenText, Message
from tidings.messaging.rules.content import Audience, audience_outgrew, digests_of
from tidings.messaging.rules.delivery import MUST_CONFIRM, Lane

RECIPIENTS_IN_A_CHUNK = 500
SETTLE_SECONDS = 900
"""How long a bounce is waited for before an accepted mail is presumed to have arrived. The catcher bounces nothing."""


def send_message(actor: Actor, message_id: UUID, audience: Audience, *, urgent: bool = False) -> int:
    """Plans the frozen message for everybody in the audience who does not have it yet. Gives how many were planned.

    Who has no usable address is planned as unreachable; who reads a language without a text waits, and gets the first
    language at half the time left. What completes a sent message goes only to those who still wait for a language of it, and
    who wait for that one no more. Raises Refused when the words are not frozen, not approved, or the audience outgrew
    the size that was approved; Conflict when they are not the words that were approved; Missing when there is no such
    message.
    """
    actor.require("message.send")
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise Missing("messaging.no_such_message")
        freeze = _ready(message)
        first = not queries.was_sent(message_id)
        broadcast = Broadcast.objects.create(
            message_id=message_id,
            lane=Lane.URGENT if urgent else Lane.BROADCAST,
            drill=message.drill,
            settle_seconds=0 if message.drill or not queries.has_relay() else SETTLE_SECONDS,
        )
        for language, words in freeze.words.items():
            FrozenText.objects.create(
                broadcast=broadcast,
                language=language,
                channel="email",
                source=json.dumps(words, ensure_ascii=False),
            )
        held = take_held(message) if message.completes else []
        if message.completes:
            audience = only_held(audience, held, freeze.words)
        audience = queries.within_forms(audience, freeze.words)
        planned = _plan(broadcast, message_id, audience, list(freeze.words))
        if held:
            supersede(message, held)
        if first and audience_outgrew(freeze.audience_size, planned):
            raise Refused("messaging.audience_outgrew", approved=freeze.audience_size, now=planned)
        told = {
            "about": message.about,
            "broadcast": str(broadcast.pk),
            "digest": freeze.digest,
            "planned": planned,
        }
        audit.record(actor, "message.send", "message", message_id, told)
        live.notify(f"about:{message.about}")
        live.notify_worklists()
    return planned


def _ready(message: Message) -> Freeze:
    freeze = queries.current_freeze(message.pk)
    if freeze is None:
        raise Conflict("messaging.nothing_frozen")
    if not queries.is_approved(freeze):
        raise Refused("messaging.not_approved")
    if freeze.approval_needed and not _is_what_was_approved(freeze):
        raise Conflict("messaging.approval_void")
    if freeze.same_as is not None and not queries.covers(freeze.same_as, freeze.words):
        raise Conflict("messaging.approval_void")
    return freeze


def _is_what_was_approved(freeze: Freeze) -> bool:
    """Whether the words and the size are still those that the approval names, whoever touched the rows since, and whether each
    kind of approver that the freeze names said yes to them.
    """
    approval = freeze.approval
    given = {one.kind for one in queries.kinds_given(freeze) if one.digest == freeze.digest}
    return (
        approval.digests == digests_of(freeze.words)
        and approval.audience_size == freeze.audience_size
        and given >= set(freeze.approvers)
    )


def _plan(broadcast: Broadcast, message_id: UUID, audience: Audience, languages: list[str]) -> int:
    fallback = "en" if "en" in languages else languages[0]
    values = {
        **audience.params,
        "plan_message": message_id,
        "plan_broadcast": broadcast.pk,
        "plan_lane": broadcast.lane,
        "plan_languages": languages,
        "plan_fallback": fallback,
        "plan_channels": queries.sent_channels(),
        "plan_chunk": RECIPIENTS_IN_A_CHUNK,
        "plan_confirm": list(MUST_CONFIRM),
        "plan_confirm_all": audience.confirm,
        "plan_now": now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.ROOM_TO_PLAN)
        cursor.execute(sql.plan(audience), values)
        planned = int(cursor.fetchone()[0])
        cursor.execute(sql.ROOM_PLANNED)
    return planned
