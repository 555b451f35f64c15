"""Reads of tasks: those of one incident, one of them, and what waits for somebody, whatever the incident."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from tidings.incidents import rules
from tidings.incidents.models import Incident, Task
from tidings.incidents.queries.known import visible
from tidings.incidents.rules import tasks as task_rules
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.people.rules import DEPARTMENTS


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """One open task with its incident: whether its time has passed, and whether it is the reader's own."""

    task: Task
    late: bool
    mine: bool


_OVER = (rules.State.DISMISSED, rules.State.MERGED)


def tasks_about(incident: Incident, *, department: str = "", waiting: bool = False) -> QuerySet[Task]:
    """The tasks of an incident: the open ones by deadline, then what was ended, newest first."""
    found = Task.objects.filter(incident=incident)
    if department:
        found = found.filter(department=department)
    if waiting:
        found = found.filter(end="")
    ended_last = Case(When(end="", then=Value(0)), default=Value(1))
    return found.order_by(ended_last, F("ended_at").desc(nulls_first=True), "due_by", "pk")


def task_counts(incident: Incident) -> tuple[int, int]:
    """How many tasks wait, and how many were ended."""
    counted = Task.objects.filter(incident=incident).aggregate(
        waiting=Count("pk", filter=Q(end="")), ended=Count("pk", filter=~Q(end=""))
    )
    return counted["waiting"], counted["ended"]


def task(actor: Actor, incident: Incident, task_id: UUID) -> Task:
    """One task of an incident that the actor sees. Raises Missing("incident.task_missing")."""
    actor.require("incident.read")
    found = Task.objects.filter(incident=incident, pk=task_id).first()
    if found is None:
        raise Missing("incident.task_missing")
    return found


def departments_used() -> list[str]:
    """The firm's own words for departments, as tasks named them so far, by name."""
    used = Task.objects.exclude(department__in=DEPARTMENTS).order_by("department")
    return list(used.values_list("department", flat=True).distinct()[:50])


def waiting_tasks(actor: Actor, now: datetime, *, limit: int = 200) -> list[WaitingTask]:
    """The open tasks that `actor` sees, and those they own whatever their unit, soonest first; each with its incident.

    Tasks of a closed incident are among them: a corrective measure outlives it.
    """
    actor.require("incident.read")
    soonest = _open_tasks(actor).select_related("incident").order_by("due_by", "pk")[:limit]
    return [
        WaitingTask(
            one,
            task_rules.is_overdue(one.due_by, now),
            bool(one.owner_id) and str(one.owner_id) == actor.ref,
        )
        for one in soonest
    ]


def late_tasks(actor: Actor, now: datetime) -> int:
    """How many of them passed their moment."""
    return _open_tasks(actor).filter(due_by__lt=now).count()


def _open_tasks(actor: Actor) -> QuerySet[Task]:
    mine = Q(owner_id=_person(actor)) if _person(actor) else Q(pk__in=[])
    return Task.objects.filter(Q(incident__in=visible(actor)) | mine, end="").exclude(
        incident__state__in=_OVER
    )


def tasks_of(person: UUID) -> list[Task]:
    """The open tasks that somebody has in hand."""
    return list(Task.objects.filter(owner_id=person, end="").order_by("due_by"))


def _person(actor: Actor) -> UUID | None:
    try:
        return UUID(actor.ref)
    except ValueError:
        return None
