"""Shipments for programs: finding them, one with its story; and events in."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import StringConstraints

from tidings.kernel.clock import now
from tidings.shipments.actions.events import TAKEN, Answered, TakenEvents, take_events
from tidings.shipments.importers.fields import BadField
from tidings.shipments.queries import parts, search, seen, story
from tidings.shipments.words import explain
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Word, example

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


class EventIn(Schema):
    """Something that happened to a shipment. `waybill` is its number, or the barcode of one of its pieces; `code` is one of ours, such
    as arrived, departed, delivered, damaged, or your own. Correct an event by sending code void with what it was."""

    waybill: Word
    code: Word
    happened_at: Moment
    place: Word = Field("", description="code of a hub or a UN/LOCODE")
    kind: Literal["actual", "estimated", "planned"] = "actual"
    carrier: Word = ""
    recorded_at: Moment | None = None
    piece: Annotated[Word, StringConstraints(max_length=64)] = ""
    source: Word = ""
    transport_number: Annotated[Word, StringConstraints(max_length=64)] = ""
    remark: Word = ""
    corrects_code: Word = ""
    corrects_at: Moment | None = None
    corrects_place: Word = ""


class EventsIn(Schema):
    """A batch, in any order; sent twice it changes nothing."""

    events: list[EventIn] = Field(min_length=1, max_length=5_000)

    model_config = example(
        events=[
            {
                "waybill": "774-1",
                "code": "arrived",
                "happened_at": "2026-11-22T05:55:00+01:00",
                "place": "NLVEN-H1",
            }
        ]
    )


class AnsweredOut(Schema):
    """What became of one event: `taken`, or a reason such as no_such_shipment, and the sentence for it."""

    event: str
    outcome: str
    message: str


class TakenOut(Schema):
    """`added` counts what was not there before."""

    added: int
    taken: int
    events: list[AnsweredOut]


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


@router.post("/events", response=TakenOut, summary="Send events")
def events(request: StaffRequest, given: EventsIn) -> TakenOut:
    """Each event is answered by itself: of a shipment that nobody knows here the others are still taken. The affected scope of open
    incidents follows. Needs shipment.import."""
    body = json.dumps([one.model_dump(mode="json") for one in given.events]).encode()
    return _taken(take_events(request.actor, body, "api-events"))


@router.post(
    "/events/epcis",
    response=TakenOut,
    summary="Send EPCIS events",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    },
)
def epcis(request: StaffRequest, profile: Word = "epcis") -> TakenOut:
    """EPCIS 2.0 as JSON-LD: a document, a query's answer, or a bare event. A document with a fault is refused whole, with the JSON
    path to it; events of things that nobody knows here are answered by themselves. `profile` names one of your own, which says
    what your steps and places are. Needs shipment.import."""
    return _taken(take_events(request.actor, request.body, profile))


def _taken(taken: TakenEvents) -> TakenOut:
    answers = [AnsweredOut(event=one.event, outcome=one.outcome, message=_said(one)) for one in taken.events]
    return TakenOut(
        added=taken.added, taken=sum(one.outcome == TAKEN for one in taken.events), events=answers
    )


def _said(one: Answered) -> str:
    return "" if one.outcome == TAKEN else explain(BadField(one.column, one.outcome, one.value))


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
