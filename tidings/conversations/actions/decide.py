"""What an arrival is, decided once: a bounce, receipt or complaint goes to its delivery, an answer to its incident and its customer,
any other person's mail is an open conversation. What bears no valid key of ours is never applied to anything.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tidings.conversations.actions.said import Said, keep_answer
from tidings.conversations.models import Arrival
from tidings.conversations.rules import Outcome
from tidings.conversations.rules.quoting import Unquoted, words_of
from tidings.kernel import files, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing
from tidings.kernel.jobs import enqueue
from tidings.messaging.actions import note_returned
from tidings.messaging.queries import tokens
from tidings.messaging.queries.addressee import addressee
from tidings.messaging.rules.bounces import BOUNCES, RECEIPTS, Arrived, Kind, read_arrival

DECIDE = "conversations.decide"
_OF_A_DELIVERY = BOUNCES | RECEIPTS | {Kind.COMPLAINT}
_PROVES = ("address", "answered")
"""Where a key stands that only who has our mail can know, and who answers it uses; one in quoted words is no evidence."""


def decide(actor: Actor, arrival_id: UUID) -> str:
    """Decides one arrival; gives the outcome. Again it changes nothing. Raises Missing where its file is lost."""
    with transaction.atomic():
        arrival = (
            Arrival.objects.select_for_update(of=("self",))
            .select_related("door")
            .filter(pk=arrival_id)
            .first()
        )
        if arrival is None or arrival.decided_at is not None:
            return arrival.outcome if arrival else ""
        try:
            raw = files.fetch(arrival.raw)
        except Missing as lost:
            _write(arrival, failed=lost.code)
            return ""
        try:
            read = read_arrival(raw, tokens().delivery_of, arrival.envelope)
            words = words_of(raw) if read.kind is Kind.ORDINARY else None
        except RecursionError:
            read, outcome = Arrived(Kind.AUTOMATIC), Outcome.UNREADABLE.value
        else:
            outcome = _apply(actor, arrival, read, words)
        _write(arrival, **_known(read), outcome=outcome, decided_at=now(), failed="")
        live.notify(f"about:{arrival.about}" if arrival.about else "arrivals")
    return outcome


def decide_waiting(before: datetime, limit: int = 500) -> int:
    """Has decided what came before a moment and no job has: a job may have been lost, a mail is never. Each by a job of its own, so
    that one that cannot be read keeps no other waiting; how many."""
    waiting = Arrival.objects.filter(decided_at=None, failed="", came_at__lt=before).order_by("came_at")
    found = list(waiting.values_list("pk", flat=True)[:limit])
    for arrival_id in found:
        enqueue(DECIDE, key=f"decide:{arrival_id}", arrival=str(arrival_id))
    return len(found)


def _apply(actor: Actor, arrival: Arrival, read: Arrived, words: Unquoted | None) -> str:
    if read.kind in _OF_A_DELIVERY:
        return note_returned(actor, read, arrival.came_at).value if read.delivery_id else Outcome.UNKEYED
    if words is None:
        return Outcome.KEPT
    told = addressee(read.delivery_id) if read.delivery_id else None
    said = Said(
        text=words.text,
        shortened=words.shortened,
        sender=arrival.sender,
        subject=arrival.subject,
        at=arrival.came_at,
        proves=told is not None and read.known_by in _PROVES,
        delivery_id=read.delivery_id,
    )
    keep_answer(told, said, arrival=arrival)
    return Outcome.ANSWER if told is not None and told.about else Outcome.OPEN


def _known(read: Arrived) -> Mapping[str, Any]:
    told = addressee(read.delivery_id) if read.delivery_id else None
    return {
        "kind": read.kind.value,
        "known_by": read.known_by,
        "delivery_id": read.delivery_id,
        "addresses": [one[:300] for one in read.addresses][:20],
        "said": read.said.replace("\0", ""),
        "about": told.about if told else "",
        "contact_id": told.contact_id if told else None,
        "unit_id": told.unit_id if told else None,
    }


def _write(arrival: Arrival, **values: Any) -> None:
    for name, value in values.items():
        setattr(arrival, name, value)
    arrival.save(update_fields=list(values))
