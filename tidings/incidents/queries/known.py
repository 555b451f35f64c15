"""Reads of incidents, always within the actor's units: the list, one incident, who is affected, what was said."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Least

from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, EffectGiven, Incident, OwnKind, Sending, TimelineLine
from tidings.incidents.queries.policies import policies
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import ApprovalPolicy, Approving, PhaseReach, Reach

SORTS: Mapping[str, tuple[str, ...]] = {
    "opened": ("opened_at", "number"),
    "number": ("number",),
    "kind": ("kind", "number"),
    "place": ("place", "number"),
    "state": ("state", "number"),
    "grade": ("grade", "number"),
    "due": ("due", "number"),
}


_DUE = Case(
    When(first_notice_at=None, then=Least("first_notice_by", "next_update_by")), default=F("next_update_by")
)
"""The moment of `rules.clock`, in the database: what lists sort by and the rail counts."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; empty means everything. `state` may be "open"."""

    text: str = ""
    state: str = "open"
    kind: str = ""
    severity: str = ""


PLACE_OFFERED = re.compile(r".*\S \(([^()\s]+)\)")
"""A place as the report form offers it: its name, and its code in brackets."""


def incidents(actor: Actor, wanted: Filter | None = None) -> QuerySet[Incident]:
    """The incidents that `actor` sees, narrowed; `grade` and `due` (the next deadline) are there to sort by."""
    wanted = wanted or Filter(state="")
    found = visible(actor)
    if wanted.state == "open":
        found = found.filter(state__in=sorted(rules.OPEN_STATES))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    if wanted.text:
        found = found.filter(
            Q(number__icontains=wanted.text) | Q(title__icontains=wanted.text) | Q(place__iexact=wanted.text)
        )
    weights = [When(severity=code, then=Value(int(severity))) for code, severity in rules.SEVERITIES.items()]
    return found.annotate(
        grade=Case(*weights, default=Value(0)),
        due=_DUE,
    ).order_by("-opened_at", "-number")


def numbers_of(actor: Actor, ids: Collection[UUID]) -> dict[str, str]:
    """The numbers of those of these incidents that `actor` sees, by id; one query."""
    return {str(pk): number for pk, number in visible(actor).filter(pk__in=ids).values_list("pk", "number")}


def incident(actor: Actor, ref: UUID | str) -> Incident:
    """One incident by its id or number. Raises Missing("incident.missing") outside the actor's units too."""
    found = (
        visible(actor).filter(Q(pk=ref) if isinstance(ref, UUID) else Q(number=ref.strip().upper())).first()
    )
    if found is None:
        raise Missing("incident.missing", number=str(ref))
    return found


def kinds() -> dict[str, dict[str, str]]:
    """Every kind of incident that may be reported: code to the firm's own names by language (shipped ones have none)."""
    own = OwnKind.objects.filter(retired_at__isnull=True).order_by("code").values_list("code", "names")
    return {**{code: {} for code in rules.SHIPPED_KINDS}, **dict(own)}


def clock(incident: Incident, now: datetime) -> rules.Clock | None:
    """What is owed to customers next."""
    return rules.clock(
        incident.state,
        first_by=incident.first_notice_by,
        first_sent_at=incident.first_notice_at,
        update_by=incident.next_update_by,
        next_phase=incident.next_phase,
        now=now,
    )


def promised_for(incident: Incident) -> datetime | None:
    """When customers were promised to hear next. By when the closing message is owed they were not told."""
    promised = incident.is_open and incident.first_notice_at and incident.next_phase != rules.Phase.CLOSING
    return incident.next_update_by if promised else None


def effects(incident: Incident) -> list[EffectGiven]:
    """The effect that holds for each reason now; the one without a reason holds for all others."""
    newest = EffectGiven.objects.filter(incident=incident).order_by("why", "-version").distinct("why")
    return list(newest)


def timeline(incident: Incident, limit: int = 50) -> Sequence[TimelineLine]:
    """The story, newest first."""
    return list(incident.timeline.order_by("-at", "-id")[:limit])


def sendings(incident: Incident) -> Sequence[Sending]:
    """What was written or sent about it, newest first."""
    return list(incident.sendings.order_by("-at"))


def counts_by_reason(actor: Actor, incident: Incident) -> list[sql.ReasonCount]:
    """How many shipments and customers are affected now, per reason and certainty, most first, as far as `actor` sees."""
    return sql.counts_by_reason(incident.pk, actor.units)


