"""The rules of policies: what loosens one, when that (or a looser grading) waits for a second person, whose approval it asks. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from tidings.incidents.rules.brake import is_looser
from tidings.incidents.rules.incident import LIMIT, Phase, Policies, Policy, Severity
from tidings.people.rules import DEPARTMENTS

_BOTH_ENDS = frozenset({Phase.FIRST_NOTICE, Phase.CLOSING})
MAY_BE_LOUD = ("email", "sms", "voice", "whatsapp", "wechat", "telegram", "wecom", "webhook", "other", "call")
"""Channels of which a policy may say that they do not wait for quiet hours."""

SHIPPED_POLICIES: Policies = {
    policy.severity: policy
    for policy in (
        Policy(Severity.LOW, LIMIT, LIMIT, False, False, frozenset()),
        Policy(Severity.MEDIUM, timedelta(hours=24), timedelta(hours=24), False, False, _BOTH_ENDS),
        Policy(Severity.HIGH, timedelta(hours=4), timedelta(hours=8), True, False, _BOTH_ENDS),
        Policy(
            Severity.CRITICAL,
            timedelta(hours=1),
            timedelta(hours=2),
            True,
            True,
            _BOTH_ENDS,
            overrides_quiet=frozenset(MAY_BE_LOUD),
            team=frozenset(DEPARTMENTS),
        ),
    )
}
"""What holds until a firm says otherwise."""


def loosened(before: Policy, after: Policy) -> list[str]:
    """Codes of what `after` asks less of than `before`, in the order of a policy's lines; empty where it only tightens."""
    found = {
        "first_notice_within": after.first_notice_within > before.first_notice_within,
        "update_every": after.update_every > before.update_every,
        "second_person": _asks_anyone(before) and not _asks_anyone(after),
        "special": before.special and not after.special,
        "required": bool(before.required - after.required),
        "overrides_quiet": bool(before.overrides_quiet - after.overrides_quiet),
        "approvers": bool(before.approvers - after.approvers),
        "legal_kinds": "legal" not in after.approvers and bool(before.legal_kinds - after.legal_kinds),
        "management_kinds": "management" not in after.approvers
        and bool(before.management_kinds - after.management_kinds),
        "team": bool(before.team - after.team),
        "answer_within": after.answer_within > before.answer_within and bool(after.team),
        "brake": is_looser(before.brake, after.brake),
        "channels": bool(after.channels) and not (before.channels and before.channels <= after.channels),
        "confirm": before.confirm and not after.confirm,
    }
    return [code for code, yes in found.items() if yes]


def rungs_for(policy: Policy, sent: Iterable[str]) -> list[str]:
    """Of the rungs that we can send by, those that a policy lets us send by."""
    return [rung for rung in sent if not policy.channels or rung in policy.channels]


def _asks_anyone(policy: Policy) -> bool:
    return policy.second_person or bool(policy.approvers)


def changes(before: Policy, after: Policy) -> list[str]:
    """Codes of the lines in which two policies differ."""
    lines = (
        "first_notice_within",
        "update_every",
        "second_person",
        "special",
        "required",
        "overrides_quiet",
        "approvers",
        "legal_kinds",
        "management_kinds",
        "team",
        "answer_within",
        "brake",
        "channels",
        "confirm",
    )
    return [line for line in lines if getattr(before, line) != getattr(after, line)]


def waits(loosens: bool, *, others: int, demo: bool) -> bool:
    """Whether a change waits for a second administrator: it loosens something, and `others` could confirm it.

    A demo has one person at its keyboard.
    """
    return loosens and others > 0 and not demo


def approvers_of(policy: Policy, kind: str) -> frozenset[str]:
    """The kinds of approval that a policy asks for an incident of this kind, each of another person."""
    of_kind = {"legal": policy.legal_kinds, "management": policy.management_kinds}
    return policy.approvers | {approval for approval, kinds in of_kind.items() if kind in kinds}


def asks_second_person(policy: Policy, kind: str) -> bool:
    """Whether sentences of somebody's own need another person's yes, whichever kind."""
    return policy.second_person or bool(approvers_of(policy, kind))
