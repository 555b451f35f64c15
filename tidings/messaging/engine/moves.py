"""What a fact or the passing of time does to a recipient's row: decided here, written by whichever ledger.

`counted` is where a row is counted in its chunk's tallies: by what is known for sure of its delivery, else by its attempt
under way, else it is pending ("").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tidings.messaging.engine.ledger import Fact
from tidings.messaging.rules.delivery import (
    CALL,
    MOST_CALLS,
    Event,
    Outcome,
    RecipientState,
    Rung,
    Step,
    TriedRung,
    evidence_by,
    next_rung,
    patience_on,
    standing_of,
    state_after,
    step_after,
)
from tidings.messaging.rules.refusals import Refusal

SURE = frozenset(
    {Outcome.HANDED_OVER, Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.REFUSED, Outcome.CONFIRMED}
)
UNCONFIRMED = "unconfirmed"
"""Why somebody who must confirm is unreachable although their server took the mail: nobody did, and there is no number to call."""
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
    earlier: tuple[TriedRung, ...] = ()
    needs_confirmed: bool = False


def as_kept(rung: TriedRung) -> dict[str, str]:
    """An earlier rung as a ledger keeps it."""
    return {"delivery_id": str(rung.delivery_id), "channel": rung.channel, "address": rung.address}


def tried(kept: Mapping[str, str]) -> TriedRung:
    """The same, read back."""
    return TriedRung(UUID(kept["delivery_id"]), kept["channel"], kept["address"])


def blamed(fact: Fact, row: Standing) -> Rung | None:
    """The address that a fact says is at fault: that of the present rung or, for a bounce that comes late, of an earlier one."""
    if fact.outcome != Outcome.REFUSED or fact.refusal != Refusal.ADDRESS:
        return None
    return rung_of(row, fact.delivery_id)


def rung_of(row: Standing, delivery_id: UUID) -> Rung | None:
    """Where a delivery went: the present rung, or an earlier one."""
    if delivery_id == row.delivery_id:
        return Rung(row.channel, row.address) if row.channel and row.address else None
    left = next((one for one in row.earlier if one.delivery_id == delivery_id), None)
    return Rung(left.channel, left.address) if left else None


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
    if after is Outcome.CONFIRMED or (after is Outcome.DELIVERED and not row.needs_confirmed):
        state = state_after(RecipientState(row.state), Event.EVIDENCE)
        return replace(moved, state=state, reached_at=row.reached_at or fact.at, next_at=None, reason="")
    if after is Outcome.REFUSED:
        if before is Outcome.REFUSED:
            return moved
        state = state_after(RecipientState(row.state), Event.UNDONE)
        return replace(moved, state=state, reached_at=None, next_at=fact.at, reason=fact.reply)
    state = state_after(RecipientState(row.state), Event.TAKEN)
    if after in (Outcome.ACCEPTED, Outcome.DELIVERED):
        next_at = row.next_at if before is after else fact.at + settle
        return replace(moved, state=state, next_at=None if state == "reached" else next_at)
    if after is Outcome.HANDED_OVER:
        waits = row.next_at if before is after else fact.at + settle
        return replace(moved, state=state, next_at=waits if row.further else None)
    if fact.attempt < row.attempt:
        return replace(moved, state=state)  # of an attempt that is over: what follows it is under way already
    return replace(moved, state=state, next_at=fact.next_at, reason=fact.reply or fact.outcome)


def after_old_fact(row: Standing, fact: Fact) -> Standing:
    """The row after a fact about an earlier rung's delivery: only proof that counts for this person changes anything."""
    proof = {Outcome.CONFIRMED} if row.needs_confirmed else {Outcome.DELIVERED, Outcome.CONFIRMED}
    if fact.outcome not in proof:
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


