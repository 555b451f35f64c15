"""Which of the severities that an incident held still ask for something, and when one of them may be taken back as a mistake. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tidings.incidents.rules.incident import SEVERITIES, Phase, Policies, Severity

TAKE_BACK_WITHIN = timedelta(minutes=30)
"""How long after a grade was given it may be said to have been a mistake: later somebody has worked by it."""


def may_take_back(
    *, given: Severity, instead: Severity, given_at: datetime, told_since: bool, now: datetime
) -> bool:
    """Whether a grade may be taken back as a mistake, and not only lowered: soon, and while nobody was told anything under it."""
    return instead < given and not told_since and now <= given_at + TAKE_BACK_WITHIN


def grades_owed(held: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The severities that an incident held and that still ask for what they asked: all but those taken back. `held` are their
    codes in order, each with whether it took back the one before.
    """
    owed: list[str] = []
    for code, takes_back in held:
        if takes_back and owed:
            owed.pop()
        owed.append(code)
    return frozenset(owed)


def required_phases(policies: Policies, owed: Iterable[str]) -> frozenset[Phase]:
    """What must have been sent before closing, by any of these severities: a lowered grade drops no phase."""
    return frozenset[Phase]().union(*(policies[SEVERITIES[code]].required for code in owed))
