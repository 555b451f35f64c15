"""What is owed beside the messages: a person's promise to one customer, and the law's clocks, which only advise."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.customers.queries import customer
from tidings.incidents import queries
from tidings.incidents.actions.locking import locked, told
from tidings.incidents.actions.tasks import must_see, sees
from tidings.incidents.models import Incident, LegalNotice, PersonalPromise
from tidings.incidents.rules.promises import PromiseEnd
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.people.queries import name_of


def promise_customer(
    actor: Actor, incident_id: UUID, customer_id: UUID, text: str, due_by: datetime, owner: UUID | None = None
) -> UUID:
    """Writes down in one line what one customer was promised, by when, and gives its id; without an `owner` it is the actor's.

    Raises Refused("incident.promise_empty"), Refused("incident.promise_in_the_past"), what finding the customer raises, and
    Refused("incident.owner_does_not_see").
    """
    actor.require("incident.report")
    at = now()
    if not text.strip():
        raise Refused("incident.promise_empty")
    if due_by <= at:
        raise Refused("incident.promise_in_the_past")
    customer(actor, customer_id)
    mine = UUID(actor.ref) if actor.kind is ActorKind.PERSON else None
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if owner:
            must_see(owner, incident)
        made = PersonalPromise(
            incident=incident,
            customer_id=customer_id,
            text=text.strip(),
            due_by=due_by,
            owner_id=owner or mine,
            at=at,
            by_kind=actor.kind,
            by=actor.ref,
        )
        made.save(force_insert=True)
        told(actor, incident, at, "promised", {"owner": str(made.owner_id or "")}, made.text)
    return made.pk


def end_promise(actor: Actor, promise_id: UUID, kept: bool, note: str = "") -> None:
    """Notes that a promise was kept, or broken with what became of it. Its owner may always do so.

    Raises Missing("incident.no_such_promise"), Conflict("incident.promise_ended"), Refused("incident.promise_needs_note").
    """
    if not kept and not note.strip():
        raise Refused("incident.promise_needs_note")
    at = now()
    with transaction.atomic():
        found = PersonalPromise.objects.filter(pk=promise_id).first()
        if found is None:
            raise Missing("incident.no_such_promise")
        owns = bool(found.owner_id) and str(found.owner_id) == actor.ref
        actor.require("incident.read" if owns else "incident.task")
        incident = locked(replace(actor, units=None) if owns else actor, found.incident_id)
        promise = PersonalPromise.objects.select_for_update().get(pk=promise_id)
        if promise.end:
            raise Conflict("incident.promise_ended", by=promise.ended_by)
        promise.end = (PromiseEnd.KEPT if kept else PromiseEnd.BROKEN).value
        promise.ended_at, promise.ended_by, promise.note = at, actor.ref, note.strip()
        promise.save(update_fields=["end", "ended_at", "ended_by", "note"])
        said = f"{promise.text} ({promise.note})" if promise.note else promise.text
        told(actor, incident, at, "promise_over", {"promise": promise.end}, said)


def escalate_promises(actor: Actor) -> int:
    """Tells on the timeline, once each, that a promise's time has passed; how many."""
    at = now()
    late = PersonalPromise.objects.filter(end="", escalated_at__isnull=True, due_by__lt=at)
    count = 0
    for promise_id in list(late.order_by("due_by").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            promise = PersonalPromise.objects.filter(pk=promise_id).first()
            if promise is None:
                continue
            incident = locked(actor, promise.incident_id)
            if not late.filter(pk=promise_id).update(escalated_at=at):
                continue
            told(actor, incident, at, "promise_late", {"owner": str(promise.owner_id or "")}, promise.text)
            count += 1
    return count


def pass_on_promises(actor: Actor, person: UUID, successor: UUID) -> int:
    """Gives every open promise of `person` to `successor`; how many. Raises Refused("incident.successor_does_not_see")."""
    at = now()
    with transaction.atomic():
        owned = list(PersonalPromise.objects.filter(owner_id=person, end="").order_by("incident_id", "pk"))
        for promise in owned:
            incident = Incident.objects.select_for_update().get(pk=promise.incident_id)
            if not sees(successor, incident):
                raise Refused(
                    "incident.successor_does_not_see", number=incident.number, name=name_of(str(successor))
                )
            promise.owner_id = successor
            promise.save(update_fields=["owner_id"])
            told(actor, incident, at, "promise_handed", {"owner": str(successor)}, promise.text)
    return len(owned)


def note_legal(
    actor: Actor,
    incident_id: UUID,
    code: str,
    *,
    owner: UUID | None = None,
    done_at: datetime | None = None,
    proof: str = "",
) -> None:
    """Writes down whose one of the law's clocks is, and, once it is done, when and what proves it.

    Raises Missing("incident.no_such_legal_clock") where it does not run for this incident, Refused("incident.proof_needed").
    """
    actor.require("incident.assess")
    at = now()
    if done_at and not proof.strip():
        raise Refused("incident.proof_needed")
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if code not in {one.clock.code for one in queries.legal_clocks(incident)}:
            raise Missing("incident.no_such_legal_clock")
        if owner:
            must_see(owner, incident)
        LegalNotice.objects.update_or_create(
            incident=incident,
            code=code,
            defaults={
                "owner_id": owner,
                "done_at": done_at,
                "proof": proof.strip(),
                "at": at,
                "by_kind": actor.kind,
                "by": actor.ref,
            },
        )
        facts: dict[str, object] = {"law": code, "owner": str(owner or "")}
        if done_at:
            told(actor, incident, at, "legal_done", facts, proof.strip())
        else:
            told(actor, incident, at, "legal_owned", facts)


def pass_on_law(actor: Actor, person: UUID, successor: UUID) -> int:
    """Gives every clock of the law that `person` has in hand to `successor`; how many. Raises
    Refused("incident.successor_does_not_see").
    """
    at = now()
    with transaction.atomic():
        owned = sorted(queries.law_of(person), key=lambda one: (one.incident_id, one.pk))
        for notice in owned:
            incident = Incident.objects.select_for_update().get(pk=notice.incident_id)
            if not sees(successor, incident):
                raise Refused(
                    "incident.successor_does_not_see", number=incident.number, name=name_of(str(successor))
                )
            notice.owner_id = successor
            notice.save(update_fields=["owner_id"])
            told(actor, incident, at, "legal_owned", {"law": notice.code, "owner": str(successor)})
    return len(owned)
