"""When a change of the scope waits for a person, and when newly affected are told by themselves. Pure.

The figures are the defaults of `docs/guides/scope.md`.
"""

from datetime import datetime, timedelta

GATHERED = timedelta(minutes=3)
"""Who came in is told by itself only after this long: who leaves again meanwhile hears neither notice nor all-clear."""
MOST_AT_ONCE = 500
"""More customers than this coming or going by themselves at a time wait for a person."""
MOST_SHARE = 0.25
FEW = 20
"""So do more than this share of those affected before, once it is more than a few."""


def is_braked(came: int, went: int, before: int) -> bool:
    """Whether a change by itself of so many customers must wait, once somebody has been told."""
    change = max(came, went)
    return change > MOST_AT_ONCE or (change > FEW and change > before * MOST_SHARE)


def is_gathered(first_found_at: datetime, now: datetime) -> bool:
    """Whether those who came in have been in for long enough to be told."""
    return now - first_found_at >= GATHERED
