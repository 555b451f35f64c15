"""Who is affected: the question as it stands, another one and what it would change, single shipments in or out."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import VERSION
from tidings.incidents.rules import TermKind
from tidings.shipments.queries.imports import freshness
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Number, Prose, Word, example

_GROUP = {"from_at": "2026-11-22T05:00:00+01:00", "terms": [{"kind": "place", "values": ["NLVEN-H1"]}]}


class TermIn(Schema):
    """One condition; any of its values fulfils it. A place's are codes or a country's two letters; a lane goes from `values` to `to`; a
    transport's are numbers of vehicles, voyages, flights or trains, on a `day` where given; a client's are customers' numbers, in
    any of `roles`; of a container, number or service its own. `users` of services and `pickups` at places find customers, with or
    without a shipment; they stand in a group of their own, beside a client at most."""

    kind: TermKind
    values: list[Word] = Field(min_length=1, max_length=5_000)
    to: list[Word] = Field(default_factory=list, max_length=500)
    day: date | None = None
    roles: list[Word] = Field(default_factory=list, max_length=10)


class GroupIn(Schema):
    """Terms that must all be fulfilled within one window; no end means until further notice."""

    terms: list[TermIn] = Field(min_length=1, max_length=10)
    from_at: Moment
    until_at: Moment | None = None


class AskingIn(Schema):
    """A question: those that fulfil any of the groups are affected."""

    groups: list[GroupIn] = Field(min_length=1, max_length=10)

    model_config = example(groups=[_GROUP])


class QuestionIn(AskingIn):
    """Another question. With `most_told_to_go` it is 409 when more customers who were told already would go than this."""

    most_told_to_go: int | None = Field(None, ge=0, le=2_000_000_000)
    version: int | None = VERSION

    model_config = example(groups=[_GROUP], most_told_to_go=0, version=3)


class PickIn(Schema):
    """A person's or system's own word on shipments, or on customers without any, whatever the question says: in, out, or with an
    empty verdict as it says."""

    shipments: list[UUID] = Field(default_factory=list, max_length=5_000)
    customers: list[UUID] = Field(default_factory=list, max_length=5_000)
    verdict: Literal["in", "out", ""]
    reason: Prose = ""
    version: int | None = VERSION

    model_config = example(
        shipments=["0199a000-0000-7000-8000-000000000002"], verdict="out", reason="It was on another lorry."
    )


class PickedOut(Schema):
    """How many shipments and customers this was said of."""

    shipments: int
    customers: int = 0


class HandPickOut(Schema):
    """What somebody said of one shipment, and holds."""

    shipment_id: UUID
    waybill: str
    verdict: str
    reason: str
    at: datetime
    by: str


class CustomerPickOut(Schema):
    """What somebody said of one customer without a shipment, and holds."""

    customer_id: UUID
    number: str
    name: str
    verdict: str
    reason: str
    at: datetime
    by: str


class HeldOut(Schema):
    """A change by itself that is too large to go without a word: how many customers would come and go."""

    came: int
    went: int
    told_went: int
    at: datetime


class SourceOut(Schema):
    """A source of events, and when it last sent any."""

    source: str
    received_at: datetime


class PlaceOut(Schema):
    """A place that a report or a question may name."""

    code: str
    name: str


class TermOut(Schema):
    """One condition of the question."""

    kind: str
    values: list[str]
    to: list[str]
    day: date | None
    roles: list[str]


class GroupOut(Schema):
    """Terms that must all be fulfilled within one window."""

    terms: list[TermOut]
    from_at: datetime
    until_at: datetime | None


class QuestionOut(Schema):
    """The question as it stands, the change that waits for a word, if one does, and how fresh the events are that it reads."""

    groups: list[GroupOut]
    held: HeldOut | None
    sources: list[SourceOut]


class FoundOut(Schema):
    """How many shipments of how many customers are affected now, and how many came and went; and how many customers came and went
    who are in whether or not goods of theirs are moving."""

    shipments: int
    customers: int
    came: int
    went: int
    customers_came: int
    customers_went: int


class SureOut(Schema):
    """How many are found with one certainty; a customer may be in several."""

    certainty: str
    shipments: int
    customers: int


class ChangeOut(Schema):
    """What a question would find, and how many shipments and customers would come and go; `told_went` had been told already. `alone` are
    customers without a shipment."""

    alone: int
    alone_came: int
    alone_went: int
    shipments: int
    customers: int
    came: int
    went: int
    came_customers: int
    went_customers: int
    told_went: int
    sure: list[SureOut]


@router.get("/incidents/{number}/question", response=QuestionOut, summary="The question")
def question(request: StaffRequest, number: Number) -> QuestionOut:
    """Which shipments are asked for. Needs incident.read."""
    one = queries.incident(request.actor, number)
    asked, held = queries.question(one), queries.held_change(one)
    return QuestionOut(
        groups=[GroupOut.from_orm(group) for group in asked.groups],
        held=HeldOut.from_orm(held) if held else None,
        sources=[SourceOut(source=source, received_at=at) for source, at in freshness()],
    )


@router.post(
    "/incidents/{number}/question/preview", response=ChangeOut, summary="What another question would change"
)
def preview_question(request: StaffRequest, number: Number, given: AskingIn) -> ChangeOut:
    """Asks it and changes nothing: how many it finds, with which certainty, and who would come and go. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    return ChangeOut.from_orm(queries.change_by(request.actor, one, _asked(given)))


