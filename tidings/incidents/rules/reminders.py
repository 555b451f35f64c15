"""The rules of reminding: who hears of what is due, before its moment and after it, one after the other. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tidings.incidents.rules.promises import REMIND_BEFORE

LEAD_AFTER = timedelta(minutes=15)
NEXT_AFTER = timedelta(minutes=30)
LOOKED_BACK = timedelta(hours=24)
"""What has been overdue for longer reminds nobody any more: it stands on top of the worklist."""


class Step(StrEnum):
    """How far reminding has come: the owner before, the owner once it is late, whoever is on call, and the next."""

    SOON = "soon"
    LATE = "late"
    LEAD = "lead"
    NEXT = "next"


def steps(due_by: datetime, now: datetime) -> tuple[Step, ...]:
    """The steps whose time has come, in order. Who was not reminded before the moment is told of it only once it has passed."""
    if now < due_by:
        return (Step.SOON,) if due_by - now <= REMIND_BEFORE else ()
    after = ((Step.LATE, timedelta(0)), (Step.LEAD, LEAD_AFTER), (Step.NEXT, NEXT_AFTER))
    return tuple(step for step, wait in after if now - due_by >= wait)


def who_hears(
    step: Step, owner: UUID | None, on_call: Sequence[UUID], heard: Collection[UUID]
) -> UUID | None:
    """Who hears of it at this step; nobody where the roster has no other. What is nobody's is the first's who is on call;
    who `heard` that it is late hears it no second time.
    """
    if step in (Step.SOON, Step.LATE) and owner is not None:
        return owner
    return next((one for one in on_call if one not in heard and one != owner), None)
