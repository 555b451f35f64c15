"""Reads of everything that is due soon or overdue, whatever it is: for reminding who has it in hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.incidents import rules
from tidings.incidents.models import Incident, PersonalPromise, Reminder, Task
from tidings.incidents.queries.known import clock, due_between
from tidings.incidents.queries.owed import waiting_law
from tidings.incidents.queries.untold import newcomers, newcomers_of
from tidings.incidents.rules.promises import REMIND_BEFORE
from tidings.incidents.rules.reminders import LOOKED_BACK
from tidings.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: of which incident, what (a phase, a task, a promise, a clock of the law, newcomers), which one, by
    when, whose it is, and what people wrote of it.
    """

    incident: Incident
    what: str
    thing: str
    due_by: datetime
    owner: UUID | None
    text: str = ""


def everything_due(actor: Actor, now: datetime, incident: Incident | None = None) -> list[Due]:
    """What is due within half an hour or has been overdue for less than a day, of all open incidents or of one; the oldest first."""
    begins, ends = now - LOOKED_BACK, now + REMIND_BEFORE
    found = [
        *_messages(actor, now, begins, ends),
        *_tasks(begins, ends),
        *_promises(begins, ends),
        *_law(actor, now),
        *_newcomers(actor, now, incident),
    ]
    here = [one for one in found if incident is None or one.incident.pk == incident.pk]
    return sorted((one for one in here if begins < one.due_by <= ends), key=lambda one: one.due_by)


def _messages(actor: Actor, now: datetime, begins: datetime, ends: datetime) -> list[Due]:
    found = due_between(actor, begins, ends)
    clocks = [(one, clock(one, now)) for one in found]
    return [
        Due(one, owed.what.value, "", owed.due_by, one.owner_id)
        for one, owed in clocks
        if owed and owed.due_by
    ]


def _tasks(begins: datetime, ends: datetime) -> list[Due]:
    over = (rules.State.DISMISSED, rules.State.MERGED)
    found = Task.objects.filter(end="", due_by__gt=begins, due_by__lte=ends).exclude(incident__state__in=over)
    return [
        Due(one.incident, "task", str(one.pk), one.due_by, one.owner_id or one.incident.owner_id, one.text)
        for one in found.select_related("incident")
    ]


def _promises(begins: datetime, ends: datetime) -> list[Due]:
    found = PersonalPromise.objects.filter(end="", due_by__gt=begins, due_by__lte=ends)
    return [
        Due(one.incident, "promise", str(one.pk), one.due_by, one.owner_id or one.incident.owner_id, one.text)
        for one in found.select_related("incident")
    ]


def _law(actor: Actor, now: datetime) -> list[Due]:
    return [
        Due(one.incident, "law", one.running.clock.code, one.running.due_by, _person(one.owner))
        for one in waiting_law(actor, now)
        if one.running.due_by
    ]


def _person(owner: str) -> UUID | None:
    return UUID(owner) if owner else None


def _newcomers(actor: Actor, now: datetime, incident: Incident | None) -> list[Due]:
    found = newcomers(actor, now) if incident is None else [newcomers_of(actor, incident, now)]
    return [Due(one.incident, "untold", "", one.due_by, one.incident.owner_id) for one in found if one]


def reminded(one: Due) -> dict[str, UUID | None]:
    """The steps that were told of it already, each with who heard it."""
    told = Reminder.objects.filter(incident=one.incident, what=one.what, thing=one.thing, due_by=one.due_by)
    return dict(told.values_list("step", "person_id"))
