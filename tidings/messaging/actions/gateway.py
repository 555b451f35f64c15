"""What services say to us at their callback addresses: kept as it came, then read once, and applied to what it is about."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tidings.kernel.clock import now
from tidings.kernel.errors import Missing
from tidings.kernel.ids import made_at
from tidings.kernel.jobs import enqueue
from tidings.messaging import queries
from tidings.messaging.actions.confirm import confirm
from tidings.messaging.actions.evidence import add_evidence
from tidings.messaging.models import CameIn, Recipient, Reference, Relay, Spoken
from tidings.messaging.rules.delivery import Confirming, Outcome
from tidings.messaging.rules.refusals import BLAMES_ADDRESS, Reason, Refusal

READ_CAME_IN = "messaging.read_came_in"
ANSWERS_WITHIN = timedelta(days=3)
TRIES = 6
"""So often what is said of an unknown reference is looked at again: a receipt may overtake the record of its own message."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; names of headers are in small letters."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


def take_in(relay_id: UUID, request: Request) -> bool:
    """Keeps it and has it read; False for one that is known. Raises Missing("messaging.no_such_service")."""
    relay = Relay.objects.filter(pk=relay_id).exclude(service="").first()
    if relay is None:
        raise Missing("messaging.no_such_service")
    signed = json.dumps([request.method, sorted(request.query.items())]).encode()
    digest = hashlib.sha256(signed + request.body).digest()
    with transaction.atomic():
        kept, new = CameIn.objects.get_or_create(
            relay=relay,
            digest=digest,
            defaults={
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "query": dict(request.query),
                "body": request.body,
            },
        )
        if new:
            enqueue(READ_CAME_IN, came_in=str(kept.pk))
    return new


def apply_receipt(
    relay_id: UUID,
    delivery_id: UUID | None,
    reference: str,
    outcome: Outcome,
    at: datetime,
    said: str,
    reason: Reason | None,
) -> bool:
    """Applies what a service says became of a message; False where no delivery of ours is meant.

    The delivery is named by our own id or by the service's. A refusal marks the address only where its reason is the
    address; any other ends the rung.
    """
    found = Reference.objects.filter(relay_id=relay_id, reference=reference).first() if reference else None
    meant = found.delivery_id if found else delivery_id
    if meant is None:
        return False
    refusal = None
    if outcome is Outcome.REFUSED:
        refusal = Refusal.ADDRESS if reason in BLAMES_ADDRESS else Refusal.NOT_NOW
    words = f"{reason}: {said}" if reason else said
    try:
        add_evidence(meant, outcome, at, said=words, refusal=refusal, relay_id=relay_id)
    except Missing:
        return False
    return True


def hear(
    relay_id: UUID,
    delivery_id: UUID | None,
    address: str,
    text: str,
    at: datetime,
    reference: str,
    *,
    confirms: bool,
) -> None:
    """Hands on what a person sent back. It confirms the message that it answers: the one that it names, or the last that was
    told at this very address within the last three days.
    """
    channel = Relay.objects.values_list("channel", flat=True).get(pk=relay_id)
    with transaction.atomic():
        if reference and Spoken.objects.filter(relay_id=relay_id, reference=reference).exists():
            return
        meant = delivery_id or _last_told(channel, address, at)
        confirmed = False
        if meant and (confirms or text.strip()):
            with suppress(Missing):
                confirm(meant, Confirming.ANSWER, at)
                confirmed = True
        Spoken.objects.create(
            relay_id=relay_id,
            channel=channel,
            address=address,
            text=text,
            at=at,
            reference=reference,
            recipient_id=queries.recipient_behind(meant) if meant else None,
            confirmed=confirmed,
        )


def _last_told(channel: str, address: str, at: datetime) -> UUID | None:
    told = Recipient.objects.filter(channel=channel, address=address).exclude(channel__in=("email", "call"))
    last = told.order_by("-pk").values_list("pk", flat=True).first()
    return last if last and made_at(last) > at - ANSWERS_WITHIN else None


def note_read(came_in: CameIn, state: str) -> None:
    """Writes down what became of a request. What fits no delivery yet is read again, later and later, some times."""
    with transaction.atomic():
        came_in.tries += 1
        again = state == "unmatched" and came_in.tries < TRIES
        came_in.state = "new" if again else state
        came_in.read_at = now()
        came_in.save(update_fields=["state", "tries", "read_at"])
        if again:
            enqueue(
                READ_CAME_IN,
                at=now() + timedelta(seconds=5 * 4 ** (came_in.tries - 1)),
                came_in=str(came_in.pk),
            )


def forget_came_in(before: datetime) -> int:
    """Removes what came in before a moment; what it said stays as facts."""
    return CameIn.objects.filter(came_at__lt=before).exclude(state="new").delete()[0]
