"""Reads of what came back after an incident was closed: what is raised already, and what waits for a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidings.incidents import rules
from tidings.incidents.models import Incident, StateChange, TimelineLine
from tidings.incidents.queries.known import visible
from tidings.kernel.actor import Actor

LOOKED_BACK = timedelta(days=30)
"""How long after its end an incident is looked at: a mail server gives up within days."""

RAISED, SEEN = "reach_undone", "reach_undone_seen"


@dataclass(frozen=True, slots=True)
class Undone:
    """A phase of a closed incident that reaches so many no more, since when."""

    incident: Incident
    phase: str
    contacts: int
    at: datetime


def closed_since(moment: datetime) -> list[tuple[Incident, datetime]]:
    """The incidents that were closed after `moment` and are closed, each with when."""
    ends = StateChange.objects.filter(
        state=rules.State.CLOSED, at__gt=moment, incident__state=rules.State.CLOSED
    )
    newest = ends.select_related("incident").order_by("incident_id", "-at").distinct("incident_id")
    return [(one.incident, one.at) for one in newest]


def undone(incident: Incident) -> list[Undone]:
    """What came back since it was closed and nobody has looked at, a phase each; nothing of one that is not closed."""
    if incident.state != rules.State.CLOSED:
        return []
    end = incident.state_changes.filter(state=rules.State.CLOSED).latest("at")
    lines = TimelineLine.objects.filter(incident=incident, code__in=(RAISED, SEEN), at__gte=end.at)
    found: dict[str, Undone] = {}
    for line in lines.order_by("at", "id"):
        if line.code == SEEN:
            found = {}
        else:
            phase = str(line.facts["phase"])
            found[phase] = Undone(incident, phase, int(line.facts["contacts"]), line.at)
    return list(found.values())


def raised(incident: Incident) -> dict[str, int]:
    """Per phase, how many were raised at most since it was closed, seen or not."""
    end = incident.state_changes.filter(state=rules.State.CLOSED).latest("at")
    lines = TimelineLine.objects.filter(incident=incident, code=RAISED, at__gte=end.at)
    most: dict[str, int] = {}
    for facts in lines.values_list("facts", flat=True):
        most[facts["phase"]] = max(most.get(facts["phase"], 0), facts["contacts"])
    return most


def waiting_undone(actor: Actor, now: datetime, limit: int) -> list[Undone]:
    """The same of every incident that the actor sees: for the worklist."""
    lines = TimelineLine.objects.filter(code=RAISED, at__gt=now - LOOKED_BACK)
    found = visible(actor).filter(state=rules.State.CLOSED, pk__in=lines.values("incident_id"))
    return [one for incident in found.order_by("-opened_at")[:limit] for one in undone(incident)]
