"""Reads for grading: the table in force, the floors, what it proposes for an incident as it stands, and what waits for a yes."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tidings.incidents import rules, sql
from tidings.incidents.models import (
    Affected,
    EffectGiven,
    GradingAsk,
    GradingRule,
    Incident,
    OwnKind,
    ShipmentEffect,
)
from tidings.incidents.queries.known import visible
from tidings.incidents.rules import grading
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing


def grading_rules() -> list[GradingRule]:
    """The firm's own rows, in the order they are read: by kind, then by what they name."""
    found = GradingRule.objects.filter(ended_at__isnull=True)
    return list(found.order_by("kind", "customers", "value_cents", "safety", "legal"))


def has_own_grading() -> bool:
    """Whether the firm ever changed the table; the shipped rows hold until then."""
    return GradingRule.objects.exists()


def grading_rows() -> list[grading.GradingRow]:
    """The table in force."""
    if not has_own_grading():
        return list(grading.SHIPPED_ROWS)
    return [one.row() for one in grading_rules()]


def floor_of(kind: str, *, stolen: bool = False) -> rules.Severity:
    """The lowest severity this kind may be given, a firm's own kind included, and where goods were `stolen`."""
    own = dict(OwnKind.objects.filter(code=kind).values_list("code", "floor"))
    floors_of_own = {code: rules.SEVERITIES[floor] for code, floor in own.items()}
    return grading.floor_of(kind, floors_of_own, stolen=stolen)


def floor_for(incident: Incident) -> rules.Severity:
    """The lowest severity that this incident may be given as it stands."""
    return floor_of(incident.kind, stolen=sql.goods_stolen(incident.pk))


def raised_above(incident: Incident) -> rules.Severity | None:
    """The floor that an open incident stands below since goods were stolen; None where its grade will do."""
    if not incident.is_open or rules.SEVERITIES[incident.severity] >= grading.STOLEN_FLOOR:
        return None
    return floor_for(incident) if sql.goods_stolen(incident.pk) else None


def below_floor(actor: Actor, limit: int) -> list[Incident]:
    """The open incidents that `actor` sees and whose grade is below what stolen goods allow."""
    stolen = Q(effect=rules.Effect.STOLEN)
    found = visible(actor).filter(state__in=sorted(rules.OPEN_STATES), severity=rules.Severity.LOW.code)
    said = Q(pk__in=EffectGiven.objects.filter(stolen).values("incident_id"))
    of_shipments = Q(pk__in=ShipmentEffect.objects.filter(stolen).values("incident_id"))
    likely = found.filter(said | of_shipments).order_by("first_notice_by", "number")[:limit]
    return [one for one in likely if raised_above(one)]


def floors() -> dict[str, rules.Severity]:
    """The floor of every kind that may be reported, the firm's own included."""
    own = {code: rules.SEVERITIES[floor] for code, floor in OwnKind.objects.values_list("code", "floor")}
    return {kind: grading.floor_of(kind, own) for kind in (*rules.SHIPPED_KINDS, *own)}


def grading_asked(actor: Actor) -> list[GradingAsk]:
    """The looser rows and floors that wait for a second administrator."""
    actor.require("incident.read")
    return list(GradingAsk.objects.filter(ended_at__isnull=True).order_by("asked_at"))


def grading_ask(ask_id: UUID) -> GradingAsk:
    """One that waits. Raises Missing("incident.no_such_grading_ask")."""
    found = GradingAsk.objects.filter(pk=ask_id, ended_at__isnull=True).first()
    if found is None:
        raise Missing("incident.no_such_grading_ask")
    return found


def own_kinds() -> list[OwnKind]:
    """The firm's own kinds, those in use first."""
    return sorted(OwnKind.objects.all(), key=lambda one: (one.retired_at is not None, one.code))


def proposal(incident: Incident) -> grading.Proposal:
    """What the table proposes for an incident with the affected it has now."""
    affected = Affected.objects.filter(incident_id=incident.pk, gone_at__isnull=True)
    rows = grading_rows()
    situation = grading.Situation(
        incident.kind,
        affected.values("customer_id").distinct().count(),
        sql.declared_values(incident.pk) if any(row.value_cents for row in rows) else {},
        incident.safety,
        incident.legal,
        sql.goods_stolen(incident.pk),
    )
    return grading.proposal(rows, situation, floor_of(incident.kind))


def may_take_back(incident: Incident, instead: rules.Severity, now: datetime) -> bool:
    """Whether the grade given last may be taken back as a mistake, for one that asks less."""
    given = incident.grade_changes.latest("at")
    return rules.may_take_back(
        given=rules.SEVERITIES[given.severity],
        instead=instead,
        given_at=given.at,
        told_since=incident.sendings.filter(sent_at__gte=given.at).exists(),
        now=now,
    )
