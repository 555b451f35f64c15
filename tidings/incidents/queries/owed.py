"""Reads of what is owed beside the messages: personal promises, and the law's clocks of an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tidings.customers.queries import customers_of
from tidings.incidents import rules, sql
from tidings.incidents.models import Incident, LegalNotice, PersonalPromise
from tidings.incidents.queries.corrected import counted_from_each
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


@dataclass(frozen=True, slots=True)
class WaitingLaw:
    """One of the law's clocks that is not done, with its incident: whether its moment has passed, and whose it is by reference:
    who has it in hand, else the incident's owner, else nobody.
    """

    incident: Incident
    running: RunningClock
    late: bool
    owner: str


def waiting_promises(
    actor: Actor, now: datetime, *, incident: Incident | None = None, limit: int = 200
) -> list[WaitingPromise]:
    """The open promises that `actor` sees, and those they own whatever their unit, soonest first."""
    actor.require("incident.read")
    found = _open_promises(actor).select_related("incident")
    if incident is not None:
        found = found.filter(incident=incident)
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
    incident that was merged run on with the one it was merged into, from its own detection. A detection that was corrected gives none
    of them more time.
    """
    return _running([incident])[incident.pk]


def _running(incidents: Sequence[Incident]) -> dict[UUID, list[RunningClock]]:
    """The same of several, asked of the database together."""
    living = [one for one in incidents if not one.merged_into_id]
    if not living:
        return {one.pk: [] for one in incidents}
    into = sql.merged_into([one.pk for one in living])
    known = {
        (one.incident_id, one.code): one
        for one in LegalNotice.objects.filter(incident__in=[one.pk for one in living])
    }
    every = list(Incident.objects.filter(pk__in=into).order_by("detected_at", "pk"))
    noticed = counted_from_each(every)
    countries = sql.place_countries([one.place for one in every])
    found: dict[UUID, dict[str, tuple[datetime, RunningClock]]] = {one.pk: {} for one in incidents}
    for one in every:
        here = into[one.pk]
        for clock in law.clocks_of(one.kind, countries[one.place], noticed[one.pk]):
            due_by = clock.due_by(noticed[one.pk])
            running = RunningClock(clock, due_by, known.get((here, clock.code)))
            found[here].setdefault(clock.code, (due_by or noticed[one.pk], running))
    return {
        incident: [running for _soonest, running in sorted(clocks.values(), key=lambda one: one[0])]
        for incident, clocks in found.items()
    }


def waiting_law(actor: Actor, now: datetime) -> list[WaitingLaw]:
    """The law's clocks that nobody noted as done, of the incidents that `actor` sees and those they own whatever their unit,
    soonest first; also of incidents that were closed a while ago: the law does not ask about that.
    """
    actor.require("incident.read")
    mine = (
        Q(pk__in=LegalNotice.objects.filter(owner_id=actor.ref).values("incident"))
        if _is_id(actor.ref)
        else Q(pk__in=[])
    )
    seen = Incident.objects.filter(Q(pk__in=visible(actor).values("pk")) | mine)
    merged_in = Incident.objects.filter(kind__in=law.KINDS, merged_into__isnull=False).values("merged_into")
    running = seen.filter(Q(kind__in=law.KINDS) | Q(pk__in=merged_in)).filter(
        Q(state__in=sorted(rules.OPEN_STATES))
        | Q(state=rules.State.CLOSED, detected_at__gt=now - law.SHOWN_AFTER)
    )
    incidents = {one.pk: one for one in running}
    found = [
        WaitingLaw(
            incidents[pk], one, bool(one.due_by and one.due_by < now), _owner(incidents[pk], one.notice)
        )
        for pk, clocks in _running(list(incidents.values())).items()
        for one in clocks
        if one.notice is None or one.notice.done_at is None
    ]
    return sorted(
        found, key=lambda one: (one.running.due_by or one.incident.detected_at, one.incident.number)
    )


def _owner(incident: Incident, notice: LegalNotice | None) -> str:
    return str((notice.owner_id if notice else None) or incident.owner_id or "")


def law_of(person: UUID) -> list[LegalNotice]:
    """The law's clocks that somebody has in hand and that are not done."""
    found = LegalNotice.objects.filter(owner_id=person, done_at=None).select_related("incident")
    over = (rules.State.DISMISSED, rules.State.MERGED)
    return list(found.exclude(incident__state__in=over).order_by("incident__detected_at", "pk"))


def late_promises(actor: Actor, now: datetime) -> int:
    """How many open promises to single customers passed their moment, of those that `waiting_promises` gives."""
    return _open_promises(actor).filter(due_by__lt=now).count()


def _open_promises(actor: Actor) -> QuerySet[PersonalPromise]:
    mine = Q(owner_id=actor.ref) if _is_id(actor.ref) else Q(pk__in=[])
    return PersonalPromise.objects.filter(Q(incident__in=visible(actor)) | mine, end="")


def _is_id(ref: str) -> bool:
    try:
        UUID(ref)
    except ValueError:
        return False
    return True
