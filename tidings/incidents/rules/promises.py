"""The rules of what one person promises one customer: when it is reminded of, when it escalates, how it ends. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REMIND_BEFORE = timedelta(minutes=30)


class PromiseEnd(StrEnum):
    """How a promise ended."""

    KEPT = "kept"
    BROKEN = "broken"


def stands(due_by: datetime, now: datetime) -> str:
    """How an open promise stands: `late` once its time has passed, `soon` half an hour before, `waiting` until then."""
    if due_by < now:
        return "late"
    return "soon" if due_by - now <= REMIND_BEFORE else "waiting"


@dataclass(frozen=True, slots=True)
class Counts:
    """How promises ended: kept in time, broken (late, or said to be broken), or open still. They add up."""

    kept: int
    broken: int
    open: int


def counted(promises: Iterable[tuple[datetime, datetime | None]], now: datetime, broken: int = 0) -> Counts:
    """Counts promises by their moment and when each was kept, None where it was not; `broken` more were said to be so."""
    kept = waiting = 0
    for due_by, kept_at in promises:
        if kept_at is not None and kept_at <= due_by:
            kept += 1
        elif kept_at is None and now <= due_by:
            waiting += 1
        else:
            broken += 1
    return Counts(kept, broken, waiting)
