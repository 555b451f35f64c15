"""Changing what is known of an incident: its facts, a note on the timeline."""

from dataclasses import dataclass, fields
from uuid import UUID

from django.db import transaction

from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known; None leaves a fact as it stands, an empty text empties it."""

    title: str | None = None
    what: str | None = None
    cause: str | None = None
    effect: str | None = None
    first_response: str | None = None
    measures: str | None = None

    def given(self) -> dict[str, str]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value.strip() for name, value in values.items() if value is not None}


def change_facts(actor: Actor, incident_id: UUID, facts: Facts, *, seen_version: int | None = None) -> int:
    """Writes what changed and gives the new version; what did not change leaves no line.

    Raises Conflict("incident.changed") when somebody else changed the incident since `seen_version` was read.
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        new = {name: value for name, value in facts.given().items() if getattr(incident, name) != value}
        if new:
            must_be_open(incident)
            for name, value in new.items():
                setattr(incident, name, value)
            changed(actor, incident, at, *new)
            told(actor, incident, at, "facts_changed", {"facts": sorted(new)})
        return incident.version


def add_note(actor: Actor, incident_id: UUID, text: str) -> None:
    """A person's own sentence on the timeline."""
    actor.require("incident.report")
    if not text.strip():
        raise Refused("incident.note_empty")
    with transaction.atomic():
        told(actor, locked(actor, incident_id), now(), "note", text=text.strip())
