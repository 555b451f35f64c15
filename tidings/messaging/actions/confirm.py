"""A person says that they have it: by a signed link, an answer, or to somebody who called. The strongest evidence there is."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit, live
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Missing
from tidings.messaging import queries
from tidings.messaging.actions.facts import add_fact
from tidings.messaging.models import Message, Recipient
from tidings.messaging.rules.delivery import Confirming, Outcome

THE_CUSTOMER = Actor(ActorKind.SYSTEM, "customer", frozenset({"message.confirm"}))
"""Who confirms by a signed link or an answer: customers have no accounts."""


def confirm(recipient_or_delivery_id: UUID, how: str, at: datetime, *, actor: Actor = THE_CUSTOMER) -> bool:
    """Counts a recipient as reached, confirmed at `at`; `how` is a code of `Confirming`. Gives whether that was news.

    The id may be the recipient's, or that of any delivery (rung) to them. Twice is no error and changes nothing. Whoever
    calls it has checked the link's signature. Raises Missing("messaging.no_such_recipient").
    """
    actor.require("message.confirm")
    said = Confirming(how)
    with transaction.atomic():
        row = _locked(recipient_or_delivery_id)
        if not add_fact(row, Outcome.CONFIRMED, at, reply=said):
            return False
        about = Message.objects.filter(pk=row.message_id).values_list("about", flat=True).first() or ""
        told = {"how": said.value, "about": about, "confirmed_at": at}
        audit.record(actor, "message.confirm", "recipient", row.pk, told)
        live.notify(f"about:{about}")
    return True


def _locked(given: UUID) -> Recipient:
    known = queries.recipient_behind(given)
    if known is None:
        raise Missing("messaging.no_such_recipient")
    return Recipient.objects.select_for_update().get(pk=known)
