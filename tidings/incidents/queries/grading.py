"""Reads for grading: the table in force, the floors, and what it proposes for an incident as it stands."""

from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, GradingRule, Incident, OwnKind
from tidings.incidents.rules import grading


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


def floor_of(kind: str) -> rules.Severity:
    """The lowest severity this kind may be given, a firm's own kind included."""
    own = dict(OwnKind.objects.filter(code=kind).values_list("code", "floor"))
    return grading.floor_of(kind, {code: rules.SEVERITIES[floor] for code, floor in own.items()})


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
    )
    return grading.proposal(rows, situation, floor_of(incident.kind))
