"""What comes back later about a delivery: a receipt, a bounce. It counts whichever rung it is about, and whenever it comes."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel import live
from tidings.kernel.errors import Missing
from tidings.messaging import queries
from tidings.messaging.actions.facts import add_fact, standing, write
from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.moves import after_old_fact, blamed
from tidings.messaging.models import Broadcast, Message, Recipient, RefusedAddress, Relay, Result
from tidings.messaging.rules.delivery import Outcome, RelayKind
from tidings.messaging.rules.refusals import Refusal


def add_evidence(
    delivery_id: UUID,
    outcome: Outcome,
    at: datetime,
    *,
    said: str = "",
    refusal: Refusal | None = None,
    relay_id: UUID | None = None,
) -> bool:
    """Keeps what somebody outside says became of a delivery (attempt 0: as a whole), and moves its recipient accordingly; gives
    whether that was news. `said` is kept as the reply, without any address.

    A refusal of the address undoes *reached*, also after closing, and tells upwards that the address is at fault, except in a
    drill. Any other refusal only ends this rung: so does a soft bounce that is final. An earlier rung's proof still counts. Raises
    Missing("messaging.no_such_recipient").
    """
    with transaction.atomic():
        known = queries.recipient_behind(delivery_id)
        if known is None:
            raise Missing("messaging.no_such_recipient")
        row = Recipient.objects.select_for_update().get(pk=known)
        if delivery_id == row.delivery_id:
            if not add_fact(row, outcome, at, reply=said, refusal=refusal, relay_id=relay_id):
                return False
        elif not _about_an_earlier_rung(row, delivery_id, outcome, at, said, refusal, relay_id):
            return False
        _blame(row, delivery_id, outcome, at, said, refusal, relay_id)
        about = Message.objects.filter(pk=row.message_id).values_list("about", flat=True).first()
        if about:
            live.notify(f"about:{about}")
    return True


def _about_an_earlier_rung(
    row: Recipient,
    delivery_id: UUID,
    outcome: Outcome,
    at: datetime,
    said: str,
    refusal: Refusal | None,
    relay_id: UUID | None,
) -> bool:
    _, new = Result.objects.get_or_create(  # type: ignore[misc]  # a refusal may be null
        delivery_id=delivery_id,
        attempt=0,
        outcome=outcome,
        defaults={
            "recipient_id": row.pk,
            "broadcast_id": row.broadcast_id,
            "relay_id": relay_id,
            "refusal": refusal,
            "reply": said,
            "at": at,
        },
    )
    if new:
        fact = Fact(delivery_id, 0, outcome, at, row.pk, row.broadcast_id, reply=said)
        write(row, after_old_fact(standing(row), fact))
    return new


def _blame(
    row: Recipient,
    delivery_id: UUID,
    outcome: Outcome,
    at: datetime,
    said: str,
    refusal: Refusal | None,
    relay_id: UUID | None,
) -> None:
    fact = Fact(delivery_id, 0, outcome, at, row.pk, row.broadcast_id, relay_id, refusal, said)
    rung = blamed(fact, standing(row))
    drill = Broadcast.objects.values_list("drill", flat=True).get(pk=row.broadcast_id)
    caught = relay_id is not None and Relay.objects.filter(pk=relay_id, kind=RelayKind.CATCHER).exists()
    if rung is not None and not drill and not caught:
        RefusedAddress.objects.get_or_create(
            delivery_id=delivery_id,
            defaults={"channel": rung.channel, "address": rung.address, "reply": said, "at": at},
        )
