"""Asking who is affected: the saved question is put to the shipments, and what it finds is written down set by set."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import rules, sql
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.models import HandPick, HeldChange, Incident, Scope
from tidings.incidents.sql import Found
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.jobs import enqueue
from tidings.shipments.queries.seen import shipments_of

ASK_WHOLE = "incidents.ask_whole"


def find_affected(actor: Actor, incident_id: UUID) -> Found:
    """Puts the newest question again, in one transaction. Who left is marked, never deleted; who came counts from the
    arrival of what put them in. Gives how many are affected now, came and went."""
    actor.require("incident.scope")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        found = ask(actor, incident, at)
        if found.changed:
            changed(actor, incident, at)
        return found


def change_question(
    actor: Actor,
    incident_id: UUID,
    place: str,
    window_from: datetime,
    window_until: datetime | None,
    *,
    seen_version: int | None = None,
) -> Found:
    """Asks for another place or window from now on; the older question stays as a version.

    Raises Refused("incident.window_backwards"), Conflict("incident.changed").
    """
    actor.require("incident.scope")
    if window_until and window_until <= window_from:
        raise Refused("incident.window_backwards")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        incident.place = place.strip().upper()
        incident.window_from, incident.window_until = window_from, window_until
        save_question(actor, incident, at)
        changed(actor, incident, at, "place", "window_from", "window_until")
        return ask(actor, incident, at)


def ask_question(
    actor: Actor,
    incident_id: UUID,
    question: rules.Question,
    *,
    seen_version: int | None = None,
    seen_told: int | None = None,
) -> Found:
    """Asks another question from now on; the older one stays as a version. The incident's place is the first one it names.

    Raises Refused with what `rules.fault_of` finds, Missing for a place or client that nobody knows, Conflict("incident.changed"),
    and Conflict("incident.more_would_go") when more customers who were told would go than the `seen_told` of a preview.
    """
    actor.require("incident.scope")
    fault = rules.fault_of(question)
    if fault:
        raise Refused(fault)
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        if seen_told is not None:
            change = sql.change_by(incident.pk, question)
            if change.told_went > seen_told:
                raise Conflict("incident.more_would_go", seen=seen_told, now=change.told_went)
        places = [
            term for group in question.groups for term in group.terms if term.kind is rules.TermKind.PLACE
        ]
        if places:
            incident.place = places[0].values[0].strip().upper()
        incident.window_from, incident.window_until = question.groups[0].from_at, question.groups[0].until_at
        save_question(actor, incident, at, question)
        changed(actor, incident, at, "place", "window_from", "window_until")
        told(actor, incident, at, "question_changed", {"groups": len(question.groups)})
        return ask(actor, incident, at)


def pick_by_hand(
    actor: Actor,
    incident_id: UUID,
    shipments: Sequence[UUID],
    verdict: str,
    reason: str,
    *,
    seen_version: int | None = None,
) -> int:
    """A person's own word on these shipments: `in` or `out` whatever the question says, or "" for as it says; how many they are.

    It holds when the question is asked again or changed, and for the houses of a master. Raises Refused("incident.nothing_named"),
    Refused("incident.pick_needs_reason"), Conflict("incident.changed"), and Missing("shipment.missing") when the actor does not
    see one of them, or there is none.
    """
    actor.require("incident.scope")
    if not shipments or verdict not in ("in", "out", ""):
        raise Refused("incident.nothing_named")
    if verdict and not reason.strip():
        raise Refused("incident.pick_needs_reason")
    if shipments_of(actor).filter(pk__in=set(shipments)).count() < len(set(shipments)):
        raise Missing("shipment.missing")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        picks = [
            HandPick(
                incident=incident,
                shipment_id=one,
                verdict=verdict,
                reason=reason.strip(),
                at=at,
                by_kind=actor.kind,
                by=actor.ref,
            )
            for one in dict.fromkeys(shipments)
        ]
        HandPick.objects.bulk_create(picks, batch_size=2000)
        changed(actor, incident, at)
        _tell_pick(actor, incident, at, verdict, {"shipments": len(picks)}, reason.strip())
        ask(actor, incident, at, list(dict.fromkeys(shipments)))
    return len(picks)


def _tell_pick(
    actor: Actor, incident: Incident, at: datetime, verdict: str, facts: dict[str, object], reason: str
) -> None:
    if verdict == "in":
        told(actor, incident, at, "added_by_hand", facts, reason)
    elif verdict == "out":
        told(actor, incident, at, "taken_out_by_hand", facts, reason)
    else:
        told(actor, incident, at, "given_back_to_the_question", facts, reason)


def ask_later(incident_id: UUID) -> None:
    """Has the whole question put by a job of its own, once the caller's transaction is over; asked for twice, put once."""
    enqueue(ASK_WHOLE, key=f"ask:{incident_id}", incident=str(incident_id))


def save_question(
    actor: Actor, incident: Incident, at: datetime, question: rules.Question | None = None
) -> None:
    """A new version of the question, without one what such an incident proposes for its place and window, inside the caller's
    transaction.
    """
    asking = question or rules.proposed(
        incident.kind, incident.place, incident.window_from, incident.window_until
    )
    last = Scope.objects.filter(incident_id=incident.pk).order_by("-version").first()
    Scope(
        incident=incident,
        version=last.version + 1 if last else 1,
        question=asking.as_json(),
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)


def ask(actor: Actor, incident: Incident, at: datetime, only: Sequence[UUID] | None = None) -> Found:
    """Puts the newest question, of all or of some shipments, and writes down what it finds, inside the caller's transaction. Whom
    it finds without a shipment is asked with all only.

    What waited for a person has its answer then: they looked, and asked.
    """
    if only is None:
        HeldChange.objects.filter(incident=incident, ended_at__isnull=True).update(
            ended_at=at, ended_by=actor.ref
        )
    scope = Scope.objects.filter(incident_id=incident.pk).latest("version")
    question = rules.question_from(scope.question)
    asked_before = Scope.objects.filter(incident_id=incident.pk, asked_at__isnull=False).exists()
    since = None if asked_before else incident.detected_at
    found = sql.write_affected(incident.pk, question, at=at, since=since, only=only)
    if only is None:
        found = with_customers(actor, incident, at, question, found, since)
        scope.asked_at = at
        scope.save(update_fields=["asked_at"])
    told(
        actor,
        incident,
        at,
        "affected_found",
        {"shipments": found.shipments, "customers": found.customers, "came": found.came, "went": found.went},
    )
    return found


def with_customers(
    actor: Actor,
    incident: Incident,
    at: datetime,
    question: rules.Question,
    found: Found,
    since: datetime | None = None,
) -> Found:
    """Writes down whom the question finds without a shipment, beside what was `found` of shipments, inside the caller's transaction."""
    came, went = sql.write_customers(incident.pk, question, at=at, since=since)
    if came or went:
        facts: dict[str, object] = {
            "customers": sql.without_shipment(incident.pk),
            "came": came,
            "went": went,
        }
        told(actor, incident, at, "customers_found", facts)
    return replace(found, customers_came=came, customers_went=went)
