"""Changing what a severity demands. Tightening holds at once; loosening is asked by one administrator and confirmed by another.
A program only asks.
"""

from dataclasses import fields
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.second import (
    confirms_as_themselves,
    end_asked,
    is_another,
    may_ask,
    needs_another,
)
from tidings.incidents.models import PolicyAsk, PolicyVersion
from tidings.incidents.models.policies import PolicyTerms
from tidings.incidents.rules import policies as changing
from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused

_ABILITY = "policy.change"
_SPACE = UUID("7f1c0e5e-6d0c-4a57-9d3f-0b5a4a0c9a11")


def change_policy(
    actor: Actor, wanted: rules.Policy, reason: str = "", *, seen_version: int | None = None
) -> PolicyAsk | None:
    """Puts a policy in force from now on, or asks for it where it loosens anything and another administrator could confirm,
    or where the actor may only ask.

    Gives what waits, or None when it holds already. Deadlines and promises that were given stay, and so does what a
    message already written needs. Raises Refused("incident.policy_too_loose") beyond 24 hours or without the first
    notice above low, Conflict("incident.policy_changed") when somebody changed it since `seen_version`.
    """
    may_ask(actor)
    _must_hold_the_line(wanted)
    at, severity = now(), wanted.severity.code
    with transaction.atomic():
        before, version = _locked(severity)
        if seen_version is not None and version != seen_version:
            raise Conflict("incident.policy_changed", severity=severity)
        if not changing.changes(before, wanted):
            return None
        _end_asks(actor, severity, "replaced", at)
        if needs_another(actor, bool(changing.loosened(before, wanted))):
            return _ask(actor, before, wanted, version, reason.strip(), at)
        _put_in_force(actor, before, wanted, version, reason.strip(), at)
    return None


def confirm_policy(actor: Actor, ask_id: UUID) -> None:
    """A second administrator's yes: the loosened policy holds from now on.

    Raises Refused("incident.policy_confirm_as_yourself") for a key or a command, Refused("incident.policy_not_both") for
    the asker, Missing("incident.no_such_policy_ask"), Conflict("incident.policy_changed") when it changed meanwhile.
    """
    actor.require(_ABILITY)
    confirms_as_themselves(actor)
    at = now()
    with transaction.atomic():
        severity = queries.policy_asked(ask_id).severity
        before, version = _locked(severity)
        asked = queries.policy_asked(ask_id)
        is_another(actor, asked)
        if asked.base_version != version:
            raise Conflict("incident.policy_changed", severity=severity)
        _end_asks(actor, severity, "confirmed", at)
        _put_in_force(actor, before, asked.terms(), version, asked.reason, at, asked.asked_by)


def decline_policy(actor: Actor, ask_id: UUID) -> None:
    """Ends a wish without granting it; the asker may take their own back. Raises Missing("incident.no_such_policy_ask")."""
    actor.require(_ABILITY)
    with transaction.atomic():
        severity = queries.policy_asked(ask_id).severity
        _locked(severity)
        asked = queries.policy_asked(ask_id)
        _end_asks(actor, severity, "declined", now())
        audit.record(actor, "policy.decline", "policy", severity, {"asked": str(asked.pk)})


def _must_hold_the_line(wanted: rules.Policy) -> None:
    if wanted.severity > rules.Severity.LOW and rules.Phase.FIRST_NOTICE not in wanted.required:
        raise Refused("incident.policy_too_loose")


def _locked(severity: str) -> tuple[rules.Policy, int]:
    """The policy in force and its version; nobody else changes it until the transaction ends."""
    sql.one_at_a_time(uuid5(_SPACE, severity))
    return queries.policies()[rules.SEVERITIES[severity]], queries.policy_version(severity)


def _ask(
    actor: Actor, before: rules.Policy, wanted: rules.Policy, version: int, reason: str, at: datetime
) -> PolicyAsk:
    made = PolicyAsk(base_version=version, asked_by=actor.ref, asked_at=at, reason=reason)
    _fill(made, wanted)
    made.save(force_insert=True)
    told = {"asked": str(made.pk), "loosened": changing.loosened(before, wanted)}
    audit.record(actor, "policy.ask", "policy", made.severity, told)
    return made


def _put_in_force(
    actor: Actor,
    before: rules.Policy,
    wanted: rules.Policy,
    version: int,
    reason: str,
    at: datetime,
    asked_by: str = "",
) -> None:
    made = PolicyVersion(
        version=version + 1, reason=reason, asked_by=asked_by, at=at, by_kind=actor.kind, by=actor.ref
    )
    _fill(made, wanted)
    made.save(force_insert=True)
    told: dict[str, object] = {"changed": changing.changes(before, wanted), "version": made.version}
    if asked_by:
        told["asked_by"] = asked_by
    audit.record(actor, "policy.change", "policy", made.severity, told)


def _fill(row: PolicyTerms, wanted: rules.Policy) -> None:
    for field in fields(wanted.brake):
        setattr(row, f"brake_{field.name}", getattr(wanted.brake, field.name))
    for field in fields(wanted):
        if field.name == "brake":
            continue
        value = getattr(wanted, field.name)
        setattr(row, field.name, sorted(value) if isinstance(value, frozenset) else value)
    row.severity = wanted.severity.code


def _end_asks(actor: Actor, severity: str, outcome: str, at: datetime) -> None:
    end_asked(PolicyAsk.objects.filter(severity=severity), actor, outcome, at)
