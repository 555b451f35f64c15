"""Reminding of what is due, and telling on what is overdue: its owner, then who is on call, each step once."""

from datetime import datetime

from django.db import transaction

from tidings.incidents import queries
from tidings.incidents.actions.locking import locked, told
from tidings.incidents.actions.remind_mail import mail_due
from tidings.incidents.actions.tasks import sees
from tidings.incidents.models import Reminder
from tidings.incidents.rules import reminders as rules
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.people.queries.roster import leads_on_call


def remind_of_due(actor: Actor) -> int:
    """Takes every step whose time has come for all that is due, once each; gives how many. Who is told gets a mail; the timeline
    and the audit say who that was, or that the roster has nobody.
    """
    at, count = now(), 0
    for one in queries.everything_due(actor, at):
        if set(rules.steps(one.due_by, at)) - set(queries.reminded(one)):
            with transaction.atomic():
                count += _remind(actor, one, at)
    return count


def _remind(actor: Actor, due: queries.Due, at: datetime) -> int:
    """The steps of one thing, if it still is due once its incident is locked: it may have been done in the same moment."""
    incident = locked(actor, due.incident.pk)
    still = [one for one in queries.everything_due(actor, at, incident) if _same(one, due)]
    if not still:
        return 0
    one = still[0]
    before = queries.reminded(one)
    heard = {person for step, person in before.items() if person and step != rules.Step.SOON}
    missing = [step for step in rules.steps(one.due_by, at) if step not in before]
    on_call = [person for person in leads_on_call(incident.unit_id, at) if sees(person, incident)]
    for step in missing:
        person = rules.who_hears(step, one.owner, on_call, heard)
        made = Reminder(incident=incident, what=one.what, thing=one.thing, due_by=one.due_by, step=step)
        made.person_id, made.at, made.by_kind, made.by = person, at, actor.kind, actor.ref
        made.save(force_insert=True)
        _tell(actor, one, made)
        if person:
            mail_due(one, person, step)
            heard.add(person)
    return len(missing)


def _same(one: queries.Due, other: queries.Due) -> bool:
    return (one.what, one.thing, one.due_by) == (other.what, other.thing, other.due_by)


def _tell(actor: Actor, due: queries.Due, made: Reminder) -> None:
    facts: dict[str, object] = {"due": due.what, "owner": str(made.person_id or "")}
    if due.what == "law":
        facts["law"] = due.thing
    if made.person_id is None:
        told(actor, made.incident, made.at, "overdue_nobody", facts, due.text)
    elif made.step == rules.Step.SOON:
        told(actor, made.incident, made.at, "reminded", facts, due.text)
    else:
        told(actor, made.incident, made.at, "overdue_told", facts, due.text)
