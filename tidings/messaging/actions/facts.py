"""A fact that people bring, written as the engine writes its own: the fact itself, the recipient's row, its chunk's tallies.

What it does to the row is decided in `engine/moves.py`, for this and for both ledgers. Call it inside the action's
transaction, with the recipient's row locked.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.moves import Standing, after_fact, counted, tried
from tidings.messaging.models import Broadcast, Chunk, Recipient, Result
from tidings.messaging.rules.delivery import Outcome, Rung

_FIELDS = (
    "state", "standing", "attempt", "doubts", "next_at", "rung_began_at", "reached_at", "reason",
)  # fmt: skip
_GOOD = (Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.CONFIRMED)


def add_fact(
    row: Recipient,
    outcome: Outcome,
    at: datetime,
    *,
    reply: str = "",
    attempt: int = 0,
    next_at: datetime | None = None,
    refusal: str | None = None,
    relay_id: UUID | None = None,
) -> bool:
    """Keeps a fact about the recipient's present rung and moves the row accordingly; False where it was known.

    Attempt 0 stands for the rung as a whole. `next_at` is when to look again at a row that is not done.
    """
    known = list(Result.objects.filter(delivery_id=row.delivery_id).values_list("attempt", "outcome"))
    if (attempt, outcome) in known:
        return False
    Result.objects.create(
        delivery_id=row.delivery_id,
        attempt=attempt,
        outcome=outcome,
        recipient_id=row.pk,
        broadcast_id=row.broadcast_id,
        relay_id=relay_id,
        refusal=refusal,  # type: ignore[misc]  # may be null
        reply=reply,
        at=at,
    )
    named = row.delivery_id, attempt, outcome, at, row.pk, row.broadcast_id
    fact = Fact(*named, relay_id, refusal, reply, next_at)
    settle = Broadcast.objects.values_list("settle_seconds", flat=True).get(pk=row.broadcast_id)
    write(row, after_fact(standing(row), known, fact, timedelta(seconds=settle)))
    _shift(row, known, fact)
    return True


def standing(row: Recipient) -> Standing:
    """The part of a recipient's row that moves, as the engine knows it."""
    return Standing(
        state=row.state,
        standing=row.standing,
        attempt=row.attempt,
        doubts=row.doubts,
        rung=row.rung,
        delivery_id=row.delivery_id,
        channel=row.channel,
        address=row.address,
        further=tuple(Rung(one["channel"], one["address"]) for one in row.further),
        next_at=row.next_at,
        rung_began_at=row.rung_began_at,
        reached_at=row.reached_at,
        reason=row.reason,
        earlier=tuple(tried(one) for one in row.earlier),
        needs_confirmed=row.needs_confirmed,
    )


def write(row: Recipient, moved: Standing) -> None:
    """Writes what moved within its rung."""
    for name in _FIELDS:
        setattr(row, name, getattr(moved, name))
    row.save(update_fields=_FIELDS)


def _shift(row: Recipient, known: list[tuple[int, str]], fact: Fact) -> None:
    """The chunk's tallies follow, as they do when the ledger hears of evidence."""
    if row.chunk_id is None:
        return
    before, after = counted(known, row.attempt), counted([*known, (fact.attempt, fact.outcome)], row.attempt)
    changes = {name: F(name) + by for name, by in ((before, -1), (after, 1)) if name and before != after}
    if after in _GOOD and before not in _GOOD and row.due_by is not None and fact.at > row.due_by:
        changes["accepted_late"] = F("accepted_late") + 1
    if changes:
        Chunk.objects.filter(pk=row.chunk_id).update(**changes)
