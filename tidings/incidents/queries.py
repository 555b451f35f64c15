"""Reads of incidents, always within the actor's units: the list, one incident, who is affected, what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, EffectGiven, Incident, OwnKind, Sending, TimelineLine
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import Audience, PhaseReach

SORTS: Mapping[str, tuple[str, ...]] = {
    "due": ("first_notice_at", "first_notice_by", "-opened_at"),
    "newest": ("-opened_at", "-number"),
    "oldest": ("opened_at", "number"),
    "number": ("number",),
    "place": ("place", "-opened_at"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; empty means everything. `state` may be "open"."""

    text: str = ""
    state: str = "open"
    kind: str = ""
    severity: str = ""
    sort: str = "newest"


def incidents(actor: Actor, wanted: Filter | None = None) -> QuerySet[Incident]:
    """The incidents that `actor` sees, narrowed and sorted."""
    wanted = wanted or Filter(state="")
    found = _visible(actor)
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
    return found.order_by(*SORTS.get(wanted.sort, SORTS["newest"]))


def incident(actor: Actor, ref: UUID | str) -> Incident:
    """One incident by its id or number. Raises Missing("incident.missing") outside the actor's units too."""
    found = (
        _visible(actor).filter(Q(pk=ref) if isinstance(ref, UUID) else Q(number=ref.strip().upper())).first()
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
        now=now,
    )


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


def affected(actor: Actor, incident: Incident, why: str = "") -> QuerySet[Affected]:
    """The affected shipments with their customers that `actor` sees, surest first; `why` narrows to one reason."""
    found = Affected.objects.filter(incident=incident, gone_at__isnull=True)
    if actor.units is not None:
        found = found.filter(unit_id__in=actor.units)
    if why:
        found = found.filter(why=why)
    return found.order_by("certainty", "why", "seen_at", "id")


def promise(incident: Incident, phase: str, now: datetime) -> rules.Promise:
    """What a message of this phase owes, were it written now."""
    held = incident.grade_changes.values_list("severity", flat=True)
    return rules.promise(
        phase,
        severity=incident.severity,
        strictest_severity=rules.strictest([*held, incident.severity]).code,
        promised_by=incident.next_update_by,
        now=now,
    )


def audience(incident: Incident, phase: str, now: datetime) -> Audience:
    """Whom a message of this phase would go to now, and by when each."""
    owed = promise(incident, phase, now)
    return sql.recipients(
        sql.Told(incident.pk, phase, incident.detected_at, owed.due_within, owed.due_by), now
    )


def reach(incident: Incident, now: datetime) -> list[PhaseReach]:
    """Whom each phase has reached. Affected customers without any contact are counted as unreachable, so that it adds up."""
    without = {
        row.phase: row.without_contact
        for row in incident.sendings.filter(sent_at__isnull=False).order_by("at")
    }
    return [
        replace(phase, unreachable=phase.unreachable + without.get(phase.phase, 0))
        for phase in messaging.reach(incident.number, now)
    ]


def place_name(code: str) -> str:
    """The name people know a place by; its code where it has none."""
    return sql.place_names([code]).get(code, code)


def touching(actor: Actor, shipment_id: UUID) -> list[Affected]:
    """The incidents that touch one shipment, newest first."""
    found = Affected.objects.filter(shipment_id=shipment_id, incident__in=_visible(actor))
    return list(found.select_related("incident").order_by("incident_id", "-found_at").distinct("incident_id"))


def _visible(actor: Actor) -> QuerySet[Incident]:
    actor.require("incident.read")
    found = Incident.objects.all()
    if actor.units is None:
        return found
    touched = Affected.objects.filter(incident=OuterRef("pk"), gone_at__isnull=True, unit_id__in=actor.units)
    return found.filter(Q(unit_id__in=actor.units) | Exists(touched))
