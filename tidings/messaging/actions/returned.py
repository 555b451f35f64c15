"""What came back for one delivery, a bounce, a receipt or a complaint, becomes facts like those that the sender learns itself."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tidings.kernel.actor import Actor
from tidings.messaging import queries
from tidings.messaging.actions.evidence import add_evidence, tell_upwards
from tidings.messaging.actions.facts import standing
from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.moves import rung_of
from tidings.messaging.models import Recipient, Relay, Result
from tidings.messaging.rules.bounces import GONE, Arrived, Kind
from tidings.messaging.rules.delivery import CALL, Outcome, Rung
from tidings.messaging.rules.refusals import Reason, Refusal

_OUTCOMES = {
    Kind.DELAYED: Outcome.LATER,
    Kind.RELAYED: Outcome.ACCEPTED,
    Kind.DELIVERED: Outcome.DELIVERED,
    **dict.fromkeys(GONE, Outcome.REFUSED),
}
_PROVED_ANEW = timedelta(hours=1)


class Applied(StrEnum):
    """What became of it."""

    APPLIED = "applied"
    KNOWN = "known"
    NOTED = "noted"
    UNKNOWN = "unknown"


def note_returned(actor: Actor, read: Arrived, at: datetime) -> Applied:
    """Applies a mail whose key named a delivery; `at` is when it came. A late bounce undoes what was presumed; only one that is hard,
    and about the very address we wrote to, marks that. A complaint moves the person to their next rung where they have one.

    `unknown`: that delivery is not kept any more; `known`: it was told before; `noted`: it says nothing of the delivery.
    """
    actor.require("message.returned")
    if read.delivery_id is None:
        raise ValueError("only what bears a key of ours is applied")
    found = queries.recipient_behind(read.delivery_id)
    if found is None:
        return Applied.UNKNOWN
    with transaction.atomic():
        row = Recipient.objects.select_for_update().get(pk=found)
        rung = rung_of(standing(row), read.delivery_id)
        if rung is None:
            return Applied.NOTED
        if read.kind is Kind.COMPLAINT:
            return _complaint(row, read.delivery_id, rung, at)
        return _fact(read, read.delivery_id, rung, at)


def _fact(read: Arrived, delivery_id: UUID, rung: Rung, at: datetime) -> Applied:
    outcome = _OUTCOMES.get(read.kind)
    if outcome is None:
        return Applied.NOTED
    refusal, said = None, read.said or read.kind.value
    if outcome is Outcome.REFUSED:
        ours = read.verdict is not None and read.verdict.refusal is Refusal.OURS
        refusal = Refusal.ADDRESS if read.blames(rung.address) else Refusal.OURS if ours else Refusal.NOT_NOW
        # A kept reply begins with its code, by which it is read again.
        said = said if said[:3].isdigit() else f"550 {said}"
    if not add_evidence(delivery_id, outcome, at, said=said, refusal=refusal, relay_id=_relay(delivery_id)):
        return Applied.KNOWN
    if outcome in (Outcome.ACCEPTED, Outcome.DELIVERED):
        _proved(delivery_id, at)
    return Applied.APPLIED


def _complaint(row: Recipient, delivery_id: UUID, rung: Rung, at: datetime) -> Applied:
    """Whoever calls our mail spam is told by their next rung, now and later; who has none is still told by this one."""
    named = delivery_id, 0, Outcome.REFUSED, at, row.pk, row.broadcast_id
    tell_upwards(Fact(*named, _relay(delivery_id), reply=Reason.COMPLAINED), rung)
    channels = queries.sent_channels()
    goes_on = any(one["channel"] == CALL or one["channel"] in channels for one in row.further)
    if delivery_id != row.delivery_id or not goes_on or row.standing == Outcome.CONFIRMED:
        return Applied.NOTED
    new = add_evidence(delivery_id, Outcome.REFUSED, at, said=Reason.COMPLAINED, refusal=Refusal.NOT_NOW)
    return Applied.APPLIED if new else Applied.KNOWN


def _relay(delivery_id: UUID) -> UUID | None:
    """By which way out it went."""
    taken = Result.objects.filter(delivery_id=delivery_id, relay_id__isnull=False)
    return taken.values_list("relay_id", flat=True).first()


def _proved(delivery_id: UUID, at: datetime) -> None:
    """The relay that took it gives receipts: from now on its silence means something."""
    relays = Result.objects.filter(delivery_id=delivery_id, outcome=Outcome.HANDED_OVER).values("relay_id")
    stale = Q(receipt_at=None) | Q(receipt_at__lt=at - _PROVED_ANEW)
    Relay.objects.filter(stale, pk__in=relays).update(receipt_at=at)
