"""Reads of incidents that belong together: what stands above one, what stands below, and what they sum up to."""

from dataclasses import dataclass
from uuid import UUID

from tidings.incidents import sql
from tidings.incidents.models import Incident
from tidings.incidents.queries.known import visible
from tidings.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Family:
    """An incident with those below it. Shipments and customers are counted once, however many of them touch each."""

    parent: Incident | None
    children: list[Incident]
    merged: list[Incident]
    shipments: int
    customers: int
    told: int


def family(actor: Actor, incident: Incident) -> Family:
    """What belongs to an incident, as far as `actor` sees; sums over itself and everything below it."""
    below, level = list[Incident](), [incident]
    while level:
        level = list(visible(actor).filter(parent__in=level).exclude(state="merged").order_by("number"))
        below += level
    shipments, customers, told = (
        sql.family_size([incident.pk, *(one.pk for one in below)], actor.units) if below else (0, 0, 0)
    )
    parent = visible(actor).filter(pk=incident.parent_id).first() if incident.parent_id else None
    merged = list(visible(actor).filter(merged_into=incident).order_by("number"))
    return Family(parent, below, merged, shipments, customers, told)


def numbers_with(incident_id: UUID) -> list[str]:
    """The number of an incident, and those of all that were merged into it: what messages to its readers are about."""
    return sql.merged_numbers(incident_id)


def stands_above(one: Incident, other: Incident) -> bool:
    """Whether `one` is `other` or stands above it, at any height."""
    seen = set()
    at: Incident | None = other
    while at is not None and at.pk not in seen:
        if at.pk == one.pk:
            return True
        seen.add(at.pk)
        at = Incident.objects.filter(pk=at.parent_id).first() if at.parent_id else None
    return False


def survivor(incident: Incident) -> Incident:
    """The incident itself, or the one that it ended up in by being merged."""
    seen = {incident.pk}
    while incident.merged_into_id and incident.merged_into_id not in seen:
        incident = Incident.objects.get(pk=incident.merged_into_id)
        seen.add(incident.pk)
    return incident
