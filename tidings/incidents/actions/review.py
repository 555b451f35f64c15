"""The end of an incident: its review, corrective measures with their check, who could not be told and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import rules, sql
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.actions.tasks import add_task
from tidings.incidents.models import Review, Task, Unreachable
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused

_FROM_THE_REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a review says. Cause and measures are facts of the incident, told to customers; the rest is for us."""

    cause: str
    measures: str
    prevention: str = ""
    went_well: str = ""
    to_improve: str = ""


def write_review(
    actor: Actor, incident_id: UUID, lessons: Lessons, *, seen_version: int | None = None
) -> None:
    """Writes what an incident taught; every version stays. A closed incident may still be reviewed.

    Raises Refused("incident.not_open") for a dismissed or merged one, Conflict("incident.changed").
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        if incident.state in ("dismissed", "merged"):
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        incident.cause, incident.measures = lessons.cause.strip(), lessons.measures.strip()
        Review(
            incident=incident,
            prevention=lessons.prevention.strip(),
            went_well=lessons.went_well.strip(),
            to_improve=lessons.to_improve.strip(),
            at=at,
            by_kind=actor.kind,
            by=actor.ref,
        ).save(force_insert=True)
        changed(actor, incident, at, "cause", "measures")
        told(actor, incident, at, "reviewed")


def add_corrective(
    actor: Actor,
    incident_id: UUID,
    department: str,
    text: str,
    due_by: datetime,
    check_by: datetime,
    owner: UUID | None = None,
) -> UUID:
    """A lesson as a task with a day on which somebody looks whether it worked. Raises as `add_task`, and
    Refused("incident.check_before_due")."""
    if check_by < due_by:
        raise Refused("incident.check_before_due")
    with transaction.atomic():
        task = add_task(actor, incident_id, department, text, due_by, owner, _FROM_THE_REVIEW)
        Task.objects.filter(pk=task).update(check_by=check_by)
    return task


def check_task(actor: Actor, task_id: UUID, worked: bool, note: str = "") -> None:
    """Whether a corrective measure worked. Raises Missing("incident.task_missing") where none waits for a check,
    Refused("incident.task_needs_reason") where it did not work and nothing says why."""
    actor.require("incident.task")
    if not worked and not note.strip():
        raise Refused("incident.check_needs_reason")
    at = now()
    with transaction.atomic():
        found = Task.objects.filter(pk=task_id, check_by__isnull=False, checked_at__isnull=True).exclude(
            end=""
        )
        task = found.first()
        if task is None:
            raise Missing("incident.task_missing")
        incident = locked(actor, task.incident_id)
        task = found.select_for_update().first()
        if task is None:
            raise Missing("incident.task_missing")
        task.checked_at, task.checked_by, task.worked = at, actor.ref, worked
        task.save(update_fields=["checked_at", "checked_by", "worked"])
        said = f"{task.text} ({note.strip()})" if note.strip() else task.text
        told(actor, incident, at, "task_checked", {"task": str(task.pk), "worked": _CODES[worked]}, said)


_CODES = {True: "worked", False: "did_not_work"}


def record_unreachable(actor: Actor, incident_id: UUID, reason: str) -> int:
    """Says why the affected customers without any contact were not told, and gives how many they are now.

    Raises Refused("incident.reason_needed") without one, Refused("incident.nobody_unreachable") where all have a contact.
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if not reason.strip():
            raise Refused("incident.reason_needed", number=incident.number, target="")
        customers = sql.without_contact(incident.pk, rules.Phase.FIRST_NOTICE, at)
        if not customers:
            raise Refused("incident.nobody_unreachable", number=incident.number)
        Unreachable(
            incident=incident,
            customers=customers,
            reason=reason.strip(),
            at=at,
            by_kind=actor.kind,
            by=actor.ref,
        ).save(force_insert=True)
        told(actor, incident, at, "unreachable_said", {"customers": customers}, reason.strip())
    return customers
