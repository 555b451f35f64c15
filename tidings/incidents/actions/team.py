"""Calling in the team of an incident: by roster and in one press, with a mail, an answer, and who is called next."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries
from tidings.incidents.actions.call_mail import mail_call, mail_gap
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.actions.tasks import must_see, sees
from tidings.incidents.models import Hotline, Incident, TeamMember
from tidings.incidents.rules import team as team_rules
from tidings.incidents.rules.tasks import department_code
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.people.queries.roster import on_duty


def call_in(actor: Actor, incident_id: UUID, people: Mapping[str, UUID] | None = None) -> int:
    """Calls in the team that policy and roster propose, or these `people`, one per department; gives how many were called.

    Each hears by mail until when to answer. An incident that is nobody's becomes the leader's: to coordinate is their duty.
    Raises Refused("incident.not_open"), Refused("incident.nobody_to_call"), Refused("incident.owner_does_not_see").
    """
    actor.require("incident.task")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        if people is None:
            found = queries.team_proposed(incident, at)
            people = {one.department: one.person for one in found if one.person}
        if not people:
            raise Refused("incident.nobody_to_call", number=incident.number)
        return sum(_call(actor, incident, name, person, at) for name, person in people.items())


def answer_call(
    actor: Actor, member_id: UUID, *, coming: bool, comes_at: datetime | None = None, note: str = ""
) -> None:
    """ "I am coming, from then on", or "I cannot": said by who was called, and by nobody else. It may be said anew.

    Who cannot come is followed by the next of the department at once. Raises Missing("incident.no_such_call"),
    Refused("incident.call_not_yours"), Refused("incident.not_open").
    """
    at = now()
    with transaction.atomic():
        found = TeamMember.objects.filter(pk=member_id).first()
        if found is None:
            raise Missing("incident.no_such_call")
        if actor.kind is not ActorKind.PERSON or str(found.person_id) != actor.ref:
            raise Refused("incident.call_not_yours")
        incident = locked(replace(actor, units=None), found.incident_id)
        must_be_open(incident)
        member = TeamMember.objects.select_for_update().get(pk=member_id)
        member.answer = (team_rules.Answer.COMING if coming else team_rules.Answer.CANNOT).value
        member.answered_at, member.note = at, note.strip()
        member.comes_at = (comes_at or at) if coming else None
        member.save(update_fields=["answer", "answered_at", "note", "comes_at"])
        if coming:
            told(actor, incident, at, "team_coming", _facts(member), member.note)
            return
        told(actor, incident, at, "team_cannot", _facts(member), member.note)
        if member.escalated_at is None:
            _escalate(actor, incident, member, at)


def escalate_calls(actor: Actor) -> int:
    """Passes on every call whose time passed without an answer, once each; how many."""
    at, count = now(), 0
    for member_id in queries.calls_to_escalate(at):
        with transaction.atomic():
            found = TeamMember.objects.filter(pk=member_id).first()
            if found is None:
                continue
            incident = locked(actor, found.incident_id)
            member = TeamMember.objects.select_for_update().get(pk=member_id)
            if member.answer or member.escalated_at or not incident.is_open:
                continue
            told(actor, incident, at, "team_unanswered", _facts(member))
            _escalate(actor, incident, member, at)
            count += 1
    return count


def set_hotline(
    actor: Actor, incident_id: UUID, *, number: str, announcement: str = "", hours: str = "", staff: str = ""
) -> None:
    """A number of its own for this incident, which messages name from then on; without one, the firm's holds again.

    What was frozen keeps the number that it says. Raises Conflict where nothing would change.
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        held = queries.hotline(incident)
        if held is None and not number.strip():
            raise Conflict("incident.no_hotline", number=incident.number)
        made = Hotline(incident=incident, at=at, by_kind=actor.kind, by=actor.ref)
        made.number, made.announcement = number.strip(), announcement.strip()
        made.hours, made.staff = hours.strip(), staff.strip()
        made.save(force_insert=True)
        if made.number:
            told(actor, incident, at, "hotline_set", {}, made.number)
        else:
            told(actor, incident, at, "hotline_ended", {})


def _call(actor: Actor, incident: Incident, name: str, person: UUID, at: datetime) -> bool:
    """Calls one person in; whether they were not called for this department before."""
    must_see(person, incident)
    department = department_code(name)
    if incident.team.filter(department=department, person_id=person).exists():
        return False
    within = queries.strictest_policy(incident).answer_within
    member = TeamMember(incident=incident, department=department, person_id=person, answer_by=at + within)
    member.role = team_rules.role_of(department).value
    member.at, member.by_kind, member.by = at, actor.kind, actor.ref
    member.save(force_insert=True)
    told(actor, incident, at, "team_called", _facts(member))
    if member.role == team_rules.TeamRole.LEADER and incident.owner_id is None:
        incident.owner_id = person
        changed(actor, incident, at, "owner_id")
        told(actor, incident, at, "passed_on", {"owner": str(person)})
    mail_call(incident, member)
    return True


def _escalate(actor: Actor, incident: Incident, member: TeamMember, at: datetime) -> None:
    """The next of the department is called; where there is none, whoever leads the team hears that nobody comes."""
    member.escalated_at = at
    member.save(update_fields=["escalated_at"])
    called = set(incident.team.filter(department=member.department).values_list("person_id", flat=True))
    duty = on_duty(incident.unit_id, at, [member.department]).get(member.department)
    person = team_rules.next_in(duty, called)
    if person and sees(person, incident):
        _call(actor, incident, member.department, person, at)
        return
    leading = incident.team.filter(role__in=[team_rules.TeamRole.DEPUTY, team_rules.TeamRole.LEADER])
    for one in leading.exclude(answer=team_rules.Answer.CANNOT).exclude(pk=member.pk):
        mail_gap(incident, member.department, one.person_id)


def _facts(member: TeamMember) -> dict[str, object]:
    return {"department": member.department, "owner": str(member.person_id)}
