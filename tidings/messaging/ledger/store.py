"""The rows of the PostgreSQL ledger, for `engine/mover.py`. Statements stand in `statements.py`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.mover import Held, NewChunk
from tidings.messaging.engine.moves import TALLIES, Standing, as_kept, tried
from tidings.messaging.ledger import statements as sql
from tidings.messaging.rules.delivery import Rung, destination_of


class PostgresStore:
    """Works on one connection, inside a transaction of the ledger's."""

    def __init__(self, connection: "psycopg.AsyncConnection[tuple[Any, ...]]") -> None:
        self._connection = connection

    async def recipients(self, ids: Sequence[UUID]) -> list[Held]:
        cursor = await self._connection.execute(sql.LOCK_RECIPIENTS, (list(ids),))
        return [_held(row) for row in await cursor.fetchall()]

    async def due(self, now: datetime, limit: int) -> list[Held]:
        cursor = await self._connection.execute(sql.DUE_RECIPIENTS, (now, limit))
        return [_held(row) for row in await cursor.fetchall()]

    async def known(self, delivery_ids: Sequence[UUID]) -> Iterable[tuple[UUID, int, str]]:
        cursor = await self._connection.execute(sql.KNOWN_FACTS, (list(delivery_ids),))
        return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]

    async def keep(self, fact: Fact) -> None:
        values = (fact.delivery_id, fact.attempt, fact.outcome, fact.recipient_id, fact.broadcast_id)
        said = (fact.relay_id, fact.refusal, _storable(fact.reply), fact.at)
        await self._connection.execute(sql.KEEP, (*values, *said))

    async def refer(self, fact: Fact) -> None:
        values = (fact.relay_id, _storable(fact.reference), fact.delivery_id, fact.recipient_id)
        await self._connection.execute(sql.REFER, (*values, fact.broadcast_id, fact.attempt, fact.at))

    async def channels(self) -> frozenset[str]:
        cursor = await self._connection.execute(sql.CHANNELS)
        return frozenset(row[0] for row in await cursor.fetchall())

    async def blame(self, fact: Fact, channel: str, address: str) -> None:
        values = (
            fact.delivery_id,
            channel,
            address,
            _storable(fact.reply),
            fact.at,
            fact.broadcast_id,
            fact.relay_id,
        )
        await self._connection.execute(sql.BLAME, values)

    async def move(self, recipient_id: UUID, row: Standing) -> None:
        further = Jsonb([{"channel": rung.channel, "address": rung.address} for rung in row.further])
        place = (row.rung, row.delivery_id, row.channel, row.address, further)
        times = (row.next_at, row.rung_began_at, row.reached_at)
        earlier = Jsonb([as_kept(one) for one in row.earlier])
        values = (
            row.state,
            row.standing,
            row.attempt,
            row.doubts,
            *place,
            *times,
            row.reason,
            earlier,
            recipient_id,
        )
        await self._connection.execute(sql.CHANGE, values)

    async def place(
        self, recipient_id: UUID, chunk_id: UUID | None, place: int | None, destination: str
    ) -> None:
        await self._connection.execute(sql.PLACE, (chunk_id, place, destination, recipient_id))

    async def add_chunk(self, chunk: NewChunk) -> None:
        named = (chunk.id, chunk.broadcast_id, chunk.epoch, chunk.lane, chunk.channel, chunk.destination)
        await self._connection.execute(sql.NEW_CHUNK, (*named, chunk.language, chunk.due_by, chunk.size))

    async def shift(self, chunk_id: UUID, tallies: Mapping[str, int]) -> None:
        sets = ", ".join(f"{name} = {name} + %s" for name in tallies)
        await self._connection.execute(
            f"UPDATE messaging_chunk SET {sets} WHERE id = %s".encode(),  # noqa: S608 - our own column names
            (*tallies.values(), chunk_id),
        )

    async def to_presume(self, now: datetime, limit: int) -> list[UUID]:
        cursor = await self._connection.execute(sql.CHUNKS_TO_SETTLE, (now, limit))
        return [row[0] for row in await cursor.fetchall()]

    async def presume(self, chunk_id: UUID) -> int:
        cursor = await self._connection.execute(sql.PRESUME, (chunk_id,))
        return sum(row[0] == "reached" for row in await cursor.fetchall())

    async def chunk_facts(self, chunk_id: UUID) -> Iterable[tuple[UUID, int, int, str, bool | None]]:
        cursor = await self._connection.execute(sql.CHUNK_FACTS, (chunk_id,))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in await cursor.fetchall()]

    async def settled(self, chunk_id: UUID, now: datetime, tallies: Mapping[str, int]) -> None:
        counts = [tallies[tally] for tally in (*TALLIES, "accepted_late")]
        await self._connection.execute(sql.SETTLED, (now, *counts, chunk_id))

    async def destination(self, address: str) -> str:
        domain = address.rpartition("@")[2].lower()
        cursor = await self._connection.execute(sql.DESTINATION, (domain,))
        found = await cursor.fetchone()
        return str(found[0]) if found else destination_of(domain)


def _held(found: tuple[Any, ...]) -> Held:
    recipient_id, chunk_id, broadcast_id, settle, patience, lane, language, destination, due_by, *moving = (
        found
    )
    state, standing, attempt, doubts, rung, delivery_id, channel, address, further, *times = moving
    next_at, rung_began_at, reached_at, reason, earlier, needs_confirmed, calls_unproved = times
    row = Standing(
        state=state,
        standing=standing,
        attempt=attempt,
        doubts=doubts,
        rung=rung,
        delivery_id=delivery_id,
        channel=channel,
        address=address,
        further=tuple(Rung(one["channel"], one["address"]) for one in further),
        next_at=next_at,
        rung_began_at=rung_began_at,
        reached_at=reached_at,
        reason=reason,
        earlier=tuple(tried(one) for one in earlier),
        needs_confirmed=needs_confirmed,
    )
    return Held(
        recipient_id,
        chunk_id,
        broadcast_id,
        timedelta(seconds=settle),
        timedelta(seconds=patience),
        lane,
        language,
        destination,
        due_by,
        row,
        calls_unproved,
    )


def _storable(reply: str) -> str:
    """A server may say anything; the database keeps no NUL."""
    return reply.replace("\0", "")
