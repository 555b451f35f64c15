"""Reads of the policies: what each severity demands now, what it demanded before, and what waits for a second person."""

from uuid import UUID

from tidings.incidents import rules
from tidings.incidents.models import PolicyAsk, PolicyVersion
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing


def policies() -> rules.Policies:
    """The policy in force for each severity: the firm's newest version, or the shipped one."""
    newest = PolicyVersion.objects.order_by("severity", "-version").distinct("severity")
    own = {rules.SEVERITIES[one.severity]: one.terms() for one in newest}
    return {**rules.SHIPPED_POLICIES, **own}


def policy_version(severity: str) -> int:
    """How often the firm changed this policy; 0 where the shipped one holds."""
    newest = PolicyVersion.objects.filter(severity=severity).order_by("-version").first()
    return newest.version if newest else 0


def policy_history(severity: str) -> list[PolicyVersion]:
    """Every version of one policy, newest first."""
    return list(PolicyVersion.objects.filter(severity=severity).order_by("-version"))


def policies_asked(actor: Actor) -> list[PolicyAsk]:
    """The loosened policies that wait for a second administrator."""
    actor.require("incident.read")
    return list(PolicyAsk.objects.filter(ended_at__isnull=True).order_by("asked_at"))


def policy_asked(ask_id: UUID) -> PolicyAsk:
    """One that waits. Raises Missing("incident.no_such_policy_ask")."""
    found = PolicyAsk.objects.filter(pk=ask_id, ended_at__isnull=True).first()
    if found is None:
        raise Missing("incident.no_such_policy_ask")
    return found