def news(actor: Actor, incident: Incident, now: datetime) -> sql.News:
    """How many came in and were not told, and left and had been, once the first notice went."""
    return sql.news(incident.pk, actor.units, now) if incident.first_notice_at else sql.News(0, 0)


def affected_size(incident: Incident) -> tuple[int, int]:
    """How many shipments are affected now, and how many customers of theirs, whoever asks."""
    return sql.affected_size(incident.pk)


def without_shipment(actor: Actor, incident: Incident) -> int:
    """How many customers are affected without any shipment, as far as `actor` sees."""
    return sql.without_shipment(incident.pk, actor.units)


def affected(actor: Actor, incident: Incident, why: str = "") -> QuerySet[Affected]:
    """The affected shipments that `actor` sees, one row per customer told of it; `why` narrows to one reason."""
    found = Affected.objects.filter(incident=incident, gone_at__isnull=True)
    if actor.units is not None:
        found = found.filter(units__overlap=list(actor.units))
    if why:
        found = found.filter(why=why)
    return found


def promise(incident: Incident, phase: str, now: datetime) -> rules.Promise:
    """What a message of this phase owes, were it written now."""
    return rules.promise(
        phase,
        policies(),
        severity=incident.severity,
        strictest_severity=_strictest_held(incident).code,
        promised_by=incident.next_update_by,
        first_by=incident.first_notice_by,
        now=now,
    )


def policy_now(incident: Incident) -> rules.Policy:
    """What its grade demands as it is now."""
    return policies()[rules.SEVERITIES[incident.severity]]


def strictest_policy(incident: Incident) -> rules.Policy:
    """What the gravest grade that it ever held demands."""
    return policies()[_strictest_held(incident)]


def _strictest_held(incident: Incident) -> rules.Severity:
    held = incident.grade_changes.values_list("severity", flat=True)
    return rules.strictest([*held, incident.severity])


def reach(incident: Incident, now: datetime) -> list[PhaseReach]:
    """Whom each phase has reached, of customers. Those affected without any contact are counted as unreachable, so that it
    adds up; our own people, who are briefed, are no part of it.
    """
    return _of_customers(incident, messaging.reach(incident.number, now), now)


def reach_in_all(incident: Incident, now: datetime) -> tuple[list[PhaseReach], dict[UUID, Reach]]:
    """The same, and whom each message has reached, of one reading: for the page that shows both."""
    phases, by_message = messaging.reach_in_all(incident.number, now)
    return _of_customers(incident, phases, now), by_message


def _of_customers(incident: Incident, phases: list[PhaseReach], now: datetime) -> list[PhaseReach]:
    return [
        replace(phase, unreachable=phase.unreachable + without_contact(incident, now, phase.phase))
        for phase in phases
        if phase.phase != rules.Phase.BRIEFING
    ]


def without_contact(incident: Incident, now: datetime, phase: str = rules.Phase.FIRST_NOTICE) -> int:
    """How many affected customers who hear of a phase have no contact now; of an incident that has ended, how many had none at its
    end. Of what stands beside the story, none.
    """
    if phase not in rules.SENT_TO_EVERYONE:
        return 0
    if incident.is_open:
        return sql.without_contact(incident.pk, phase, now)
    last = incident.sendings.filter(sent_at__isnull=False, phase=phase).order_by("-sent_at").first()
    return last.without_contact if last else 0


def is_settled(incident: Incident, now: datetime) -> bool:
    """Whether nobody of a sent phase is still on the way, reached or recorded as unreachable, and nobody came in since. Whom our
    relay took it for without ever giving a proof is not waited for.
    """
    if incident.first_notice_at is not None and sql.somebody_untold(incident.pk):
        return False
    own = set(incident.sendings.filter(phase=rules.Phase.BRIEFING).values_list("message_id", flat=True))
    every = messaging.reach_by_message(incident.number, now).items()
    return all(message in own or not one.waited_for for message, one in every)


def approval_policy(incident: Incident) -> ApprovalPolicy:
    """Where the strictest grade it ever held asks for a second person, every sentence of somebody's own needs one, and one of each
    kind that this grade or its kind of incident asks for.
    """
    policy = strictest_policy(incident)
    if rules.asks_second_person(policy, incident.kind):
        kinds = rules.approvers_of(policy, incident.kind)
        return ApprovalPolicy(Approving.FREE_SENTENCES, author_may=False, kinds=kinds)
    return ApprovalPolicy(Approving.CHANGED_TEXT, author_may=True)


