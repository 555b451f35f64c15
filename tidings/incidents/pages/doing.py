"""What the incident's page says of the work on it: its tasks, by deadline, and whose they are."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tidings.incidents import queries
from tidings.incidents.forms import title_of
from tidings.incidents.models import Incident, Task
from tidings.incidents.rules import State
from tidings.incidents.rules.team import TeamRole, stands
from tidings.kernel.clock import now
from tidings.people.queries import name_of, names_of
from tidings.people.rules import DEPARTMENTS
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_SHOWN = 12


def doing(request: StaffRequest, incident: Incident) -> dict[str, object]:
    """The tasks that wait, the soonest first, and how many there are."""
    waiting, ended = queries.task_counts(incident)
    family = queries.family(request.actor, incident)
    related = [*family.children, *([family.parent] if family.parent else [])]
    places = queries.place_names([one.place for one in related])
    return {
        **owed(request, incident),
        "team": _team(request, incident),
        "hotline": queries.hotline(incident),
        "family": family,
        "parent_title": title_of(family.parent, places.get(family.parent.place, family.parent.place))
        if family.parent
        else "",
        "family_rows": [
            {
                "incident": one,
                "title": title_of(one, places.get(one.place, one.place)),
                "state": label(f"incident.state.{one.state}"),
            }
            for one in family.children
        ],
        "tasks": task_rows(request, queries.tasks_about(incident, waiting=True)[:_SHOWN]),
        "tasks_waiting": waiting,
        "tasks_ended": ended,
        "may_add_tasks": may_add(request, incident),
    }


def _team(request: StaffRequest, incident: Incident) -> dict[str, object]:
    """Who was called in and what they said, and who would be."""
    at, members = now(), queries.team(incident)
    waiting = queries.team_proposed(incident, at) if incident.is_open else []
    names = names_of([*(str(one.person_id) for one in members), *(str(one.person) for one in waiting)])
    return {
        "special": queries.strictest_policy(incident).special,
        "owner": name_of(str(incident.owner_id)) if incident.owner_id else "",
        "may_call": incident.is_open and request.actor.may("incident.task"),
        "proposed": bool(waiting),
        "on_roster": _(", ").join(
            _("%(department)s (%(name)s)")
            % {"department": department_word(one.department), "name": names[str(one.person)]}
            for one in waiting
            if one.person
        ),
        "on_no_roster": _(", ").join(department_word(one.department) for one in waiting if not one.person),
        "members": [
            {
                "member": one,
                "department": department_word(one.department),
                "role": "" if one.role == TeamRole.MEMBER else label(f"incident.team.{one.role}"),
                "duty": label(f"incident.duty.{one.department}") if one.department in DEPARTMENTS else "",
                "name": names[str(one.person_id)],
                "stands": stands(one.answer, one.answer_by, at).value,
                "mine": incident.is_open and str(one.person_id) == request.actor.ref,
            }
            for one in members
        ],
    }


def owed(request: StaffRequest, incident: Incident) -> dict[str, object]:
    """What is owed beside the messages: open promises to single customers, and what the law asks."""
    open_ones = queries.waiting_promises(request.actor, now(), incident=incident)
    clocks = queries.legal_clocks(incident)
    owners = [str(one.promise.owner_id or "") for one in open_ones]
    holders = [str(one.notice.owner_id or "") if one.notice else "" for one in clocks]
    names = names_of([*owners, *holders])
    return {
        "promises": [
            {"waiting": one, "owner": names[ref]} for one, ref in zip(open_ones, owners, strict=True)
        ],
        "legal": [
            {
                "code": one.clock.code,
                "word": label(f"incident.law.{one.clock.code}"),
                "source": one.clock.source,
                "due_by": one.due_by,
                "done_at": one.notice.done_at if one.notice else None,
                "proof": one.notice.proof if one.notice else "",
                "owner": names[ref],
            }
            for one, ref in zip(clocks, holders, strict=True)
        ],
    }


def may_add(request: StaffRequest, incident: Incident) -> bool:
    """Whether the reader may give tasks here."""
    return request.actor.may("incident.task") and incident.state not in (State.DISMISSED, State.MERGED)


def department_word(code: str) -> str:
    """The word for a known department; the firm's own word as it stands."""
    return label(f"incident.department.{code}") if code in DEPARTMENTS else code


def task_rows(request: StaffRequest, tasks: Iterable[Task]) -> list[dict[str, object]]:
    """Tasks as lists show them."""
    found = list(tasks)
    names = names_of([ref for one in found for ref in (str(one.owner_id or ""), one.ended_by)])
    return [
        {
            "task": one,
            "department": department_word(one.department),
            "owner": names[str(one.owner_id or "")],
            "end": label(f"incident.end.{one.end}"),
            "ended_by": names[one.ended_by],
            "late": one.is_open and one.due_by < now(),
            "may_end": one.is_open
            and (request.actor.may("incident.task") or str(one.owner_id) == request.actor.ref),
        }
        for one in found
    ]
