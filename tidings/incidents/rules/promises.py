"""The rules of what one person promises one customer: when it is reminded of, when it escalates, how it ends. Pure."""

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
