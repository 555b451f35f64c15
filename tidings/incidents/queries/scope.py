"""Reads of the scope: its question, what another one would change, what people picked by hand, how fresh the events are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tidings.customers.queries import customers_of
from tidings.incidents import rules, sql
from tidings.incidents.models import HandPick, HeldChange, Incident, Scope
from tidings.incidents.queries.known import incidents
from tidings.kernel.actor import Actor
from tidings.shipments.queries.parts import waybills_seen


@dataclass(frozen=True, slots=True)
class Picked:
    """What a person said of one shipment, and holds."""

    shipment_id: UUID
    waybill: str
    verdict: str
    reason: str
    at: datetime
    by: str


def question(incident: Incident) -> rules.Question:
    """The question as it stands."""
    return rules.question_from(Scope.objects.filter(incident=incident).latest("version").question)


def change_by(actor: Actor, incident: Incident, asking: rules.Question) -> sql.Change:
    """What putting this question would change. Raises Missing for a place or client that nobody knows."""
    actor.require("incident.scope")
    return sql.change_by(incident.pk, asking)


def picked(actor: Actor, incident: Incident) -> Sequence[Picked]:
    """What people picked by hand and holds now, newest first, of the shipments that `actor` sees."""
    newest = (
        HandPick.objects.filter(incident=incident, shipment_id__isnull=False)
        .order_by("shipment_id", "-at", "-id")
        .distinct("shipment_id")
    )
    holds = sorted((pick for pick in newest if pick.verdict), key=lambda pick: pick.at, reverse=True)
    waybills = waybills_seen(actor, [pick.shipment_id for pick in holds if pick.shipment_id])
    return [
        Picked(one, waybills[one], pick.verdict, pick.reason, pick.at, pick.by)
        for pick in holds
        if (one := pick.shipment_id) in waybills
    ]


@dataclass(frozen=True, slots=True)
class PickedCustomer:
    """What a person said of one customer without a shipment, and holds."""

    customer_id: UUID
    number: str
    name: str
    verdict: str
    reason: str
    at: datetime
    by: str


def picked_customers(actor: Actor, incident: Incident) -> Sequence[PickedCustomer]:
    """What people said of customers without a shipment and holds now, newest first, of those whom `actor` sees."""
    newest = (
        HandPick.objects.filter(incident=incident, customer_id__isnull=False)
        .order_by("customer_id", "-at", "-id")
        .distinct("customer_id")
    )
    holds = sorted((pick for pick in newest if pick.verdict), key=lambda pick: pick.at, reverse=True)
    if not holds or not actor.may("customer.read"):
        return []
    seen = customers_of(actor).in_bulk([pick.customer_id for pick in holds])
    return [
        PickedCustomer(one.pk, one.number, one.name, pick.verdict, pick.reason, pick.at, pick.by)
        for pick in holds
        if pick.customer_id and (one := seen.get(pick.customer_id))
    ]


def held_change(incident: Incident) -> HeldChange | None:
    """The change that waits for a person, if one does."""
    return HeldChange.objects.filter(incident=incident, ended_at__isnull=True).first()


def held_changes(actor: Actor, limit: int) -> list[HeldChange]:
    """The changes that wait for a person, oldest first, in the incidents that `actor` sees."""
    return list(_held(actor).select_related("incident").order_by("at")[:limit])


def waiting_held(actor: Actor) -> int:
    """How many that are."""
    return _held(actor).count()


def _held(actor: Actor) -> QuerySet[HeldChange]:
    seen = incidents(actor).filter(state__in=sorted(rules.OPEN_STATES))
    return HeldChange.objects.filter(ended_at__isnull=True, incident__in=seen.values("pk"))
