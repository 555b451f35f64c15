"""What customers may choose in an incident: offering it, withdrawing it, how often what was chosen, every answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Query, Schema, Status

from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.incidents.models import Offer
from tidings.incidents.queries import choices as reads
from tidings.kernel.actor import Actor
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Number, Page, Paging, Word, example, sorted_page

_SORTS = {"at": ("at", "pk"), "waybill": ("waybill", "pk"), "option": ("option", "waybill", "pk")}


class OfferIn(Schema):
    """Two options or more for the shipments with this effect; without `effect` for all. `default` holds for who does not answer."""

    options: list[Word] = Field(
        min_length=1, max_length=10, description="wait, redeliver, reroute, return, cancel"
    )
    default: Word
    closes_at: Moment
    effect: Word = ""

    model_config = example(
        options=["wait", "return"], default="wait", closes_at="2026-11-23T12:00:00+01:00", effect="damaged"
    )


class CountedOut(Schema):
    """How many shipments and customers one option was chosen for."""

    option: str
    shipments: int
    customers: int


class OfferOut(Schema):
    """An offer with its counts, of the shipments that this key sees. `ended_at`: withdrawn, or another took its place."""

    id: UUID
    effect: str
    options: list[str]
    default: str
    closes_at: datetime
    ended_at: datetime | None
    settled_at: datetime | None
    chosen: list[CountedOut]


class AnswerOut(Schema):
    """The newest answer of one customer for one shipment."""

    waybill: str
    shipment_id: UUID
    customer_id: UUID
    contact_id: UUID
    option: str
    task_id: UUID | None
    at: datetime


@router.get("/incidents/{number}/choices", response=list[OfferOut], summary="What customers may choose")
def offers(request: StaffRequest, number: Number) -> list[OfferOut]:
    """Every offer, those that ended last, with how often what was chosen. Needs incident.read."""
    one = queries.incident(request.actor, number)
    return [_offer(request.actor, offer) for offer in reads.offers(one)]


@router.post("/incidents/{number}/choices", response={201: OfferOut}, summary="Offer a choice")
def offer(request: StaffRequest, number: Number, given: OfferIn) -> Status[OfferOut]:
    """Customers choose on their own page; the next message leads there. It takes the place of an offer for the same effect.
    Needs message.send."""
    one = queries.incident(request.actor, number)
    made = actions.offer_choice(request.actor, one.pk, **given.dict())
    return Status(201, _offer(request.actor, reads.offer(one, made)))


@router.post(
    "/incidents/{number}/choices/{offer_id}/withdraw", response=OfferOut, summary="Withdraw an offer"
)
def withdraw(request: StaffRequest, number: Number, offer_id: UUID) -> OfferOut:
    """What was chosen stays written down, and its tasks stay. Twice is no error. Needs message.send."""
    one = queries.incident(request.actor, number)
    actions.withdraw_choice(request.actor, reads.offer(one, offer_id).pk)
    return _offer(request.actor, reads.offer(one, offer_id))


@router.get(
    "/incidents/{number}/choices/{offer_id}/answers", response=Page[AnswerOut], summary="Who chose what"
)
def answers(request: StaffRequest, number: Number, offer_id: UUID, paging: Query[Paging]) -> dict[str, Any]:
    """The answers that count, one per customer and shipment, newest first, or `sort` by waybill or option. Needs incident.read."""
    one = queries.incident(request.actor, number)
    found = reads.answers(request.actor, reads.offer(one, offer_id))
    shown = sorted_page(found, paging, sorts=_SORTS, default="-at")
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next, "total": shown.total}


def _offer(actor: Actor, offer: Offer) -> OfferOut:
    return OfferOut(
        id=offer.pk,
        effect=offer.effect,
        options=offer.options,
        default=offer.default,
        closes_at=offer.closes_at,
        ended_at=offer.ended_at,
        settled_at=offer.settled_at,
        chosen=[CountedOut.from_orm(one) for one in reads.counted(actor, offer)],
    )
