"""Reads of what is owed beside the messages: personal promises, and the law's clocks of an incident."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from tidings.customers.queries import customers_of
from tidings.incidents import sql
from tidings.incidents.models import Incident, LegalNotice, PersonalPromise
from tidings.incidents.queries.known import visible
from tidings.incidents.rules import law, promises
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing


@dataclass(frozen=True, slots=True)
class WaitingPromise:
    """One open promise with its incident and the customer's name: `stands` is waiting, soon or late."""

    promise: PersonalPromise
    customer: str
    stands: str
    mine: bool


@dataclass(frozen=True, slots=True)
class RunningClock:
    """One of the law's clocks on an incident: by when (None: without undue delay), and what is known of it."""

    clock: law.LegalClock
    due_by: datetime | None
    notice: LegalNotice | None


def waiting_promises(
    actor: Actor, now: datetime, *, incident: Incident | None = None, limit: int = 200
) -> list[WaitingPromise]:
    """The open promises that `actor` sees, and those they own whatever their unit, soonest first."""
    actor.require("incident.read")
    found = PersonalPromise.objects.filter(end="")
    if incident is not None:
        found = found.filter(incident=incident)
    mine = Q(owner_id=actor.ref) if _is_id(actor.ref) else Q(pk__in=[])
    found = found.filter(Q(incident__in=visible(actor)) | mine).select_related("incident")
    soonest = list(found.order_by("due_by", "pk")[:limit])
    known = customers_of(actor).filter(pk__in=[one.customer_id for one in soonest])
    names = dict(known.values_list("pk", "name"))
    return [
        WaitingPromise(
            one,
            names.get(one.customer_id, ""),
            promises.stands(one.due_by, now),
            bool(one.owner_id) and str(one.owner_id) == actor.ref,
        )
        for one in soonest
    ]


def promises_about(incident: Incident) -> list[PersonalPromise]:
    """What single customers were promised in an incident: the open ones by their moment, then what ended, newest first."""
    found = PersonalPromise.objects.filter(incident=incident)
    return list(found.order_by(F("ended_at").desc(nulls_first=True), "due_by", "pk"))


def personal_promise(incident: Incident, promise_id: UUID) -> PersonalPromise:
    """One of them. Raises Missing("incident.no_such_promise")."""
    found = PersonalPromise.objects.filter(incident=incident, pk=promise_id).first()
    if found is None:
        raise Missing("incident.no_such_promise")
    return found


def legal_clock(incident: Incident, code: str) -> RunningClock:
    """One of the law's clocks that run for it. Raises Missing("incident.no_such_legal_clock")."""
    for one in legal_clocks(incident):
        if one.clock.code == code:
            return one
    raise Missing("incident.no_such_legal_clock")


def promises_of(person: UUID) -> list[PersonalPromise]:
    """The open promises that somebody has to keep."""
    return list(PersonalPromise.objects.filter(owner_id=person, end="").order_by("due_by"))


def legal_clocks(incident: Incident) -> list[RunningClock]:
    """The law's clocks that run for an incident where it happened, soonest first; each with what is known of it. Those of an
    incident that was merged run on with the one it was merged into, from its own detection.
    """
    if incident.merged_into_id:
        return []
    known = {one.code: one for one in LegalNotice.objects.filter(incident_id=incident.pk)}
    found: dict[str, tuple[datetime, RunningClock]] = {}
    for one in Incident.objects.filter(number__in=sql.merged_numbers(incident.pk)).order_by("detected_at"):
        for clock in law.clocks_of(one.kind, sql.place_country(one.place), one.detected_at):
            due_by = clock.due_by(one.detected_at)
            running = RunningClock(clock, due_by, known.get(clock.code))
            found.setdefault(clock.code, (due_by or one.detected_at, running))
    return [running for _soonest, running in sorted(found.values(), key=lambda one: one[0])]


def _is_id(ref: str) -> bool:
    try:
        UUID(ref)
    except ValueError:
        return False
    return True
