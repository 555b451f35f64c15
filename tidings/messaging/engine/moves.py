"""What a fact or the passing of time does to a recipient's row: decided here, written by whichever ledger.

`counted` is where a row is counted in its chunk's tallies: by what is known for sure of its delivery, else by its attempt
under way, else it is pending ("").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tidings.messaging.engine.ledger import Fact
from tidings.messaging.rules.delivery import (
    SENT_CHANNELS,
    Event,
    Outcome,
    RecipientState,
    Rung,
    Step,
    next_rung,
    standing_of,
    state_after,
    step_after,
)
from tidings.messaging.rules.refusals import Refusal

SURE = frozenset(
    {Outcome.HANDED_OVER, Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.REFUSED, Outcome.CONFIRMED}
)
TALLIES = ("handed_over", "accepted", "delivered", "confirmed", "later", "refused", "uncertain")


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of a recipient's row that moves."""

    state: str
    standing: str
    attempt: int
    doubts: int
    rung: int
    delivery_id: UUID
    channel: str | None
    address: str | None
    further: tuple[Rung, ...]
    next_at: datetime | None
    rung_began_at: datetime | None
    reached_at: datetime | None
    reason: str


def blames(fact: Fact, row: Standing) -> bool:
    """Whether a fact says that the address a row now stands on is at fault; of an earlier rung nobody kept the address."""
    return (
        fact.outcome == Outcome.REFUSED
        and fact.refusal == Refusal.ADDRESS
        and fact.delivery_id == row.delivery_id
    )


def counted(facts: Iterable[tuple[int, str]], attempt: int) -> str:
    """The tally that a row with these (attempt, outcome) facts stands in."""
    facts = list(facts)
    sure = standing_of(outcome for _, outcome in facts if outcome in SURE)
    if sure is not None:
        return sure
    return standing_of(outcome for number, outcome in facts if number == attempt) or ""


def after_fact(row: Standing, known: Sequence[tuple[int, str]], fact: Fact, settle: timedelta) -> Standing:
    """The row after a new fact about its present delivery; `known` are the facts there were before."""
    before = standing_of(outcome for _, outcome in known)
    after = standing_of([*(outcome for _, outcome in known), fact.outcome])
    doubts = sum(outcome == Outcome.UNCERTAIN for _, outcome in [*known, (fact.attempt, fact.outcome)])
    moved = replace(row, standing=str(after or ""), doubts=doubts, rung_began_at=row.rung_began_at or fact.at)
    if after in (Outcome.DELIVERED, Outcome.CONFIRMED):
        state = state_after(RecipientState(row.state), Event.EVIDENCE)
        return replace(moved, state=state, reached_at=row.reached_at or fact.at, next_at=None, reason="")
    if after is Outcome.REFUSED:
        if before is Outcome.REFUSED:
            return moved
        state = state_after(RecipientState(row.state), Event.UNDONE)
        return replace(moved, state=state, reached_at=None, next_at=fact.at, reason=fact.reply)
    state = state_after(RecipientState(row.state), Event.TAKEN)
    if after is Outcome.ACCEPTED:
        next_at = row.next_at if before is Outcome.ACCEPTED else fact.at + settle
        return replace(moved, state=state, next_at=None if state == "reached" else next_at)
    if after is Outcome.HANDED_OVER:
        return replace(moved, state=state, next_at=None)
    if fact.attempt < row.attempt:
        return replace(moved, state=state)  # of an attempt that is over: what follows it is under way already
    return replace(moved, state=state, next_at=fact.next_at, reason=fact.reply or fact.outcome)


def after_old_fact(row: Standing, fact: Fact) -> Standing:
    """The row after a fact about an earlier rung's delivery: only proof that the person has it changes anything."""
    if fact.outcome not in (Outcome.DELIVERED, Outcome.CONFIRMED):
        return row
    state = state_after(RecipientState(row.state), Event.EVIDENCE)
    return replace(row, state=state, reached_at=row.reached_at or fact.at, next_at=None)


class Due(StrEnum):
    """What became of a row whose moment had come."""

    REACHED = "reached"
    AGAIN = "again"
    NEXT_RUNG = "next_rung"
    TO_CALL = "to_call"
    UNREACHABLE = "unreachable"
    NOTHING = "nothing"


def when_due(row: Standing, *, patience: timedelta, new_id: UUID, now: datetime) -> tuple[Due, Standing]:
    """What follows for a row whose `next_at` has passed. AGAIN and NEXT_RUNG are to be gathered into a chunk."""
    row = replace(row, next_at=None)
    state = RecipientState(row.state)
    if state in (RecipientState.REACHED, RecipientState.SUPERSEDED):
        return Due.NOTHING, row
    if row.standing == Outcome.ACCEPTED:
        return Due.REACHED, replace(
            row, state=state_after(state, Event.SETTLED), reached_at=row.reached_at or now
        )
    if state in (RecipientState.CALL_LIST, RecipientState.UNREACHABLE):
        return Due.NOTHING, row
    if not row.standing and row.channel and row.address:
        return Due.AGAIN, row  # planned to wait, and never begun: a reader whose language came late
    began_at = row.rung_began_at or now
    step = step_after(
        row.standing, attempt=row.attempt, doubts=row.doubts, began_at=began_at, patience=patience, now=now
    )
    if step is Step.AGAIN:
        reason = "" if row.reason == "restored" else row.reason  # what is tried again is in doubt no more
        return Due.AGAIN, replace(
            row, attempt=row.attempt + 1, state=state_after(state, Event.BEGUN), reason=reason
        )
    return _next(row, new_id)


def _next(row: Standing, new_id: UUID) -> tuple[Due, Standing]:
    event, rung = next_rung(row.further, frozenset(SENT_CHANNELS))
    state = state_after(RecipientState(row.state), event)
    if rung is None:
        return Due.UNREACHABLE, replace(row, state=state)
    left = row.further[row.further.index(rung) + 1 :]
    moved = replace(
        row,
        state=state,
        rung=row.rung + 1,
        delivery_id=new_id,
        channel=rung.channel,
        address=rung.address,
        further=left,
        standing="",
        attempt=1,
        doubts=0,
        rung_began_at=None,
        reason="",
    )
    return (Due.NEXT_RUNG if event is Event.NEXT_RUNG else Due.TO_CALL), moved
