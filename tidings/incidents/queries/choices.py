"""Reads of what customers may choose and chose: for their own page, and for our people's."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from tidings.incidents.models import Choice, Incident, Offer
from tidings.incidents.queries.known import affected
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing


@dataclass(frozen=True, slots=True)
class Counted:
    """One option of an offer: how many shipments it was chosen for, and by how many customers."""

    option: str
    shipments: int
    customers: int


def offers(incident: Incident) -> list[Offer]:
    """Every offer of an incident, the newest first; those that ended come last."""
    return sorted(incident.offers.order_by("-at"), key=lambda one: one.ended_at is not None)


def offer(incident: Incident, offer_id: UUID) -> Offer:
    """One of them. Raises Missing("incident.choice_missing")."""
    found = incident.offers.filter(pk=offer_id).first()
    if found is None:
        raise Missing("incident.choice_missing")
    return found


def offers_that_stand(incident: Incident) -> list[Offer]:
    """What customers may choose now, or could until it closed: one per effect, the one for all last."""
    return list(incident.offers.filter(ended_at__isnull=True).order_by("-effect"))


def chosen(
    offer_ids: Collection[UUID], customer_id: UUID, shipment_ids: Collection[UUID]
) -> dict[UUID, Choice]:
    """What a customer's newest answer is for each of some shipments."""
    found = Choice.objects.filter(
        offer_id__in=list(offer_ids), customer_id=customer_id, shipment_id__in=list(shipment_ids)
    )
    return {one.shipment_id: one for one in found.order_by("id")}


def answers(actor: Actor, offer: Offer) -> QuerySet[Choice]:
    """The answers that count, one per customer and shipment, as far as `actor` sees the shipments."""
    seen = affected(actor, offer.incident).values("shipment_id")
    given = Choice.objects.filter(offer=offer)
    if actor.units is not None:
        given = given.filter(shipment_id__in=seen)
    newest = given.order_by("customer_id", "shipment_id", "-id")
    return Choice.objects.filter(pk__in=newest.distinct("customer_id", "shipment_id").values("pk")).order_by(
        "-at", "waybill"
    )


def counted(actor: Actor, offer: Offer) -> list[Counted]:
    """How often each option was chosen, in the order of the offer, as far as `actor` sees the shipments."""
    shipments: dict[str, set[UUID]] = {option: set() for option in offer.options}
    customers: dict[str, set[UUID]] = {option: set() for option in offer.options}
    for option, shipment, customer in answers(actor, offer).values_list(
        "option", "shipment_id", "customer_id"
    ):
        shipments[option].add(shipment)
        customers[option].add(customer)
    return [Counted(option, len(shipments[option]), len(customers[option])) for option in offer.options]