def kind_told(incident: Incident, phase: str) -> str:
    """The kind whose text is sent: one that says nothing that somebody among its readers may not hear."""
    if phase == rules.Phase.BRIEFING or not rules.tells_of_theft(incident.kind):
        return incident.kind
    also_gone = phase == rules.Phase.CLOSING or phase in rules.ASIDE_PHASES
    deaf = sql.somebody_may_not_hear(incident.pk, phase, ever=also_gone)
    return rules.kind_told(incident.kind, all_may_hear=not deaf)


def place_names(codes: list[str]) -> dict[str, str]:
    """Code to the name people know a place by, for many places at once."""
    return sql.place_names(codes)


def place_code(typed: str) -> str:
    """The code of a place that somebody typed: "Venlo hub (NLVEN-H1)", its name where only one has it, or the code itself."""
    named = PLACE_OFFERED.fullmatch(typed)
    return named[1] if named else sql.place_of_name(typed) or typed


def places(limit: int = 400) -> list[tuple[str, str]]:
    """Codes and names of places to choose from, by name."""
    return sql.places(limit)


def affected_lines(
    actor: Actor,
    incident: Incident,
    wanted: sql.Narrowed | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[sql.AffectedLine]:
    """Affected shipments with their customers as a list shows them, as far as `actor` sees."""
    return sql.affected_lines(incident.pk, actor.units, wanted or sql.Narrowed(), limit=limit, offset=offset)


def affected_found(actor: Actor, incident: Incident, wanted: sql.Narrowed | None = None) -> sql.Size:
    """How much such a list holds, or is affected at all, as far as `actor` sees."""
    return sql.affected_found(incident.pk, actor.units, wanted or sql.Narrowed())


def every_affected_line(
    actor: Actor, incident: Incident, wanted: sql.Narrowed | None = None, at_once: int = 5000
) -> Iterator[sql.AffectedLine]:
    """All of them for a file, some at a time: a closed hub holds more than belongs in memory."""
    first = 0
    while found := affected_lines(actor, incident, wanted, at_once, first):
        yield from found
        first += len(found)


def place_name(code: str) -> str:
    """The name people know a place by; its code where it has none."""
    return sql.place_names([code]).get(code, code)


def touching(actor: Actor, shipment_id: UUID) -> list[Affected]:
    """The incidents that touch one shipment, newest first."""
    found = Affected.objects.filter(shipment_id=shipment_id, incident__in=visible(actor))
    return list(found.select_related("incident").order_by("incident_id", "-found_at").distinct("incident_id"))


def told_of(
    incident_ids: list[UUID], shipment_id: UUID, now: datetime
) -> dict[UUID, list[tuple[Sending, messaging.Told]]]:
    """Who was told of one shipment in each of several incidents, by which sending, and how it stands with each."""
    sent = {
        one.message_id: one
        for one in Sending.objects.filter(incident_id__in=incident_ids, sent_at__isnull=False)
    }
    found: dict[UUID, list[tuple[Sending, messaging.Told]]] = {}
    for message_id, told in messaging.told_of(list(sent), shipment_id, now):
        found.setdefault(sent[message_id].incident_id, []).append((sent[message_id], told))
    return found


def told_by(actor: Actor, message_id: UUID) -> Incident | None:
    """The incident that a message is about; None where it is about none, or the actor does not see it."""
    return visible(actor).filter(sendings__message_id=message_id).first()


def owned_by(person: UUID) -> list[Incident]:
    """The open incidents that somebody has in hand."""
    return list(
        Incident.objects.filter(owner_id=person, state__in=sorted(rules.OPEN_STATES)).order_by("number")
    )


def open_and_late(actor: Actor, now: datetime) -> tuple[int, int]:
    """How many incidents are open, and in how many of them a promise or deadline has passed."""
    found = visible(actor).filter(state__in=sorted(rules.OPEN_STATES)).annotate(due=_DUE)
    counts = found.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due__lt=now)))
    return counts["open"], counts["late"]


def due_between(actor: Actor, after: datetime, until: datetime) -> list[Incident]:
    """The open incidents whose next message is due between two moments."""
    found = visible(actor).filter(state__in=sorted(rules.OPEN_STATES)).annotate(due=_DUE)
    return list(found.filter(due__gt=after, due__lte=until))


def visible(actor: Actor) -> QuerySet[Incident]:
    """Every incident that `actor` sees: of their units, or touching a shipment of theirs."""
    actor.require("incident.read")
    found = Incident.objects.all()
    if actor.units is None:
        return found
    touched = Affected.objects.filter(
        incident=OuterRef("pk"), gone_at__isnull=True, units__overlap=list(actor.units)
    )
    return found.filter(Q(unit_id__in=actor.units) | Exists(touched))
