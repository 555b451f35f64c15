"""Tasks of an incident: what departments do, by when, whose it is, and what came of it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema, Status
from pydantic import StringConstraints

from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Number, Prose, Word, example


class TaskIn(Schema):
    """Something for a department to do by a moment; the owner is one of the staff who sees the incident."""

    department: Annotated[Word, StringConstraints(max_length=40)]
    text: Prose
    due_by: Moment
    owner: UUID | None = None

    model_config = example(
        department="operations", text="Reroute the lines by Duisburg.", due_by="2026-11-22T09:00:00+01:00"
    )


class TaskEndIn(Schema):
    """How it ended: done, or not_done with the reason why."""

    end: Literal["done", "not_done"] = "done"
    reason: Prose = ""

    model_config = example(end="not_done", reason="The road is closed.")


class HandIn(Schema):
    """To whom: one of the staff who sees the incident."""

    owner: UUID

    model_config = example(owner="0199a000-0000-7000-8000-000000000004")


class TaskOut(Schema):
    """A task: whose it is, by when, and what came of it. Open while `end` is empty. A corrective measure has `check_by`, and
    `worked` once somebody looked."""

    id: UUID
    department: str
    text: str
    due_by: datetime
    owner_id: UUID | None
    shipment_id: UUID | None
    end: str
    ended_at: datetime | None
    reason: str
    check_by: datetime | None = Field(
        description="of a corrective measure: when somebody looks whether it worked"
    )
    worked: bool | None


@router.get("/incidents/{number}/tasks", response=list[TaskOut], summary="Tasks")
def tasks(
    request: StaffRequest, number: Number, department: Word = "", waiting: bool = False
) -> list[TaskOut]:
    """The open ones by deadline, then what was ended; `waiting` leaves the open ones. The first 500. Needs incident.read."""
    one = queries.incident(request.actor, number)
    found = queries.tasks_about(one, department=department, waiting=waiting)[:500]
    return [TaskOut.from_orm(task) for task in found]


@router.post("/incidents/{number}/tasks", response={201: TaskOut}, summary="Give a task")
def give(request: StaffRequest, number: Number, given: TaskIn) -> Status[TaskOut]:
    """Needs incident.task."""
    one = queries.incident(request.actor, number)
    made = actions.add_task(request.actor, one.pk, given.department, given.text, given.due_by, given.owner)
    return Status(201, TaskOut.from_orm(queries.task(request.actor, one, made)))


@router.post("/incidents/{number}/tasks/{task_id}/end", response=TaskOut, summary="End a task")
def end(request: StaffRequest, number: Number, task_id: UUID, given: TaskEndIn) -> TaskOut:
    """As done, or as not done with the reason. Needs incident.task."""
    one = queries.incident(request.actor, number)
    task = queries.task(request.actor, one, task_id)
    actions.finish_task(request.actor, task.pk, given.end, given.reason)
    return TaskOut.from_orm(queries.task(request.actor, one, task_id))


@router.post("/incidents/{number}/tasks/{task_id}/hand", response=TaskOut, summary="Hand a task over")
def hand(request: StaffRequest, number: Number, task_id: UUID, given: HandIn) -> TaskOut:
    """An open task becomes another person's. Needs incident.task."""
    one = queries.incident(request.actor, number)
    task = queries.task(request.actor, one, task_id)
    actions.hand_task(request.actor, task.pk, given.owner)
    return TaskOut.from_orm(queries.task(request.actor, one, task_id))
