"""Grading an incident: a person decides, the history stays, the clocks follow."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.models import GradeChange, Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


def change_grade(
    actor: Actor,
    incident_id: UUID,
    severity: str,
    reason: str = "",
    *,
    safety: bool | None = None,
    legal: bool | None = None,
    takes_back: bool = False,
    seen_version: int | None = None,
) -> None:
    """Gives the incident a severity. The first notice's deadline is counted from detection again, and never moves later.

    `safety` (people or goods in danger) and `legal` (legal exposure) are what the table wants to know; None leaves them.
    `takes_back` says that the grade before was a mistake: it asks for nothing at the closing then. What it changed of clocks and
    approvals stays.

    Raises Refused("incident.grade_stands") for one that is no mistake any more, Refused("incident.below_floor") for a theft or stolen goods graded low, Refused("incident.grade_needs_reason") when it differs
    from the proposal without a reason, Conflict("incident.changed") when somebody else was first.
    """
    actor.require("incident.grade")
    grade = known_severity(severity)
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        exposed = _expose(incident, safety, legal)
        if incident.severity == severity:
            if exposed:
                changed(actor, incident, at, *exposed)
                told(actor, incident, at, "exposed", {"facts": exposed})
            return
        must_reach_floor(incident, grade)
        proposed = queries.proposal(incident)
        _must_have_reason(grade, proposed.severity, reason)
        if takes_back:
            _must_be_a_mistake(incident, grade, reason, at)
        before = incident.severity
        given = GradeChange(
            incident=incident, severity=severity, reason=reason.strip(), takes_back=takes_back
        )
        given.proposed, given.because = proposed.severity.code, dict(proposed.because)
        given.at, given.by_kind, given.by = at, actor.kind, actor.ref
        given.save(force_insert=True)
        follow_grade(incident, grade)
        changed(actor, incident, at, *exposed, "severity", "first_notice_by", "next_update_by")
        _tell(actor, given, before)


def _tell(actor: Actor, given: GradeChange, before: str) -> None:
    facts: dict[str, object] = {"severity": given.severity, "before": before}
    if given.takes_back:
        told(actor, given.incident, given.at, "grade_taken_back", facts, given.reason)
    else:
        told(actor, given.incident, given.at, "graded", facts, given.reason)


def _must_have_reason(grade: rules.Severity, proposed: rules.Severity, reason: str) -> None:
    if grade is not proposed and not reason.strip():
        raise Refused("incident.grade_needs_reason", proposed=proposed.code)


def _must_be_a_mistake(incident: Incident, grade: rules.Severity, reason: str, at: datetime) -> None:
    if not queries.may_take_back(incident, grade, at):
        raise Refused("incident.grade_stands", number=incident.number, severity=incident.severity)
    if not reason.strip():
        raise Refused("incident.mistake_needs_reason", number=incident.number)


def _expose(incident: Incident, safety: bool | None, legal: bool | None) -> list[str]:
    """Sets what was said of danger and legal exposure, and gives the fields that changed; the caller writes the row."""
    new = {"safety": safety, "legal": legal}
    told_now = {name: yes for name, yes in new.items() if yes is not None and getattr(incident, name) != yes}
    for name, yes in told_now.items():
        setattr(incident, name, yes)
    return list(told_now)


def follow_grade(incident: Incident, grade: rules.Severity) -> None:
    """Sets the grade and the deadlines that follow from it; the caller writes the row."""
    held = [rules.SEVERITIES[code] for code in incident.grade_changes.values_list("severity", flat=True)]
    incident.severity = grade.code
    policies = queries.policies()
    incident.first_notice_by = min(
        incident.first_notice_by,
        rules.first_notice_by(queries.counted_from(incident), [*held, grade], policies),
    )
    told_at = queries.all_told_at(incident)
    if told_at and incident.next_update_by:
        incident.next_update_by = rules.promise_regraded(incident.next_update_by, told_at, grade, policies)


def known_severity(code: str) -> rules.Severity:
    """The severity of a code. Raises Refused("incident.severity_unknown")."""
    if code not in rules.SEVERITIES:
        raise Refused("incident.severity_unknown", severity=code)
    return rules.SEVERITIES[code]


def must_reach_floor(incident: Incident, grade: rules.Severity) -> None:
    """Raises Refused("incident.below_floor") when this kind, or one of which goods were stolen, may not be graded so low."""
    floor = queries.floor_for(incident)
    if grade < floor:
        raise Refused("incident.below_floor", kind=incident.kind, floor=floor.code)
