"""Changing what is known of an incident: its facts, what it means for shipments, a note on the timeline."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import rules
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.models import EffectGiven, Incident
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
            _must_be_open(incident)
            for name, value in new.items():
                setattr(incident, name, value)
            changed(actor, incident, at, *new)
            told(actor, incident, at, "facts_changed", {"facts": sorted(new)})
        return incident.version


def set_effect(
    actor: Actor,
    incident_id: UUID,
    effect: str,
    *,
    why: str = "",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    seen_version: int | None = None,
) -> None:
    """Says what the incident means for the shipments of one reason (`why`), or of every reason without its own.

    `from_at` and `until_at` bound the new time of arrival, where one is known. Messages frozen before keep what they said.
    Raises Conflict("incident.changed") when somebody else changed the incident since `seen_version` was read.
    """
    actor.require("incident.assess")
    if effect not in set(rules.Effect):
        raise Refused("incident.effect_unknown", effect=effect)
    if from_at and until_at and until_at < from_at:
        raise Refused("incident.window_backwards")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        _must_be_open(incident)
        give_effect(actor, incident, at, effect, why, from_at, until_at)
        changed(actor, incident, at)
        told(actor, incident, at, "effect_set", {"effect": effect, "why": why})


def give_effect(
    actor: Actor,
    incident: Incident,
    at: datetime,
    effect: str,
    why: str = "",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
) -> None:
    """The row of a new effect, inside the caller's transaction on a locked or unborn incident."""
    before = EffectGiven.objects.filter(incident_id=incident.pk, why=why).order_by("-version").first()
    EffectGiven(
        incident=incident,
        version=before.version + 1 if before else 1,
        why=why,
        effect=effect,
        from_at=from_at,
        until_at=until_at,
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)


def add_note(actor: Actor, incident_id: UUID, text: str) -> None:
    """A person's own sentence on the timeline."""
    actor.require("incident.report")
    if not text.strip():
        raise Refused("incident.note_empty")
    with transaction.atomic():
        told(actor, locked(actor, incident_id), now(), "note", text=text.strip())


def _must_be_open(incident: Incident) -> None:
    if not incident.is_open:
        raise Refused("incident.not_open", number=incident.number, state=incident.state)