def when_due(
    row: Standing,
    *,
    channels: frozenset[str],
    patience: timedelta,
    due_by: datetime | None,
    new_id: UUID,
    now: datetime,
    calls_unproved: bool = True,
) -> tuple[Due, Standing]:
    """What follows for a row whose `next_at` has passed. AGAIN and NEXT_RUNG are to be gathered into a chunk. `channels` are
    the rungs that we can send by.

    Without `calls_unproved` nobody is called only because what took their mail proves nothing, but who must confirm.
    """
    row = replace(row, next_at=None)
    state, left = RecipientState(row.state), _left(row, channels)
    patience = patience_on(row.channel, patience, left)
    if state in (RecipientState.REACHED, RecipientState.SUPERSEDED):
        return Due.NOTHING, row
    if row.standing == Outcome.ACCEPTED and not row.needs_confirmed:
        return Due.REACHED, replace(
            row, state=state_after(state, Event.SETTLED), reached_at=row.reached_at or now
        )
    if state is RecipientState.CALL_LIST and (row.standing == Outcome.REFUSED or row.attempt > MOST_CALLS):
        return _next(row, new_id, channels)
    if state in (RecipientState.CALL_LIST, RecipientState.UNREACHABLE):
        return Due.NOTHING, row
    if row.standing in _TAKEN:
        calls = calls_unproved or row.needs_confirmed or row.standing != Outcome.HANDED_OVER
        until = evidence_by(row.rung_began_at or now, due_by, patience, left)
        return _unconfirmed(row, until, new_id, now, channels, calls=calls)
    if not row.standing and row.channel and row.address:
        # planned to wait, and never begun: a reader whose language came late, or whose quiet hours are over
        return Due.AGAIN, replace(row, reason="" if row.reason == "quiet" else row.reason)
    if _step(row, left, patience, due_by, now) is Step.AGAIN:
        reason = "" if row.reason == "restored" else row.reason  # what is tried again is in doubt no more
        return Due.AGAIN, replace(
            row, attempt=row.attempt + 1, state=state_after(state, Event.BEGUN), reason=reason
        )
    return _next(row, new_id, channels)


def _step(row: Standing, left: int, patience: timedelta, due_by: datetime | None, now: datetime) -> Step:
    """What follows what was put off or is in doubt: with rungs left it has its share of the time to the deadline."""
    began_at = row.rung_began_at or now
    if left:
        patience = evidence_by(began_at, due_by, patience, left) - began_at
    return step_after(
        row.standing, attempt=row.attempt, doubts=row.doubts, began_at=began_at, patience=patience, now=now
    )


def _left(row: Standing, channels: frozenset[str]) -> int:
    """How many usable rungs come after the present one."""
    return sum(rung.channel in channels or rung.channel == CALL for rung in row.further)


_TAKEN = (Outcome.HANDED_OVER, Outcome.ACCEPTED, Outcome.DELIVERED)


def _unconfirmed(
    row: Standing, until: datetime, new_id: UUID, now: datetime, channels: frozenset[str], *, calls: bool
) -> tuple[Due, Standing]:
    """A rung that was taken, without the evidence that counts: it waits for that, and then gives way to the next one.

    Without a next one, what a relay took stays under way, and who had to confirm could not be reached so that it counts.
    """
    if now < until:
        return Due.NOTHING, replace(row, next_at=until)
    what, moved = _next(row, new_id, channels, calls=calls)
    if what is not Due.UNREACHABLE:
        return what, moved
    if row.standing == Outcome.HANDED_OVER:
        return Due.NOTHING, row
    return what, replace(moved, reason=UNCONFIRMED)


def _next(
    row: Standing, new_id: UUID, channels: frozenset[str], *, calls: bool = True
) -> tuple[Due, Standing]:
    """The next rung; without `calls` one that is sent. What is passed over stays, for a refusal that comes later."""
    used = {(row.channel, row.address), *((one.channel, one.address) for one in row.earlier)}
    further = tuple(rung for rung in row.further if (rung.channel, rung.address) not in used)
    usable = further if calls else tuple(one for one in further if one.channel != CALL)
    people_first = row.needs_confirmed and row.standing in _TAKEN
    event, rung = next_rung(usable, channels, people_first=people_first)
    state = state_after(RecipientState(row.state), event)
    if rung is None:
        return Due.UNREACHABLE, replace(row, state=state)
    left = tuple(one for one in further if one != rung)
    moved = replace(
        row,
        state=state,
        rung=row.rung + 1,
        delivery_id=new_id,
        channel=rung.channel,
        address=rung.address,
        further=left,
        earlier=(*row.earlier, TriedRung(row.delivery_id, row.channel or "", row.address or "")),
        standing="",
        attempt=1,
        doubts=0,
        rung_began_at=None,
        reason="",
    )
    return (Due.NEXT_RUNG if event is Event.NEXT_RUNG else Due.TO_CALL), moved
