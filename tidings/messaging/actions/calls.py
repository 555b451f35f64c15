"""The call list at work: somebody takes a call, and says what came of it. Each is evidence like any other."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries, sql
from tidings.messaging.actions.confirm import confirm
from tidings.messaging.actions.facts import add_fact
from tidings.messaging.models import Broadcast, Call, Recipient, RefusedAddress
from tidings.messaging.rules.calling import AGAIN, AT_FAULT, GIVEN_BACK, HELD_FOR, LAPSED, CallOutcome
from tidings.messaging.rules.delivery import Confirming, Outcome

LONGEST_NOTE = 1000


def take_call(actor: Actor, wanted: queries.CallFilter | None = None) -> Call | None:
    """The next call for this person, theirs for a quarter of an hour; None where nobody is to be called now.

    Who has one in hand gets that one: of two presses the second takes no second call. Two people never get the same.
    """
    actor.require("call.take")
    at = now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.ONE_PRESS_AT_A_TIME, {"person": queries.reference_of(actor)})
        in_hand = queries.call_in_hand(actor, at)
        if in_hand is not None:
            return in_hand
        until = at + HELD_FOR
        values = queries.take_values(actor, at, until, wanted or queries.CallFilter())
        with connection.cursor() as cursor:
            cursor.execute(sql.TAKE_CALL, values)
            found = cursor.fetchone()
        if found is None:
            return None
        recipient, delivery, about = found
        Call.objects.filter(recipient_id=recipient, ended_at=None).update(ended_at=at, outcome=LAPSED)
        call = Call.objects.create(
            recipient_id=recipient,
            delivery_id=delivery,
            about=about,
            taken_by=queries.reference_of(actor),
            taken_at=at,
            leased_until=until,
        )
        audit.record(actor, "call.take", "recipient", recipient, {"about": about})
    return call


def end_call(
    actor: Actor, call_id: UUID, outcome: str, note: str = "", *, again_at: datetime | None = None
) -> None:
    """Says what came of a call of one's own. `again_at` is when they are to be called again, where nobody was reached.

    Reached confirms, with it what older messages about the same thing were to tell; a wrong number, or somebody who refuses
    calls, closes this number everywhere and goes on to the next rung. Raises Missing("messaging.no_such_call"), Conflict("messaging.call_ended") when it went to somebody else
    meanwhile or was ended already, Refused("messaging.again_passed") for a moment that has passed.
    """
    actor.require("call.take")
    said, at = CallOutcome(outcome), now()
    if said in AGAIN and again_at is not None and again_at <= at:
        raise Refused("messaging.again_passed")
    with transaction.atomic():
        call, row = _locked(actor, call_id)
        again_at = (again_at or at + AGAIN[said]) if said in AGAIN else None
        if row.delivery_id == call.delivery_id:
            also = list(queries.also_to_tell(row, call).select_for_update())
            _bring(actor, row, said, at, again_at)
            for older in also if said not in AGAIN else ():
                _bring(actor, older, said, at, None)
        _end(call, at, said, note[:LONGEST_NOTE].strip(), again_at)
        audit.record(actor, "call.take", "recipient", row.pk, {"about": call.about, "outcome": said.value})
        live.notify(f"about:{call.about}")


def give_back_call(actor: Actor, call_id: UUID) -> None:
    """Puts a call back without an outcome: it stands on the list for anybody again. Raises as `end_call`."""
    actor.require("call.take")
    with transaction.atomic():
        call, row = _locked(actor, call_id)
        Recipient.objects.filter(pk=row.pk, state="call_list").update(next_at=None)
        _end(call, now(), GIVEN_BACK)
        audit.record(actor, "call.take", "recipient", row.pk, {"about": call.about, "outcome": GIVEN_BACK})


def _locked(actor: Actor, call_id: UUID) -> tuple[Call, Recipient]:
    """The recipient first, as whoever takes a call locks them."""
    mine = Call.objects.filter(pk=call_id, taken_by=queries.reference_of(actor))
    recipient = mine.values_list("recipient_id", flat=True).first()
    row = Recipient.objects.select_for_update().filter(pk=recipient).first() if recipient else None
    if row is None:
        raise Missing("messaging.no_such_call")
    call = mine.select_for_update().get()
    if call.ended_at is not None:
        raise Conflict("messaging.call_ended")
    return call, row


def _bring(actor: Actor, row: Recipient, said: CallOutcome, at: datetime, again_at: datetime | None) -> None:
    if said is CallOutcome.REACHED:
        confirm(row.pk, Confirming.CALL, at, actor=actor)
    elif said in AT_FAULT:
        add_fact(row, Outcome.REFUSED, at, reply=said, attempt=row.attempt)
        _blame(row, said, at)
    else:
        add_fact(row, Outcome.LATER, at, reply=said, attempt=row.attempt, next_at=again_at)
        Recipient.objects.filter(pk=row.pk).update(attempt=row.attempt + 1)


def _blame(row: Recipient, said: CallOutcome, at: datetime) -> None:
    """Tells those above that this number is at fault, or is not to be called; never for an exercise."""
    if row.address and not Broadcast.objects.get(pk=row.broadcast_id).drill:
        values = {"channel": row.channel, "address": row.address, "reply": said.value, "at": at}
        RefusedAddress.objects.get_or_create(delivery_id=row.delivery_id, defaults=values)


def _end(call: Call, at: datetime, outcome: str, note: str = "", again_at: datetime | None = None) -> None:
    call.ended_at, call.outcome, call.note, call.again_at = at, outcome, note, again_at
    call.save(update_fields=["ended_at", "outcome", "note", "again_at"])
