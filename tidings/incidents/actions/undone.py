"""What comes back after the end: it raises its hand on a closed incident, until a person has looked or reopened it."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import locked, told
from tidings.incidents.models import Incident
from tidings.incidents.queries.undone import LOOKED_BACK, closed_since, raised
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging import queries as messaging


def raise_undone(actor: Actor) -> int:
    """Puts a line on the timeline of every incident closed lately of which something came back since, once for as many; how
    many lines."""
    at, lines = now(), 0
    for incident, closed_at in closed_since(at - LOOKED_BACK):
        found = messaging.undone_since(incident.number, closed_at, at)
        known = raised(incident) if found else {}
        more = {phase: contacts for phase, contacts in found.items() if contacts > known.get(phase, 0)}
        if not more:
            continue
        with transaction.atomic():
            still = Incident.objects.select_for_update().get(pk=incident.pk)
            if still.state != rules.State.CLOSED:
                continue
            for phase, contacts in more.items():
                told(actor, still, at, "reach_undone", {"phase": phase, "contacts": contacts})
                lines += 1
    return lines


def leave_undone(actor: Actor, incident_id: UUID, reason: str) -> None:
    """A person looked at what came back and leaves it at that. Raises Refused("incident.reason_needed"), and
    Refused("incident.nothing_undone") where nothing waits."""
    actor.require("incident.close")
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if not queries.undone(incident):
            raise Refused("incident.nothing_undone", number=incident.number)
        if not reason.strip():
            raise Refused("incident.reason_needed", number=incident.number, target="")
        told(actor, incident, now(), "reach_undone_seen", text=reason.strip())
