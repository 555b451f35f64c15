"""Shipments for programs: finding them, one with its story."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema

from tidings.kernel.clock import now
from tidings.shipments.queries import parts, search, seen, story
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Word

router = Router(tags=["shipments"])


class FoundOut(Schema):
    """A shipment that a search found: `why` says by what (waybill, master, container, order, name …)."""

    shipment_id: UUID
    waybill: str
    carrier: str
    started_on: date
    why: str
    found: str


class EventOut(Schema):
    """Something that happened, or is planned or estimated: three times, never merged."""

    happened_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    kind: str
    code: str
    place: str
    place_name: str
    piece: str
    source: str
    corrected: bool


class PartyOut(Schema):
    """Who stands on the shipment, in which role."""

    role: str
    customer_id: UUID
    customer: str


class NumberOut(Schema):
    """Another number it is known by."""

    kind: str
    value: str


class ShipmentOut(Schema):
    """One shipment: its promise, where it is, who stands on it, and its newest events."""

    id: UUID
    waybill: str
    carrier: str
    started_on: date
    service: str
    origin: str
    destination: str
    promised_at: datetime | None
    estimated_at: datetime | None
    delivered_at: datetime | None
    state: str
    master: str
    parties: list[PartyOut]
    numbers: list[NumberOut]
    events: list[EventOut]


@router.get("/shipments", response=list[FoundOut], summary="Find shipments")
def shipments(
    request: StaffRequest, text: Word, limit: Annotated[int, Field(ge=1, le=100)] = 20
) -> list[search.Found]:
    """The newest that `text` may mean: a waybill, container, order or piece number; an address, a postcode with house number or
    a name for keys that may read customers. Needs shipment.read."""
    return search.find(text, request.actor, limit)


@router.get("/shipments/{shipment_id}", response=ShipmentOut, summary="One shipment")
def shipment(request: StaffRequest, shipment_id: UUID) -> dict[str, Any]:
    """Its events are the newest 200, plans included. Parties only for keys that may read customers. Needs shipment.read."""
    found = seen.shipment(request.actor, shipment_id)
    at = now()
    promise, whole = story.promise_of(found, at), parts.parts_of(request.actor, found, at)
    told = story.story_of(found, at)
    happenings = [*reversed(told.expected), *(one for day in told.days for one in day.happenings)]
    return {
        "id": found.pk,
        "waybill": found.waybill,
        "carrier": found.carrier,
        "started_on": found.started_on,
        "service": found.service,
        "origin": found.origin.code if found.origin else "",
        "destination": found.destination.code if found.destination else "",
        "promised_at": promise.promised_at,
        "estimated_at": promise.estimated_at,
        "delivered_at": promise.delivered_at,
        "state": str(promise.state),
        "master": whole.master.waybill if whole.master else "",
        "parties": [
            {"role": one.role, "customer_id": one.customer_id, "customer": one.customer.name}
            for one in whole.parties
        ],
        "numbers": [{"kind": one.kind, "value": one.value} for one in whole.references],
        "events": [_event(one) for one in happenings[:200]],
    }


def _event(one: story.Happening) -> dict[str, Any]:
    return {
        "happened_at": one.at,
        "recorded_at": one.recorded_at,
        "received_at": one.received_at,
        "kind": one.kind,
        "code": one.code,
        "place": one.place_code,
        "place_name": one.place,
        "piece": one.piece,
        "source": one.source,
        "corrected": one.corrected_by is not None,
    }
