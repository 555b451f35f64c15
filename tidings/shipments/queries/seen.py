"""Which shipments somebody sees: those of their units, and those of clients whom their unit looks after."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.shipments.models import Party, Shipment

SEEN = """(
    s.unit_id = ANY(%(units)s::uuid[])
    OR EXISTS (
        SELECT FROM shipments_party own
        JOIN customers_customer client ON client.id = own.customer_id
        WHERE own.shipment_id = s.id AND own.role = 'account' AND client.unit_id = ANY(%(units)s::uuid[])
    )
)"""
"""Joins a question about shipments `s` with AND; for a headquarters (`actor.units` None) it is left out."""


CLIENTS = """
    SELECT own.shipment_id, array_agg(DISTINCT client.unit_id) AS units
    FROM shipments_party own
    JOIN customers_customer client ON client.id = own.customer_id
    WHERE own.role = 'account' AND client.unit_id IS NOT NULL
      AND own.shipment_id IN (SELECT shipment_id FROM {found})
    GROUP BY own.shipment_id
"""
"""The same rule for a set: for the shipments of the table `found`, the units that see them besides their own, as a domain
above writes it down. A test holds both together."""


def seen_by(actor: Actor) -> tuple[str, Mapping[str, object]]:
    """The condition on `s` for this actor and its values; TRUE for who sees everything."""
    if actor.units is None:
        return "TRUE", {}
    return SEEN, {"units": list(actor.units)}


def shipments_of(actor: Actor) -> QuerySet[Shipment]:
    """The same as a QuerySet."""
    found = Shipment.objects.all()
    if actor.units is None:
        return found
    clients = Party.objects.filter(
        shipment_id=OuterRef("pk"), role="account", customer__unit_id__in=actor.units
    )
    return found.filter(Q(unit_id__in=actor.units) | Exists(clients))


def shipment(actor: Actor, shipment_id: UUID) -> Shipment:
    """One shipment with its places. Raises Missing("shipment.missing") where there is none within the actor's units."""
    actor.require("shipment.read")
    found = (
        shipments_of(actor).select_related("origin", "destination", "parent").filter(pk=shipment_id).first()
    )
    if found is None:
        raise Missing("shipment.missing")
    return found
