"""A person's own word on customers who have no shipment in an incident: in or out, whatever the question says."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.customers.queries import customers_of
from tidings.incidents import rules
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.actions.scope import with_customers
from tidings.incidents.models import HandPick, Incident, Scope
from tidings.incidents.sql import Found
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused


def pick_customers(
    actor: Actor,
    incident_id: UUID,
    customers: Sequence[UUID],
    verdict: str,
    reason: str,
    *,
    seen_version: int | None = None,
) -> int:
    """A person's own word on these customers: `in` or `out` whatever the question says, or "" for as it says; how many they are.

    It says nothing of their shipments, and holds when the question is asked again or changed. Raises Refused("incident.nobody_named"),
    Refused("incident.pick_needs_reason"), Conflict("incident.changed"), and Missing("customer.missing") when the actor does not
    see one of them, or there is none.
    """
    actor.require("incident.scope")
    named = list(dict.fromkeys(customers))
    if not named or verdict not in ("in", "out", ""):
        raise Refused("incident.nobody_named")
    if verdict and not reason.strip():
        raise Refused("incident.pick_needs_reason")
    if customers_of(actor).filter(pk__in=named).count() < len(named):
        raise Missing("customer.missing")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        for one in named:
            HandPick(
                incident=incident,
                customer_id=one,
                verdict=verdict,
                reason=reason.strip(),
                at=at,
                by_kind=actor.kind,
                by=actor.ref,
            ).save(force_insert=True)
        changed(actor, incident, at)
        _write_down(actor, incident, at, verdict, len(named), reason.strip())
        with_customers(actor, incident, at, _question(incident), Found(0, 0, 0, 0))
    return len(named)


def _write_down(
    actor: Actor, incident: Incident, at: datetime, verdict: str, customers: int, reason: str
) -> None:
    size: dict[str, object] = {"customers": customers}
    match verdict:
        case "in":
            told(actor, incident, at, "customers_added", size, reason)
        case "out":
            told(actor, incident, at, "customers_taken_out", size, reason)
        case _:
            told(actor, incident, at, "customers_given_back", size, reason)


def _question(incident: Incident) -> rules.Question:
    return rules.question_from(Scope.objects.filter(incident_id=incident.pk).latest("version").question)
