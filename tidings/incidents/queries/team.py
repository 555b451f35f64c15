"""Reads of the team of an incident: who was called, who would be, whom a reader is asked to answer for; and its hotline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.incidents import rules
from tidings.incidents.models import Hotline, Incident, TeamMember
from tidings.incidents.queries.known import strictest_policy, visible
from tidings.incidents.rules import team as team_rules
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Missing
from tidings.people.queries.roster import on_duty

_OVER = (rules.State.CLOSED, rules.State.DISMISSED, rules.State.MERGED)


@dataclass(frozen=True, slots=True)
class TeamGap:
    """A department that was called and of which nobody comes: for who leads the team to see to."""

    incident: Incident
    department: str
    since: datetime


def team(incident: Incident) -> list[TeamMember]:
    """Everybody who was called in, leader and deputy first, then by department."""
    order = [role.value for role in team_rules.TeamRole]
    return sorted(incident.team.all(), key=lambda one: (order.index(one.role), one.department, one.at))


def team_proposed(incident: Incident, now: datetime) -> list[team_rules.Proposed]:
    """Who would be called in now, by the policy of the gravest grade that it held and by the roster."""
    departments = strictest_policy(incident).team
    called = set(incident.team.values_list("department", flat=True))
    return team_rules.proposed(departments, on_duty(incident.unit_id, now, departments), called)


def team_call(incident: Incident, member_id: UUID) -> TeamMember:
    """One call. Raises Missing("incident.no_such_call")."""
    found = incident.team.filter(pk=member_id).first()
    if found is None:
        raise Missing("incident.no_such_call")
    return found


def called_in(actor: Actor) -> list[TeamMember]:
    """The calls that this person has not answered yet, soonest first; whatever the unit, for they were called."""
    if actor.kind is not ActorKind.PERSON:
        return []
    found = TeamMember.objects.filter(person_id=actor.ref, answer="").exclude(incident__state__in=_OVER)
    return list(found.select_related("incident").order_by("answer_by"))


def team_gaps(actor: Actor, now: datetime) -> list[TeamGap]:
    """Departments of which nobody comes, in the teams that this person leads or is the deputy of."""
    if actor.kind is not ActorKind.PERSON:
        return []
    leading = TeamMember.objects.filter(
        person_id=actor.ref, role__in=[team_rules.TeamRole.LEADER, team_rules.TeamRole.DEPUTY]
    ).exclude(answer=team_rules.Answer.CANNOT)
    open_ones = visible(actor).exclude(state__in=_OVER).filter(pk__in=leading.values("incident"))
    calls: dict[tuple[UUID, str], list[TeamMember]] = {}
    for one in TeamMember.objects.filter(incident__in=open_ones).select_related("incident"):
        calls.setdefault((one.incident_id, one.department), []).append(one)
    return [
        TeamGap(ones[0].incident, department, max(one.answered_at or one.answer_by for one in ones))
        for (_incident, department), ones in sorted(calls.items(), key=lambda item: str(item[0]))
        if team_rules.is_gap([team_rules.stands(one.answer, one.answer_by, now) for one in ones])
    ]


def calls_to_escalate(now: datetime) -> list[UUID]:
    """The calls whose time passed without an answer, of open incidents, oldest first."""
    found = TeamMember.objects.filter(answer="", escalated_at__isnull=True, answer_by__lte=now)
    return list(
        found.exclude(incident__state__in=_OVER).order_by("answer_by").values_list("pk", flat=True)[:500]
    )


def hotline(incident: Incident) -> Hotline | None:
    """The number of its own that an incident has now."""
    newest = incident.hotlines.order_by("-pk").first()
    return newest if newest and newest.number else None
