"""Asking who is affected: the saved question is put to the shipments, and what it finds is written down set by set."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import rules, sql
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.models import Incident, Scope
from tidings.incidents.sql import Found
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.jobs import enqueue

ASK_WHOLE = "incidents.ask_whole"


def find_affected(actor: Actor, incident_id: UUID) -> Found:
    """Puts the newest question again, in one transaction. Who left is marked, never deleted; who came counts from the
    arrival of what put them in. Gives how many are affected now, came and went."""
    actor.require("incident.scope")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        found = ask(actor, incident, at)
        if found.came or found.went:
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
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        incident.place = place.strip().upper()
        incident.window_from, incident.window_until = window_from, window_until
        save_question(actor, incident, at)
        changed(actor, incident, at, "place", "window_from", "window_until")
        return ask(actor, incident, at)


def ask_later(incident_id: UUID) -> None:
    """Has the whole question put by a job of its own, once the caller's transaction is over; asked for twice, put once."""
    enqueue(ASK_WHOLE, key=f"ask:{incident_id}", incident=str(incident_id))


def save_question(
    actor: Actor, incident: Incident, at: datetime, question: rules.Question | None = None
) -> None:
    """A new version of the question, without one that of the incident's place and window, inside the caller's transaction."""
    asking = question or rules.at_place(incident.place, incident.window_from, incident.window_until)
    last = Scope.objects.filter(incident_id=incident.pk).order_by("-version").first()
    Scope(
        incident=incident,
        version=last.version + 1 if last else 1,
        question=asking.as_json(),
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)


def ask(actor: Actor, incident: Incident, at: datetime) -> Found:
    """Puts the newest question and writes down what it finds, inside the caller's transaction."""
    scope = Scope.objects.filter(incident_id=incident.pk).latest("version")
    asked_before = Scope.objects.filter(incident_id=incident.pk, asked_at__isnull=False).exists()
    found = sql.write_affected(
        incident.pk,
        rules.question_from(scope.question),
        at=at,
        since=None if asked_before else incident.detected_at,
    )
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
