"""The six verbs on PostgreSQL. What to decide is decided in `engine/moves.py`; what to write stands in `statements.py`."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from tidings.kernel.ids import new_id
from tidings.messaging.engine.ledger import (
    Ask,
    Fact,
    Fenced,
    Lease,
    Pause,
    RelayAccess,
    Released,
    Row,
    Settled,
    Tallies,
    Unavailable,
    connections_for_one,
)
from tidings.messaging.engine.mover import Mover
from tidings.messaging.ledger import statements as sql
from tidings.messaging.ledger.parameters import of_ask, of_release
from tidings.messaging.ledger.store import PostgresStore
from tidings.messaging.rules.delivery import LANE_ORDER

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
_RENEW_AFTER_SECONDS = 15.0
_LANES = {"single": ["single", "bulk"]}


class PostgresLedger:
    """Use as an async context manager. `unseal` opens a relay's secret; `most` bounds its own connections."""

    def __init__(self, conninfo: str, unseal: Callable[[bytes], str], *, most: int = 8) -> None:
        self._unseal = unseal
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=most,
            open=False,
            timeout=3.0,
            reconnect_timeout=5.0,
            kwargs={"autocommit": True},
        )
        self._renewed: dict[UUID, float] = {}
        self._recovered: frozenset[UUID] = frozenset()

    async def __aenter__(self) -> "PostgresLedger":
        await self._pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()

    # The six verbs.

    async def lease(self, ask: Ask) -> Lease | None:
        """See `Ledger`."""
        async with self._transaction(ask.epoch) as connection:
            skip = ["/".join(busy) for busy in ask.busy]
            while True:
                values = of_ask(ask) | {"skip": skip}
                candidate = await self._candidate(connection, ask, values)
                if candidate is None:
                    return None
                slots = await self._slots(connection, ask, candidate)
                if slots:
                    return await self._take(connection, ask, candidate, slots)
                skip.append("/".join((candidate[3], candidate[2], candidate[4])))

    async def release(self, lease: Lease, facts: Sequence[Fact], *, give_back: bool = False) -> Released:
        """See `Ledger`."""
        statement, values = of_release(lease, facts, give_back=give_back)
        referred = [fact for fact in facts if fact.reference]
        if not give_back and not referred and not self._to_renew(lease):
            async with self._connection() as connection:  # the one statement is a transaction of its own
                row = await _one(connection, statement, values)
                if row is not None:
                    if row[2] == "done":
                        await self._tend_slots(connection, lease, ended=True)
                    return _released(row)
        async with self._transaction() as connection:
            store = PostgresStore(connection)
            row = await _one(connection, statement, values)
            if row is not None:
                for fact in referred:
                    await store.refer(fact)
                await self._tend_slots(connection, lease, ended=give_back or row[2] == "done")
                return _released(row)
            await self._check(connection, lease.epoch)
            await Mover(store).record(facts)
            await self._tend_slots(connection, lease, ended=True)
            return Released(0, None, "lost")

    async def record(self, epoch: int, facts: Sequence[Fact]) -> int:
        """See `Ledger`."""
        async with self._transaction(epoch) as connection:
            return await Mover(PostgresStore(connection)).record(facts)

    async def settle(self, epoch: int, now: datetime) -> Settled:
        """See `Ledger`. Several may settle at once; each takes other rows.

        What an older epoch left unfinished (whoever began this one) becomes uncertain here.
        """
        async with self._transaction(epoch) as connection:
            left = await _one(connection, sql.OLD_CHUNKS, (epoch,))
            if left and left[0]:
                await self._doubt_older(connection, epoch)
            return await Mover(PostgresStore(connection)).settle(epoch, now)

    async def pause(self, epoch: int, pause: Pause) -> None:
        """See `Ledger`. The same stop twice is one."""
        values = {
            "id": new_id(),
            "scope": pause.scope,
            "thing": pause.thing,
            "reason": pause.reason,
            "detail": pause.detail,
            "by": pause.by,
            "until": pause.until,
        }
        async with self._transaction(epoch) as connection:
            await connection.execute(sql.END_PAUSE if pause.ended else sql.BEGIN_PAUSE, values)

    async def tallies(self, broadcast_id: UUID) -> Tallies:
        """See `Ledger`."""
        async with self._transaction() as connection:
            row = await _one(connection, sql.TALLIES, {"broadcast": broadcast_id})
        total, no_address, handed_over, accepted, delivered, confirmed, later, refused, uncertain, *rest = (
            int(count) for count in row or ()
        )
        counted = handed_over + accepted + delivered + confirmed + later + refused + uncertain + no_address
        return Tallies(
            total=total,
            pending=total - counted,
            handed_over=handed_over,
            accepted=accepted,
            delivered=delivered,
            confirmed=confirmed,
            later=later,
            refused=refused,
            uncertain=uncertain,
            no_address=no_address,
            accepted_late=rest[0],
            presumed=rest[1],
        )

    # Epochs.

    async def epoch(self) -> int:
        """The epoch that this ledger lives in."""
        async with self._transaction() as connection:
            row = await _one(connection, sql.EPOCH)
            return int(row[0]) if row else 0

    async def begin_epoch(self, reason: str, by: str) -> int:
        """Begins a new epoch, paused: what is planned and not settled becomes uncertain, and every worker is fenced."""
        async with self._transaction() as connection:
            row = await _one(connection, sql.BEGIN_EPOCH, (reason, by))
            number = int(row[0]) if row else 0
            await self._doubt_older(connection, number)
            pause = {
                "id": new_id(),
                "scope": "everything",
                "thing": "",
                "detail": "",
                "by": by,
                "until": None,
            }
            await connection.execute(sql.BEGIN_PAUSE, {**pause, "reason": reason})
        return number

    async def _doubt_older(self, connection: Connection, epoch: int) -> None:
        await connection.execute(sql.DOUBT_EVERYTHING, (epoch,))
        await connection.execute(sql.CLOSE_OLD_CHUNKS, (epoch,))
        await connection.execute(sql.CLEAR_OLD_DOUBTS, (epoch,))
        await connection.execute(sql.FREE_ALL_SLOTS)

    # Parts of leasing.

    async def _candidate(
        self, connection: Connection, ask: Ask, values: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """The next chunk. Ended lives take no leases any more: once none of theirs is left, none will be."""
        if ask.journals != self._recovered:
            left = await _one(connection, sql.LEFT_BEHIND, (list(ask.journals),))
            if left and left[0]:
                return await _one(connection, sql.CANDIDATE, values)
            self._recovered = ask.journals
        for lane in LANE_ORDER:
            found = await _one(connection, sql.NEXT, values | {"lane": lane})
            if found is not None:
                return found
        return None

    async def _slots(
        self, connection: Connection, ask: Ask, candidate: tuple[Any, ...]
    ) -> list[tuple[UUID, float]]:
        chunk_id, _, lane, channel, destination, _, size, *_rest, drill, _settle, more = candidate
        values = of_ask(ask) | {
            "chunk": chunk_id,
            "channel": channel,
            "lanes": _LANES.get(lane, ["bulk"]),
            "destination": destination,
            "drill": drill,
            "connections": min(connections_for_one(ask, more=more), size),
        }
        cursor = await connection.execute(sql.SLOTS, values)
        return cast(list[tuple[UUID, float]], await cursor.fetchall())

    async def _take(
        self, connection: Connection, ask: Ask, candidate: tuple[Any, ...], slots: list[tuple[UUID, float]]
    ) -> Lease | None:
        chunk_id, broadcast_id, lane, channel, destination, language, size, released, previous, *rest = (
            candidate
        )
        drill, settle_seconds, _more = rest
        doubtful, ahead = await self._members(connection, chunk_id, size, released, previous)
        base = size - len(ahead)
        relay = await self._relay(connection, slots[0][0])
        values = {"released": base, "recorded": base - len(doubtful), "chunk": chunk_id}
        asked = {"life": ask.life, "relay": relay.id, "seconds": ask.seconds}
        taken = await _one(connection, sql.TAKE, {**values, **asked})
        if taken is None:
            raise Unavailable("chunk_gone")
        self._renewed[chunk_id] = time.monotonic()
        return Lease(
            chunk_id=chunk_id,
            broadcast_id=broadcast_id,
            life=ask.life,
            epoch=ask.epoch,
            lane=lane,
            channel=channel,
            destination=destination,
            language=language,
            drill=drill,
            settle_seconds=settle_seconds,
            size=size,
            released=base,
            window=len(slots),
            until=taken[0],
            seconds=ask.seconds,
            relay=relay,
            connections=len(slots),
            rate=sum(rate for _, rate in slots),
            text=await self._text(connection, broadcast_id, language, channel),
            rows=ahead,
            doubtful=doubtful,
            previous=previous,
        )

    async def _members(
        self, connection: Connection, chunk_id: UUID, size: int, released: int, previous: UUID | None
    ) -> tuple[list[Row], list[Row]]:
        """Those that a former life released and did not record, and those still to go, whose places follow each other."""
        values = {"chunk": chunk_id, "fresh": released == 0}
        cursor = await connection.execute(sql.ROWS, values, binary=True)
        found = list(map(Row._make, await cursor.fetchall()))
        doubtful = [row for row in found if previous and row.place < released]
        ahead = [row for row in found if not (previous and row.place < released)]
        base = size - len(ahead)
        if base != released or (released and not previous):
            ahead = [row._replace(place=base + at) for at, row in enumerate(ahead)]
            places = [row.recipient_id for row in ahead], [row.place for row in ahead]
            await connection.execute(sql.PLACES, places)
        return doubtful, ahead

    async def _text(self, connection: Connection, broadcast_id: UUID, language: str, channel: str) -> str:
        row = await _one(connection, sql.TEXT, (broadcast_id, language, channel))
        return str(row[0]) if row else "{}"

    async def _relay(self, connection: Connection, relay_id: UUID) -> RelayAccess:
        row = await _one(connection, sql.RELAY, (relay_id,))
        if row is None:
            raise Unavailable("relay_gone")
        own_id, code, kind, host, port, security, user, secret, receipts, service, settings = row
        password, settings = (self._unseal(bytes(sealed)) if sealed else "" for sealed in (secret, settings))
        named = own_id, code, kind, host, port
        return RelayAccess(*named, security, user, password, receipts, service, settings)

    async def _tend_slots(self, connection: Connection, lease: Lease, *, ended: bool) -> None:
        if ended:
            self._renewed.pop(lease.chunk_id, None)
            await connection.execute(sql.FREE_SLOTS, (lease.chunk_id, lease.life))
        elif self._to_renew(lease):
            self._renewed[lease.chunk_id] = time.monotonic()
            await connection.execute(sql.RENEW_SLOTS, (lease.seconds, lease.chunk_id, lease.life))

    def _to_renew(self, lease: Lease) -> bool:
        return time.monotonic() - self._renewed.get(lease.chunk_id, 0) > _RENEW_AFTER_SECONDS

    # Transactions.

    @asynccontextmanager
    async def _transaction(self, epoch: int | None = None) -> AsyncIterator[Connection]:
        async with self._connection() as connection, connection.transaction():
            if epoch is not None:
                await self._check(connection, epoch)
            yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as away:
            raise Unavailable(type(away).__name__) from away

    async def _check(self, connection: Connection, epoch: int) -> None:
        row = await _one(connection, sql.EPOCH)
        if row is None or row[0] != epoch:
            raise Fenced(f"epoch {epoch} is over")


async def _one(
    connection: Connection, statement: LiteralString, values: Any = None
) -> tuple[Any, ...] | None:
    cursor = await connection.execute(statement, values)
    return await cursor.fetchone()


def _released(row: tuple[Any, ...]) -> Released:
    released, until, state, paused = row
    return Released(released, until, "paused" if paused else "", state == "done")
