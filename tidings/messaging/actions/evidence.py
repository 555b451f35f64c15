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
from tidings.messaging.rules.delivery import Outcome, RelayKind, Rung
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
        fact = Fact(delivery_id, 0, outcome, at, row.pk, row.broadcast_id, relay_id, refusal, said)
        if not _keep(row, fact):
            return False
        rung = blamed(fact, standing(row))
        if rung is not None:
            tell_upwards(fact, rung)
        about = Message.objects.filter(pk=row.message_id).values_list("about", flat=True).first()
        if about:
            live.notify(f"about:{about}")
    return True


def _keep(row: Recipient, fact: Fact) -> bool:
    """Keeps it and moves the row, whichever rung it is about; False where it was known."""
    told = {"relay_id": fact.relay_id, "refusal": fact.refusal, "reply": fact.reply}
    if fact.delivery_id == row.delivery_id:
        return add_fact(row, Outcome(fact.outcome), fact.at, **told)  # type: ignore[arg-type]
    _, new = Result.objects.get_or_create(
        delivery_id=fact.delivery_id,
        attempt=fact.attempt,
        outcome=fact.outcome,
        defaults={
            "recipient_id": fact.recipient_id,
            "broadcast_id": fact.broadcast_id,
            "at": fact.at,
            **told,
        },
    )
    if new:
        write(row, after_old_fact(standing(row), fact))
    return new


def tell_upwards(fact: Fact, rung: Rung) -> None:
    """Tells whoever knows the customer what was said of an address of theirs; never for a drill or the catcher."""
    drill = Broadcast.objects.values_list("drill", flat=True).get(pk=fact.broadcast_id)
    caught = (
        Relay.objects.filter(pk=fact.relay_id, kind=RelayKind.CATCHER).exists() if fact.relay_id else False
    )
    if not drill and not caught:
        RefusedAddress.objects.get_or_create(
            delivery_id=fact.delivery_id,
            defaults={"channel": rung.channel, "address": rung.address, "reply": fact.reply, "at": fact.at},
        )
