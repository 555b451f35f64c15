"""How every action on an incident begins and ends: lock it, see that nobody was first, leave the lines behind."""

from datetime import datetime
from uuid import UUID

from tidings.incidents.models import Incident, TimelineLine
from tidings.kernel import audit, live
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused


def locked(actor: Actor, incident_id: UUID, seen_version: int | None = None) -> Incident:
    """The incident, locked until the transaction ends.

    Raises Missing("incident.missing") when there is none within the actor's units, and Conflict("incident.changed")
    when it is no longer at `seen_version`, the version the person had before them; None asks for no such check.
    """
    found = Incident.objects.select_for_update().filter(pk=incident_id)
    if actor.units is not None:
        found = found.filter(unit_id__in=actor.units)
    incident = found.first()
    if incident is None:
        raise Missing("incident.missing", number=str(incident_id))
    if seen_version is not None and incident.version != seen_version:
        raise Conflict(
            "incident.changed",
            number=incident.number,
            by=incident.changed_by,
            at=incident.changed_at.isoformat(),
        )
    return incident


def must_be_open(incident: Incident) -> None:
    """Raises Refused("incident.not_open") for one that has ended."""
    if not incident.is_open:
        raise Refused("incident.not_open", number=incident.number, state=incident.state)


def changed(actor: Actor, incident: Incident, at: datetime, *fields: str) -> None:
    """Writes `fields` of a locked incident and counts its version up, so that who looked before is told."""
    incident.version += 1
    incident.changed_at = at
    incident.changed_by = actor.ref
    incident.save(update_fields=[*fields, "version", "changed_at", "changed_by"])


def told(
    actor: Actor,
    incident: Incident,
    at: datetime,
    verb: str,
    facts: dict[str, object] | None = None,
    text: str = "",
) -> None:
    """One line on the timeline and one in the audit, and open pages hear of it. `facts` are codes and counts; sentences of
    people go in `text`.
    """
    TimelineLine(
        incident=incident, at=at, by_kind=actor.kind, by=actor.ref, code=verb, facts=facts or {}, text=text
    ).save(force_insert=True)
    audit.record(actor, f"incident.{verb}", "incident", incident.pk, facts or {})
    live.notify(f"incident:{incident.pk}")
    live.notify_worklists()
