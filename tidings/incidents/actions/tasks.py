"""Tasks of departments: giving one, ending it as done or not done, handing it to another person."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import locked, told
from tidings.incidents.models import Incident, Task
from tidings.incidents.rules import tasks
from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.people.queries import colleague, name_of

_WITHOUT_TASKS = frozenset({rules.State.DISMISSED, rules.State.MERGED})


def add_task(
    actor: Actor,
    incident_id: UUID,
    department: str,
    text: str,
    due_by: datetime,
    owner: UUID | None = None,
    origin: str = tasks.FROM_A_PERSON,
    *,
    shipment_id: UUID | None = None,
    key: UUID | None = None,
) -> UUID:
    """Gives a department something to do by a moment, and returns the task's id.

    `department` is a known code or the firm's own word. `owner` is a person who sees the incident. `key` becomes the
    task's id: given twice, it is one task. What a person gives stands on the timeline; what comes in from elsewhere
    (`origin`, as a customer's choice) only in the list and the audit, for there may be thousands. The incident's version
    stays: a task changes nothing that anybody is about to send. A closed incident may still get tasks.

    Raises Refused("incident.task_empty"), Refused("incident.not_open"), Refused("incident.owner_does_not_see").
    """
    actor.require("incident.task")
    code, said = tasks.department_code(department), text.strip()
    if not code or not said:
        raise Refused("incident.task_empty")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if key and Task.objects.filter(pk=key).exists():
            return key
        if incident.state in _WITHOUT_TASKS:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        if owner:
            must_see(owner, incident)
        task = Task(id=key or new_id(), incident=incident, department=code, text=said, due_by=due_by)
        task.owner_id, task.origin, task.shipment_id = owner, origin, shipment_id
        task.at, task.by_kind, task.by = at, actor.kind, actor.ref
        task.save(force_insert=True)
        _tell_given(actor, incident, task)
    return task.pk


def _tell_given(actor: Actor, incident: Incident, task: Task) -> None:
    facts: dict[str, object] = {
        "department": task.department,
        "task": str(task.pk),
        "owner": str(task.owner_id or ""),
    }
    if task.origin in tasks.IN_THE_STORY:
        told(actor, incident, task.at, "task_added", facts, task.text)
    else:
        facts["origin"] = task.origin
        audit.record(actor, "incident.task_added", "incident", incident.pk, facts)


def finish_task(actor: Actor, task_id: UUID, end: str = tasks.TaskEnd.DONE, reason: str = "") -> None:
    """Ends a task as done, or as not done with the reason why. Its owner may always do so, whatever their role and unit.

    Raises Missing("incident.task_missing"), Refused("incident.task_end_unknown"), Refused("incident.task_needs_reason"),
    Conflict("incident.task_ended") when somebody ended it before.
    """
    if end not in set(tasks.TaskEnd):
        raise Refused("incident.task_end_unknown", end=end)
    if tasks.needs_reason(end) and not reason.strip():
        raise Refused("incident.task_needs_reason")
    at = now()
    with transaction.atomic():
        incident, task = _open(actor, task_id)
        task.end, task.ended_at, task.ended_by, task.reason = end, at, actor.ref, reason.strip()
        task.save(update_fields=["end", "ended_at", "ended_by", "reason"])
        facts: dict[str, object] = {"department": task.department, "task": str(task.pk), "end": end}
        said = f"{task.text} ({task.reason})" if task.reason else task.text
        if task.origin in tasks.IN_THE_STORY:
            told(actor, incident, at, "task_ended", facts, said)
        else:
            audit.record(
                actor, "incident.task_ended", "incident", incident.pk, {**facts, "origin": task.origin}
            )


def hand_task(actor: Actor, task_id: UUID, owner: UUID) -> None:
    """Makes an open task another person's. Raises as `finish_task`, and Refused("incident.owner_does_not_see")."""
    at = now()
    with transaction.atomic():
        incident, task = _open(actor, task_id)
        must_see(owner, incident)
        hand(actor, incident, task, owner, at)


def hand(actor: Actor, incident: Incident, task: Task, owner: UUID, at: datetime) -> None:
    """The writing of it, inside the caller's transaction and on a locked task; to its owner it changes nothing."""
    if task.owner_id == owner:
        return
    task.owner_id = owner
    task.save(update_fields=["owner_id"])
    facts: dict[str, object] = {
        "department": task.department,
        "task": str(task.pk),
        "owner": str(owner),
    }
    told(actor, incident, at, "task_handed", facts, task.text)


def pass_on_tasks(actor: Actor, person: UUID, successor: UUID) -> int:
    """Gives every open task of `person` to `successor`, inside the caller's transaction if there is one; how many.

    Raises Refused("incident.successor_does_not_see") when the successor does not see one's incident.
    """
    at = now()
    with transaction.atomic():
        owned = Task.objects.filter(owner_id=person, end="").order_by("incident_id", "pk")
        for task in owned.select_related("incident"):
            incident = Incident.objects.select_for_update().get(pk=task.incident_id)
            if not sees(successor, incident):
                raise Refused(
                    "incident.successor_does_not_see", number=incident.number, name=name_of(str(successor))
                )
            hand(actor, incident, task, successor, at)
    return len(owned)


def must_see(person: UUID, incident: Incident) -> None:
    """Raises Refused("incident.owner_does_not_see") when this person cannot open the incident, or has left."""
    if not sees(person, incident):
        raise Refused("incident.owner_does_not_see", number=incident.number, name=name_of(str(person)))


def sees(person: UUID, incident: Incident) -> bool:
    """Whether this person may open the incident."""
    try:
        queries.incident(colleague(person), incident.pk)
    except (Missing, Refused):
        return False
    return True


def _open(actor: Actor, task_id: UUID) -> tuple[Incident, Task]:
    """An open task and its incident, both locked, the incident first."""
    found = Task.objects.filter(pk=task_id).first()
    if found is None:
        raise Missing("incident.task_missing")
    owns = bool(found.owner_id) and str(found.owner_id) == actor.ref
    actor.require("incident.read" if owns else "incident.task")
    incident = locked(replace(actor, units=None) if owns else actor, found.incident_id)
    task = Task.objects.select_for_update().get(pk=task_id)
    if not task.is_open:
        raise Conflict("incident.task_ended", by=task.ended_by)
    return incident, task
