"""Tasks of an incident: what departments do, by when, and what came of it."""

from uuid import UUID

from ninja import Status

from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import TaskEndIn, TaskIn, TaskOut
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, Word


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
