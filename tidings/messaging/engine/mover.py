"""Moves recipients' rows in whichever store: facts that come from anywhere, and what is due. The hot path passes by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from tidings.kernel.ids import new_id
from tidings.messaging.engine.ledger import Fact, Settled
from tidings.messaging.engine.moves import (
    TALLIES,
    Due,
    Standing,
    after_fact,
    after_old_fact,
    blamed,
    counted,
    when_due,
)

CHUNK_SIZE = 500
MOST_AT_ONCE = 2000
_GOOD = ("accepted", "delivered", "confirmed")
Known = dict[UUID, list[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Held:
    """A locked recipient: what moves, and what says where it belongs. `calls_unproved` False: whoever took its mail gives no
    receipts, and people are not called for want of one."""

    id: UUID
    chunk_id: UUID | None
    broadcast_id: UUID
    settle: timedelta
    patience: timedelta
    lane: str
    language: str
    destination: str
    due_by: datetime | None
    row: Standing
    calls_unproved: bool = True


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk to be made of rows that are due."""

    id: UUID
    broadcast_id: UUID
    epoch: int
    lane: str
    channel: str
    destination: str
    language: str
    due_by: datetime | None
    size: int


class Store(Protocol):
    """What the mover asks of a store, inside one transaction of the ledger's."""

    async def recipients(self, ids: Sequence[UUID]) -> Sequence[Held]:
        """These recipients, locked, in order of id."""

    async def due(self, now: datetime, limit: int) -> Sequence[Held]:
        """Recipients whose `next_at` has passed, locked; those of a stopped broadcast wait."""

    async def known(self, delivery_ids: Sequence[UUID]) -> Iterable[tuple[UUID, int, str]]:
        """The facts of these deliveries: delivery, attempt, outcome."""

    async def keep(self, fact: Fact) -> None:
        """Adds a fact that is not there yet."""

    async def refer(self, fact: Fact) -> None:
        """Keeps the service's own id for what it took."""

    async def channels(self) -> frozenset[str]:
        """The rungs that we can send by now."""

    async def blame(self, fact: Fact, channel: str, address: str) -> None:
        """Tells those above that a server says this address is at fault."""

    async def move(self, recipient_id: UUID, row: Standing) -> None:
        """Writes what moved."""

    async def place(
        self, recipient_id: UUID, chunk_id: UUID | None, place: int | None, destination: str
    ) -> None:
        """Puts a recipient into a chunk, or into none."""

    async def add_chunk(self, chunk: NewChunk) -> None:
        """Makes a chunk, open."""

    async def shift(self, chunk_id: UUID, tallies: Mapping[str, int]) -> None:
        """Adds to a chunk's tallies."""

    async def to_presume(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Chunks that are done and whose settling time has passed, locked."""

    async def presume(self, chunk_id: UUID) -> int:
        """Takes a chunk's accepted rows as reached; gives how many."""

    async def chunk_facts(self, chunk_id: UUID) -> Iterable[tuple[UUID, int, int, str, bool | None]]:
        """Recipient, its present attempt, and each fact: attempt, outcome, whether after the deadline."""

    async def settled(self, chunk_id: UUID, now: datetime, tallies: Mapping[str, int]) -> None:
        """Sets a chunk's tallies, and that it is settled."""

    async def destination(self, address: str) -> str:
        """The group of servers that takes mail for an address."""


class Mover:
    """Works inside one transaction of the ledger's. All its decisions are `moves`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, facts: Sequence[Fact]) -> int:
        """Keeps the facts that are new; gives how many."""
        if not facts:
            return 0
        recipients = await self._store.recipients([fact.recipient_id for fact in facts])
        held = {one.id: one for one in recipients}
        known = await self._known([fact.delivery_id for fact in facts])
        new = 0
        moved: dict[UUID, Standing] = {}
        shifts: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for fact in facts:
            if (fact.attempt, fact.outcome) in known[fact.delivery_id]:
                continue
            new += 1
            await self._store.keep(fact)
            if fact.reference:
                await self._store.refer(fact)
            one = held.get(fact.recipient_id)
            if one is not None:
                row = moved.get(one.id, one.row)
                at_fault = blamed(fact, row)
                if at_fault is not None:
                    await self._store.blame(fact, at_fault.channel, at_fault.address)
                moved[one.id] = self._after(one, row, fact, known[fact.delivery_id], shifts)
            known[fact.delivery_id].append((fact.attempt, fact.outcome))
        for recipient_id, row in moved.items():
            await self._store.move(recipient_id, row)
        await self._shift(shifts)
        return new

    async def settle(self, epoch: int, now: datetime) -> Settled:
        """Presumes what has settled, and moves on what is due."""
        reached = await self._presume(now)
        due: dict[Due, list[tuple[Held, Standing]]] = defaultdict(list)
        moving = await self._store.due(now, MOST_AT_ONCE)
        channels = await self._store.channels() if moving else frozenset()
        for one in moving:
            what, row = when_due(
                one.row,
                channels=channels,
                patience=one.patience,
                due_by=one.due_by,
                new_id=new_id(),
                now=now,
                calls_unproved=one.calls_unproved,
            )
            due[what].append((one, row))
        for what in (Due.REACHED, Due.TO_CALL, Due.UNREACHABLE, Due.NOTHING):
            for one, row in due[what]:
                await self._store.move(one.id, row)
        await self._leave(due[Due.TO_CALL])
        await self._gather(epoch, [*due[Due.AGAIN], *due[Due.NEXT_RUNG]])
        return Settled(
            reached=reached + len(due[Due.REACHED]),
            again=len(due[Due.AGAIN]),
            next_rung=len(due[Due.NEXT_RUNG]),
            to_call=len(due[Due.TO_CALL]),
            unreachable=len(due[Due.UNREACHABLE]),
        )

    # Facts.

    def _after(
        self,
        one: Held,
        row: Standing,
        fact: Fact,
        known: list[tuple[int, str]],
        shifts: dict[UUID, dict[str, int]],
    ) -> Standing:
        if fact.delivery_id != row.delivery_id:
            return after_old_fact(row, fact)
        if one.chunk_id is not None:
            before = counted(known, row.attempt)
            after = counted([*known, (fact.attempt, fact.outcome)], row.attempt)
            shift = shifts[one.chunk_id]
            shift[before] -= 1
            shift[after] += 1
            if after in _GOOD and before not in _GOOD and one.due_by is not None and fact.at > one.due_by:
                shift["accepted_late"] += 1
        return after_fact(row, known, fact, one.settle)

    async def _known(self, delivery_ids: Iterable[UUID]) -> Known:
        known: Known = defaultdict(list)
        for delivery_id, attempt, outcome in await self._store.known(list(set(delivery_ids))):
            known[delivery_id].append((attempt, outcome))
        return known

    # What is due.

    async def _presume(self, now: datetime) -> int:
        reached = 0
        for chunk_id in await self._store.to_presume(now, 20):
            reached += await self._store.presume(chunk_id)
            await self._count_again(chunk_id, now)
        return reached

    async def _count_again(self, chunk_id: UUID, now: datetime) -> None:
        """The tallies from the facts themselves: whatever crossed on the way is right from here on."""
        facts: Known = defaultdict(list)
        attempts: dict[UUID, int] = {}
        late: set[UUID] = set()
        for recipient_id, current, attempt, outcome, is_late in await self._store.chunk_facts(chunk_id):
            facts[recipient_id].append((attempt, outcome))
            attempts[recipient_id] = current
            if is_late and outcome in _GOOD:
                late.add(recipient_id)
        sums = dict.fromkeys((*TALLIES, "accepted_late"), 0)
        for recipient_id, known in facts.items():
            tally = counted(known, attempts[recipient_id])
            if tally:
                sums[tally] += 1
                sums["accepted_late"] += tally in _GOOD and recipient_id in late
        await self._store.settled(chunk_id, now, sums)

    async def _gather(self, epoch: int, rows: Sequence[tuple[Held, Standing]]) -> None:
        """New chunks of what goes together; the chunks they leave count them as moved."""
        groups: dict[tuple[Any, ...], list[tuple[Held, Standing]]] = defaultdict(list)
        for one, row in rows:
            destination = one.destination
            if row.address != one.row.address:
                destination = await self._store.destination(row.address or "")
            groups[one.broadcast_id, one.lane, row.channel, destination, one.language].append((one, row))
        await self._count_moved([one for one, _ in rows])
        for (broadcast_id, lane, channel, destination, language), members in groups.items():
            for start in range(0, len(members), CHUNK_SIZE):
                part = members[start : start + CHUNK_SIZE]
                due_by = min((one.due_by for one, _ in part if one.due_by), default=None)
                chunk = NewChunk(
                    new_id(), broadcast_id, epoch, lane, channel, destination, language, due_by, len(part)
                )
                await self._store.add_chunk(chunk)
                for place, (one, row) in enumerate(part):
                    await self._store.move(one.id, row)
                    await self._store.place(one.id, chunk.id, place, destination)

    async def _leave(self, rows: Sequence[tuple[Held, Standing]]) -> None:
        """Whom people call belongs to no chunk any more: nothing is sent to them."""
        await self._count_moved([one for one, _ in rows])
        for one, _ in rows:
            await self._store.place(one.id, None, None, one.destination)

    async def _count_moved(self, rows: Sequence[Held]) -> None:
        known = await self._known(one.row.delivery_id for one in rows)
        shifts: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for one in rows:
            if one.chunk_id is not None:
                shifts[one.chunk_id][counted(known[one.row.delivery_id], one.row.attempt)] -= 1
                shifts[one.chunk_id]["moved"] += 1
        await self._shift(shifts)

    async def _shift(self, shifts: dict[UUID, dict[str, int]]) -> None:
        for chunk_id in sorted(shifts):
            tallies = {name: by for name, by in shifts[chunk_id].items() if name and by}
            if tallies:
                await self._store.shift(chunk_id, tallies)
