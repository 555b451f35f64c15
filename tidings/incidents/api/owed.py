"""What is owed: the next message to all customers, a person's promise to one of them, and the law's clocks."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema, Status

from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.kernel.clock import now
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Number, Prose, Word, example


class NextOut(Schema):
    """What all customers are owed next, and by when; `close`, without a moment, once they are owed nothing and it stands open."""

    what: str
    due_by: datetime | None
    late: bool


class PromiseOut(Schema):
    """What one customer was promised; open while `end` is empty, then kept or broken, with what came of it in `note`."""

    id: UUID
    customer_id: UUID
    text: str
    due_by: datetime
    owner_id: UUID | None
    end: str
    ended_at: datetime | None
    note: str


class EndedOut(Schema):
    """How promises ended: kept in time, broken (late, or said to be broken), or open still."""

    kept: int
    broken: int
    open: int


class OwedOut(Schema):
    """What is owed: `next` to all customers, null once it has ended, and what single ones were promised; and how the promises so
    far ended, to all and to single customers.
    """

    next: NextOut | None
    personal: list[PromiseOut]
    to_all: EndedOut
    to_single: EndedOut


class PromiseIn(Schema):
    """In one line what one customer was promised. Without an owner it is nobody's: name one of the staff who sees the incident."""

    customer_id: UUID
    text: Prose
    due_by: Moment
    owner: UUID | None = None

    model_config = example(
        customer_id="0199a000-0000-7000-8000-000000000003",
        text="Call back about the pallet of glass.",
        due_by="2026-11-22T10:30:00+01:00",
    )


class PromiseEndIn(Schema):
    """How it ended: kept, or broken with what came of it."""

    end: Literal["kept", "broken"] = "kept"
    note: Prose = ""

    model_config = example(end="broken", note="Nobody answered; we wrote instead.")


class LawOut(Schema):
    """One of the law's clocks: `due_by` null means without undue delay. They advise, and nobody pauses them."""

    code: str
    source: str
    due_by: datetime | None
    owner_id: UUID | None
    done_at: datetime | None
    proof: str


class LawIn(Schema):
    """Whose it is; once done, when, and what proves it. It replaces what was known."""

    owner: UUID | None = None
    done_at: Moment | None = Field(None, description="needs `proof`")
    proof: Prose = ""

    model_config = example(done_at="2026-11-23T09:00:00+01:00", proof="Receipt of the authority, number 77.")


@router.get("/incidents/{number}/promises", response=OwedOut, summary="What is owed")
def promises(request: StaffRequest, number: Number) -> OwedOut:
    """The next message to all, and what single customers were promised, the open ones first. Needs incident.read."""
    one = queries.incident(request.actor, number)
    at = now()
    due = queries.clock(one, at)
    return OwedOut(
        next=NextOut.from_orm(due) if due else None,
        personal=[PromiseOut.from_orm(promise) for promise in queries.promises_about(one)],
        to_all=EndedOut.from_orm(queries.promises_to_all(one, at)),
        to_single=EndedOut.from_orm(queries.promises_to_single(one, at)),
    )


@router.post("/incidents/{number}/promises", response={201: PromiseOut}, summary="Promise one customer")
def promise(request: StaffRequest, number: Number, given: PromiseIn) -> Status[PromiseOut]:
    """It stands on the worklist and the timeline, and is told when its time has passed. Needs incident.report and customer.read."""
    one = queries.incident(request.actor, number)
    made = actions.promise_customer(
        request.actor, one.pk, given.customer_id, given.text, given.due_by, given.owner
    )
    return Status(201, PromiseOut.from_orm(queries.personal_promise(one, made)))


@router.post("/incidents/{number}/promises/{promise_id}/end", response=PromiseOut, summary="End a promise")
def end_promise(request: StaffRequest, number: Number, promise_id: UUID, given: PromiseEndIn) -> PromiseOut:
    """As kept, or as broken with what came of it. Needs incident.task."""
    one = queries.incident(request.actor, number)
    found = queries.personal_promise(one, promise_id)
    actions.end_promise(request.actor, found.pk, given.end == "kept", given.note)
    return PromiseOut.from_orm(queries.personal_promise(one, promise_id))


@router.get("/incidents/{number}/law", response=list[LawOut], summary="The law's clocks")
def law(request: StaffRequest, number: Number) -> list[LawOut]:
    """Those that run for its kind where it happened, soonest first. Needs incident.read."""
    return [_law(one) for one in queries.legal_clocks(queries.incident(request.actor, number))]


@router.put("/incidents/{number}/law/{code}", response=LawOut, summary="Note one of the law's clocks")
def note_law(request: StaffRequest, number: Number, code: Word, given: LawIn) -> LawOut:
    """Nothing is sent because of it. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    actions.note_legal(
        request.actor, one.pk, code, owner=given.owner, done_at=given.done_at, proof=given.proof
    )
    return _law(queries.legal_clock(one, code))


def _law(one: queries.RunningClock) -> LawOut:
    known = one.notice
    return LawOut(
        code=one.clock.code,
        source=one.clock.source,
        due_by=one.due_by,
        owner_id=known.owner_id if known else None,
        done_at=known.done_at if known else None,
        proof=known.proof if known else "",
    )
