"""Who may be told what, by which channel: read, and asked to be opened or closed. An administrator says yes on a page."""

from datetime import datetime
from uuid import UUID

from ninja import Schema, Status

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.api.settings import AskedOut
from tidings.incidents.models import OpenedAsk
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Prose, Word, example


class CellFields(Schema):
    """A role on the shipment, a fact, and a channel."""

    role: Word
    fact: rules.Fact
    channel: Word

    model_config = example(role="consignee", fact="stolen", channel="email")


class CellOut(CellFields):
    """Whether it is told; `opened_at` where the firm opened what is shipped closed."""

    told: bool
    opened_at: datetime | None


class CellIn(CellFields):
    """A cell to open, with the reason."""

    reason: Prose

    model_config = example(
        role="consignee", fact="stolen", channel="email", reason="Agreed with our consumers."
    )


class CellAskOut(CellFields):
    """What was asked (`open` or `close`) and waits for an administrator."""

    id: UUID
    what: str
    reason: str
    asked_by: str
    asked_at: datetime


@router.get("/telling", response=list[CellOut], summary="Who may be told what")
def cells(request: StaffRequest) -> list[CellOut]:
    """Every role, fact and channel. Needs incident.read."""
    since = {one.cell(): one.at for one in queries.opened_rows(request.actor)}
    return [
        CellOut(
            role=one.role,
            fact=one.fact,
            channel=one.channel,
            told=rules.may_hear(one.fact, (one.role,), one.channel, since),
            opened_at=since.get(one),
        )
        for one in rules.CELLS
    ]


@router.get("/telling/asked", response=list[CellAskOut], summary="Cells that wait")
def cells_asked(request: StaffRequest) -> list[CellAskOut]:
    """What was asked for and waits for an administrator. Needs incident.read."""
    return [CellAskOut.from_orm(one) for one in queries.opened_asked(request.actor)]


@router.post("/telling/open", response={202: AskedOut}, summary="Ask to tell more")
def ask_open(request: StaffRequest, given: CellIn) -> Status[AskedOut]:
    """Nothing more is told before an administrator, other than who made the key, has said yes on the page. Needs policy.ask."""
    return _asked(actions.open_cell(request.actor, _cell(given), given.reason))


@router.post("/telling/close", response={202: AskedOut}, summary="Ask to tell less")
def ask_close(request: StaffRequest, given: CellFields) -> Status[AskedOut]:
    """What the firm opened is told no more once an administrator has said yes. Needs policy.ask."""
    return _asked(actions.close_cell(request.actor, _cell(given)))


def _cell(given: CellFields) -> rules.Cell:
    return rules.Cell(given.role, given.fact, given.channel)


def _asked(one: OpenedAsk | None) -> Status[AskedOut]:
    return Status(202, AskedOut(waits=one.pk if one else None))
