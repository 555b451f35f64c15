"""The end of an incident: what still keeps it from being closed, its review, corrective measures, who could not be told."""

from datetime import datetime
from uuid import UUID

from ninja import Schema, Status

from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import VERSION
from tidings.incidents.api.tasks import TaskIn, TaskOut
from tidings.incidents.models import Incident
from tidings.kernel.clock import now
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Number, Prose, example


class ClosingOut(Schema):
    """Codes of what still keeps it from being closed, in the order in which people mend them; `unexplained` customers have no
    contact while nobody said why they were not told. `lacking` says, per phase that others had, how many contacts have not."""

    missing: list[str]
    unexplained: int
    lacking: dict[str, int]


class ReviewIn(Schema):
    """What it taught. Cause and measures are facts of the incident, told to customers; the rest is for ourselves."""

    cause: Prose
    measures: Prose
    prevention: Prose = ""
    went_well: Prose = ""
    to_improve: Prose = ""
    version: int | None = VERSION

    model_config = example(
        cause="A belt broke.", measures="We replaced it.", prevention="It is looked at monthly.", version=7
    )


class ReviewOut(Schema):
    """What it taught, as it stands; `at` is null until somebody reviewed it."""

    cause: str
    measures: str
    prevention: str
    went_well: str
    to_improve: str
    at: datetime | None


class CorrectiveIn(TaskIn):
    """A lesson as a task; `check_by` is when somebody looks whether it worked, not before it is due."""

    check_by: Moment

    model_config = example(
        department="operations",
        text="Look at every belt.",
        due_by="2026-12-01T12:00:00+01:00",
        check_by="2027-01-15T12:00:00+01:00",
    )


class CheckIn(Schema):
    """Whether a corrective measure worked; where it did not, the note says why."""

    worked: bool
    note: Prose = ""

    model_config = example(worked=True, note="No belt broke for a month.")


class UnreachableIn(Schema):
    """Why those without a contact were not told."""

    reason: Prose

    model_config = example(reason="They gave neither mail nor telephone; the drivers tell them.")


class UnreachableOut(Schema):
    """Of how many customers this was said."""

    customers: int


@router.get("/incidents/{number}/closing", response=ClosingOut, summary="What keeps it open")
def closing(request: StaffRequest, number: Number) -> ClosingOut:
    """With nothing missing `move` to closed. Needs incident.read."""
    one = queries.incident(request.actor, number)
    at = now()
    lacking = queries.people_lacking(one, at)
    missing = queries.missing_for_closing(one, at, lacking)
    return ClosingOut(missing=missing, unexplained=queries.unexplained(one, at), lacking=lacking)


@router.get("/incidents/{number}/review", response=ReviewOut, summary="What it taught")
def review(request: StaffRequest, number: Number) -> ReviewOut:
    """Cause and measures, and the newest review. Needs incident.read."""
    return _review(queries.incident(request.actor, number))


@router.put("/incidents/{number}/review", response=ReviewOut, summary="Review it")
def write_review(request: StaffRequest, number: Number, given: ReviewIn) -> ReviewOut:
    """Every version stays; a closed incident may still be reviewed. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    said = given.dict()
    seen = said.pop("version")
    actions.write_review(request.actor, one.pk, actions.Lessons(**said), seen_version=seen)
    return _review(queries.incident(request.actor, number))


@router.post("/incidents/{number}/correctives", response={201: TaskOut}, summary="A corrective measure")
def corrective(request: StaffRequest, number: Number, given: CorrectiveIn) -> Status[TaskOut]:
    """A lesson as a task, with the day on which somebody looks whether it worked. Needs incident.task."""
    one = queries.incident(request.actor, number)
    made = actions.add_corrective(
        request.actor, one.pk, given.department, given.text, given.due_by, given.check_by, given.owner
    )
    return Status(201, TaskOut.from_orm(queries.task(request.actor, one, made)))


@router.post("/incidents/{number}/tasks/{task_id}/check", response=TaskOut, summary="Did it work?")
def check(request: StaffRequest, number: Number, task_id: UUID, given: CheckIn) -> TaskOut:
    """Of a corrective measure that is done. Needs incident.task."""
    one = queries.incident(request.actor, number)
    task = queries.task(request.actor, one, task_id)
    actions.check_task(request.actor, task.pk, given.worked, given.note)
    return TaskOut.from_orm(queries.task(request.actor, one, task_id))


@router.post("/incidents/{number}/unreachable", response=UnreachableOut, summary="Why some were not told")
def unreachable(request: StaffRequest, number: Number, given: UnreachableIn) -> UnreachableOut:
    """Of the affected customers without any contact: closing asks for it. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    return UnreachableOut(customers=actions.record_unreachable(request.actor, one.pk, given.reason))


def _review(one: Incident) -> ReviewOut:
    newest = queries.review(one)
    return ReviewOut(
        cause=one.cause,
        measures=one.measures,
        prevention=newest.prevention if newest else "",
        went_well=newest.went_well if newest else "",
        to_improve=newest.to_improve if newest else "",
        at=newest.at if newest else None,
    )
