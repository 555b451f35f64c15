"""Shipments and imports in the rail, and a customer's newest shipments on the customer's page."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tidings.customers.queries import customer
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.panels import panel
from tidings.shipments.queries.parts import shipments_of_customer
from tidings.ui.rail import RailEntry

RAIL = [
    RailEntry(
        "shipments:list", _("Shipments"), order=300, icon="shipments", ability="shipment.read", key="s"
    ),
    RailEntry("shipments:imports", _("Imports"), order=320, icon="imports", ability="import.read", key="u"),
]
SHOWN = 8


@panel("customer", "shipments/_of_customer.html", order=50)
def customers_shipments(actor: Actor, customer_id: UUID) -> Mapping[str, object] | None:
    if not actor.may("shipment.read"):
        return None
    found = shipments_of_customer(actor, customer_id, now(), SHOWN + 1)
    return {"rows": found[:SHOWN], "more": len(found) > SHOWN, "number": customer(actor, customer_id).number}
