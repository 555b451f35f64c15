"""Trying a relay: a mail to whoever asked shows whether it takes our mail, and whether it offers receipts."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.kernel.installation import refuse_in_demo
from tidings.kernel.jobs import enqueue
from tidings.messaging.models import Relay
from tidings.messaging.rules.delivery import RelayKind
from tidings.people.queries import colleagues, ids_among

TRY_RELAY = "messaging.try_relay"
ASKED = "asked"


def ask_to_try(actor: Actor, relay_id: UUID) -> bool:
    """Has the worker send a mail to the actor's own address by this relay; gives whether there is such an address.

    Raises Refused in a demo, and Missing("messaging.no_such_relay").
    """
    actor.require("relay.change")
    refuse_in_demo("relay")
    mine = colleagues(ids_among([actor.ref]))
    with transaction.atomic():
        if not _known(relay_id).exists():
            raise Missing("messaging.no_such_relay")
        if not mine:
            return False
        _known(relay_id).update(tried=ASKED, tried_at=None)
        enqueue(TRY_RELAY, key=f"{TRY_RELAY}:{relay_id}", relay=str(relay_id), to=mine[0].email)
        audit.record(actor, "relay.change", "relay", relay_id, {"done": "tried"})
    return True


def note_tried(relay_id: UUID, tried: str, speaks_dsn: bool | None, at: datetime) -> None:
    """What came of it: `taken`, or at what it failed; `speaks_dsn` is None where it did not come to that."""
    known = {} if speaks_dsn is None else {"speaks_dsn": speaks_dsn}
    _known(relay_id).update(tried=tried, tried_at=at, **known)


def _known(relay_id: UUID) -> QuerySet[Relay]:
    return Relay.objects.filter(pk=relay_id, enabled=True).exclude(kind=RelayKind.CATCHER)
