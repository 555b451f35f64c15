"""What belongs to one shipment: parties, references, legs, pieces, its master and its houses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.shipments.models import Leg, Location, Party, Piece, Reference, Shipment
from tidings.shipments.queries.rows import Filter, Row, shipment_rows
from tidings.shipments.queries.seen import shipments_of
from tidings.shipments.rules import number_key

MOST_PIECES = 50
MOST_HOUSES = 20
_ROLES = ["account", "shipper", "consignee", "notify", "agent", "seller"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Lists are cut: `more_pieces` and `more_houses` say that there are more than shown."""

    parties: list[Party]
    references: list[Reference]
    legs: list[Leg]
    pieces: list[Piece]
    more_pieces: bool
    master: Shipment | None
    houses: list[Row]
    more_houses: bool


def parts_of(actor: Actor, shipment: Shipment, now: datetime, *, all_pieces: bool = False) -> Parts:
    """Everything that belongs to a shipment which `actor` sees; names of customers only for who may read customers."""
    parties = Party.objects.filter(shipment_id=shipment.pk).select_related("customer")
    most = 5000 if all_pieces else MOST_PIECES
    pieces = list(Piece.objects.filter(shipment_id=shipment.pk).order_by("key")[: most + 1])
    houses = shipment_rows(actor, Filter(master=shipment.pk), now, limit=MOST_HOUSES + 1)
    return Parts(
        sorted(parties, key=lambda party: (_ROLES.index(party.role), party.customer.name))
        if actor.may("customer.read")
        else [],
        list(Reference.objects.filter(shipment_id=shipment.pk).order_by("kind", "value")),
        list(Leg.objects.filter(shipment_id=shipment.pk).select_related("start", "end").order_by("position")),
        pieces[:most],
        len(pieces) > most,
        shipment.parent,
        houses[:MOST_HOUSES],
        len(houses) > MOST_HOUSES,
    )


def barcodes_of(shipment_id: UUID, typed: Sequence[str]) -> dict[str, str]:
    """Each barcode as typed to the one that a piece of this shipment bears; those that none bears are left out."""
    keys = {one: number_key(one) for one in typed}
    found = dict(
        Piece.objects.filter(shipment_id=shipment_id, key__in=set(keys.values())).values_list(
            "key", "barcode"
        )
    )
    return {one: found[key] for one, key in keys.items() if key in found}


def place_by_code(code: str) -> Location | None:
    """The place with this code, whatever its capitals."""
    return Location.objects.filter(code=code.strip().upper()).first()


def shipments_of_customer(actor: Actor, customer_id: UUID, now: datetime, limit: int = 10) -> list[Row]:
    """The newest shipments in which a customer has a role, of those that `actor` sees."""
    return shipment_rows(actor, Filter(client=customer_id), now, limit=limit)


def waybills_of(shipment_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Id to waybill, for shipments that a domain above names by id."""
    return dict(Shipment.objects.filter(pk__in=list(shipment_ids)).values_list("pk", "waybill"))


def waybills_seen(actor: Actor, shipment_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The same for those that `actor` sees."""
    return dict(shipments_of(actor).filter(pk__in=list(shipment_ids)).values_list("pk", "waybill"))


def ids_named(actor: Actor, numbers: Sequence[str]) -> dict[str, list[UUID]]:
    """Each number as typed to the shipments that `actor` sees with that waybill, of a number used again the newest start."""
    keys = {number: number_key(number) for number in numbers}
    found: dict[str, dict[str, UUID]] = {}
    rows = shipments_of(actor).filter(waybill_key__in=set(keys.values())).order_by("started_on")
    for key, carrier, pk in rows.values_list("waybill_key", "carrier", "pk"):
        found.setdefault(key, {})[carrier] = pk
    return {number: list(found[key].values()) for number, key in keys.items() if key in found}