@router.put("/incidents/{number}/question", response=FoundOut, summary="Change the question")
def ask_question(request: StaffRequest, number: Number, given: QuestionIn) -> FoundOut:
    """Asks another question from now on; the older one stays as a version. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    found = actions.ask_question(
        request.actor,
        one.pk,
        _asked(given),
        seen_version=given.version,
        seen_told=given.most_told_to_go,
    )
    return FoundOut.from_orm(found)


@router.post("/incidents/{number}/ask", response=FoundOut, summary="Ask again who is affected")
def ask(request: StaffRequest, number: Number) -> FoundOut:
    """Puts the question as it stands to all shipments. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    return FoundOut.from_orm(actions.find_affected(request.actor, one.pk))


@router.post("/incidents/{number}/let-go", response=FoundOut, summary="Let a large change go")
def let_go(request: StaffRequest, number: Number) -> FoundOut:
    """The change that waits: everything is asked as it stands now. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    return FoundOut.from_orm(actions.let_change_go(request.actor, one.pk))


@router.get("/incidents/{number}/picks", response=list[HandPickOut], summary="What was picked by hand")
def picks(request: StaffRequest, number: Number) -> list[HandPickOut]:
    """What holds now, newest first, of the shipments that this key sees. Needs incident.scope."""
    request.actor.require("incident.scope")
    found = queries.picked(request.actor, queries.incident(request.actor, number))
    return [HandPickOut.from_orm(one) for one in found]


@router.get(
    "/incidents/{number}/picks/customers",
    response=list[CustomerPickOut],
    summary="Which customers were picked by hand",
)
def customer_picks(request: StaffRequest, number: Number) -> list[CustomerPickOut]:
    """What holds now of customers without a shipment, newest first, of those whom this key sees. Needs incident.scope."""
    request.actor.require("incident.scope")
    found = queries.picked_customers(request.actor, queries.incident(request.actor, number))
    return [CustomerPickOut.from_orm(one) for one in found]


@router.get("/places", response=list[PlaceOut], summary="Places")
def places(request: StaffRequest) -> list[PlaceOut]:
    """The first 400 by name. Any other code of a hub, a UN/LOCODE or a country may be named too. Needs incident.read."""
    request.actor.require("incident.read")
    return [PlaceOut(code=code, name=name) for code, name in queries.places()]


@router.post("/incidents/{number}/picks", response=PickedOut, summary="Shipments in or out")
def pick(request: StaffRequest, number: Number, given: PickIn) -> PickedOut:
    """Holds whatever the question says, also when it changes, and for the houses of a master; with a reason. Needs incident.scope, and
    customer.read for customers."""
    one, version, picked = queries.incident(request.actor, number), given.version, PickedOut(shipments=0)
    said_of = (given.verdict, given.reason)
    if given.shipments or not given.customers:
        picked.shipments = actions.pick_by_hand(
            request.actor, one.pk, given.shipments, *said_of, seen_version=version
        )
        version = None  # it has just changed by this request
    if given.customers:
        picked.customers = actions.pick_customers(
            request.actor, one.pk, given.customers, *said_of, seen_version=version
        )
    return picked


def _asked(given: AskingIn) -> rules.Question:
    groups = [
        rules.Group(
            tuple(
                rules.Term(term.kind, tuple(term.values), tuple(term.to), term.day, tuple(term.roles))
                for term in group.terms
            ),
            group.from_at,
            group.until_at,
        )
        for group in given.groups
    ]
    return rules.Question(tuple(groups))
