"""What guards a holding notice: when it may go, why it went, and what another person found of it afterwards."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.models import HoldingReview, Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused


def must_decide_oneself(actor: Actor, incident: Incident) -> None:
    """Raises Refused("api.people_approve") for whoever is no person: a holding notice stands in for an approver's yes."""
    if not rules.may_hold(actor.kind):
        raise Refused("api.people_approve", number=incident.number)


def must_be_held(actor: Actor, incident: Incident, reason: str) -> None:
    """Raises what `must_decide_oneself` does, Refused("incident.holding_too_early") while an approver still has time to answer,
    and Refused("incident.holding_needs_reason") without a sentence why it does not wait for one.
    """
    must_decide_oneself(actor, incident)
    begins = queries.held_from(incident)
    if now() < begins:
        raise Refused("incident.holding_too_early", number=incident.number, at=begins.isoformat())
    if not reason.strip():
        raise Refused("incident.holding_needs_reason", number=incident.number)


def review_holding(actor: Actor, incident_id: UUID, message_id: UUID, found: str) -> None:
    """What another person found of a holding notice that went: right, or what to do otherwise. Once; it changes nothing sent.

    Raises Missing for a message that is none, or is reviewed already; Refused("incident.review_of_ones_own") of the one
    who sent it, and Refused("incident.review_empty") without a sentence.
    """
    actor.require("message.approve")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        sending = queries.to_review(actor).filter(incident=incident, message_id=message_id).first()
        if sending is None:
            raise Missing("incident.message_missing", number=incident.number)
        if sending.by == actor.ref:
            raise Refused("incident.review_of_ones_own", number=incident.number)
        if not found.strip():
            raise Refused("incident.review_empty", number=incident.number)
        HoldingReview(sending=sending, found=found.strip(), at=at, by_kind=actor.kind, by=actor.ref).save(
            force_insert=True
        )
        changed(actor, incident, at)
        told(actor, incident, at, "holding_reviewed", {}, found.strip())
