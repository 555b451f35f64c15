"""When a change of the scope waits for a person, and when newly affected are told by themselves. Pure.

The figures are the policy's; those shipped are in `docs/guides/scope.md`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Brake:
    """A change by itself waits for a person when more customers than `customers` come or go within `gathered`; so does more than
    `share` percent of those affected before, once it is more than `few`. Who came in is told by itself only after `gathered`: who
    leaves again meanwhile hears neither notice nor all-clear.
    """

    customers: int = 500
    share: int = 25
    few: int = 20
    gathered: timedelta = timedelta(minutes=3)

    def __post_init__(self) -> None:
        if self.customers < 1 or self.few < 0 or not 1 <= self.share <= 100:
            raise ValueError("a brake has a limit")
        if not timedelta(minutes=1) <= self.gathered <= timedelta(hours=1):
            raise ValueError("changes are gathered for one minute to an hour")


SHIPPED_BRAKE = Brake()


def is_braked(brake: Brake, came: int, went: int, before: int) -> bool:
    """Whether a change by itself of so many customers must wait, once somebody has been told."""
    change = max(came, went)
    return change > brake.customers or (change > brake.few and change * 100 > before * brake.share)


def is_gathered(brake: Brake, first_found_at: datetime, now: datetime) -> bool:
    """Whether those who came in have been in for long enough to be told."""
    return now - first_found_at >= brake.gathered


def is_looser(before: Brake, after: Brake) -> bool:
    """Whether `after` lets a change go by itself for which `before` waits for a person."""
    larger = after.customers > before.customers or after.share > before.share or after.few > before.few
    return larger or after.gathered < before.gathered
