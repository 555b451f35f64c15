"""Saying what an incident means: for the shipments of one reason, for single shipments, or for some of their pieces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tidings.incidents import rules, sql
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.models import EffectGiven, Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.shipments.queries.parts import barcodes_of


def set_effect(
    actor: Actor,
    incident_id: UUID,
    effect: str,
    *,
    why: str = "",
    seen_version: int | None = None,
    **more: Any,
) -> None:
    """Says what the incident means for the shipments of one reason (`why`), or of every reason without its own.

    `more` is what else a `rules.Meaning` holds. What was said of single shipments still holds for those. Messages frozen before keep what they said. Raises Refused with what
    `rules.fault_of_meaning` finds, Conflict("incident.changed") when somebody else changed the incident since `seen_version`.
    """
    actor.require("incident.assess")
    meaning = rules.Meaning(effect, **more)
    _check(meaning)
    if not meaning.effect:
        raise Refused("incident.effect_unknown", effect="")
    if meaning.effect not in rules.effects_of(why):
        raise Refused("incident.effect_of_others", effect=meaning.effect)
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        give_effect(actor, incident, at, meaning, why)
        changed(actor, incident, at)
        told(actor, incident, at, "effect_set", {"effect": meaning.effect, "why": why})


def set_effect_of(
    actor: Actor,
    incident_id: UUID,
    wanted: sql.Narrowed,
    meaning: rules.Meaning,
    *,
    pieces: Sequence[str] = (),
    seen_shipments: int | None = None,
    seen_version: int | None = None,
) -> int:
    """Says what it means for each affected shipment of a narrowed list, or for `pieces` (barcodes) of a single one; how many.

    It holds above what their reason says, for houses too until one has its own. A meaning without an effect takes it back.
    Raises Missing("incident.no_such_piece"), Refused("incident.pieces_of_one"), Refused("incident.nothing_listed"), what
    `rules.fault_of_meaning` finds, Conflict("incident.changed"), and Conflict("incident.more_are_listed") when the list holds
    more than the person saw.
    """
    actor.require("incident.assess")
    _check(meaning)
    if meaning.effect in rules.WITHOUT_SHIPMENT:
        raise Refused("incident.effect_of_others", effect=meaning.effect)
    asked = _asked_pieces(wanted, pieces)
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        listed = sql.affected_found(incident.pk, actor.units, wanted).shipments
        if not listed:
            raise Refused("incident.nothing_listed")
        if seen_shipments is not None and listed > seen_shipments:
            raise Conflict("incident.more_are_listed", seen=seen_shipments, now=listed)
        # Only now: before, the answer would tell whether a shipment that the actor does not see has such a piece.
        known = _known_pieces(wanted, asked)
        shipments = sql.say_of_shipments(actor, incident.pk, wanted, meaning, known, at)
        changed(actor, incident, at)
        if meaning.effect:
            facts = {"effect": meaning.effect, "shipments": shipments, "pieces": len(known)}
            told(actor, incident, at, "effect_set_of", facts)
        else:
            told(actor, incident, at, "effect_taken_back", {"shipments": shipments})
    return shipments


def give_effect(
    actor: Actor, incident: Incident, at: datetime, meaning: rules.Meaning, why: str = ""
) -> None:
    """The row of a new effect, inside the caller's transaction on a locked or unborn incident."""
    before = EffectGiven.objects.filter(incident_id=incident.pk, why=why).order_by("-version").first()
    EffectGiven(
        incident=incident,
        version=before.version + 1 if before else 1,
        why=why,
        effect=meaning.effect,
        from_at=meaning.from_at,
        until_at=meaning.until_at,
        held_by=meaning.held_by,
        must_do=meaning.must_do,
        do_by=meaning.do_by,
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)


def _check(meaning: rules.Meaning) -> None:
    fault = rules.fault_of_meaning(meaning)
    if fault:
        raise Refused(fault, effect=meaning.effect)


def _asked_pieces(wanted: sql.Narrowed, pieces: Sequence[str]) -> list[str]:
    asked = [piece for piece in pieces if piece.strip()]
    if asked and (wanted.shipments is None or len(wanted.shipments) != 1):
        raise Refused("incident.pieces_of_one")
    return asked


def _known_pieces(wanted: sql.Narrowed, asked: Sequence[str]) -> list[str]:
    """The barcodes as the shipment has them; somebody types them with other capitals and spaces."""
    if not asked or not wanted.shipments:
        return []
    found = barcodes_of(wanted.shipments[0], asked)
    for piece in asked:
        if piece not in found:
            raise Missing("incident.no_such_piece", piece=piece)
    return list(dict.fromkeys(found.values()))
