"""The rows of the SQLite ledger, for `engine/mover.py`. The ledger has begun the transaction."""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tidings.lifeboat import schema as sql
from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.mover import Held, NewChunk
from tidings.messaging.engine.moves import Standing, as_kept, tried
from tidings.messaging.rules.delivery import Rung, destination_of, evidence_by, patience_on


class SqliteStore:
    """Works on one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def recipients(self, ids: Sequence[UUID]) -> list[Held]:
        wanted = json.dumps([str(one) for one in ids])
        where = " WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id"
        return [_held(row) for row in self._db.execute(sql.MOVING + where, (wanted,))]

    async def due(self, now: datetime, limit: int) -> list[Held]:
        values = {"now": now.timestamp(), "limit": limit, "clock": time.time()}
        return [_held(row) for row in self._db.execute(sql.DUE, values)]

    async def known(self, delivery_ids: Sequence[UUID]) -> Iterable[tuple[UUID, int, str]]:
        wanted = json.dumps([str(one) for one in delivery_ids])
        found = self._db.execute(
            "SELECT delivery_id, attempt, outcome FROM result WHERE delivery_id IN (SELECT value FROM json_each(?))",
            (wanted,),
        )
        return [(UUID(row[0]), row[1], row[2]) for row in found]

    async def keep(self, fact: Fact) -> None:
        relay = str(fact.relay_id) if fact.relay_id else None
        ids = str(fact.recipient_id), str(fact.broadcast_id), relay
        self._db.execute(
            "INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (str(fact.delivery_id), fact.attempt, fact.outcome, *ids, fact.refusal, fact.reply, _s(fact.at)),
        )

    async def refer(self, fact: Fact) -> None:
        ids = str(fact.delivery_id), str(fact.recipient_id), str(fact.broadcast_id)
        self._db.execute(
            "INSERT OR IGNORE INTO reference VALUES (?, ?, ?, ?, ?, ?, ?)",
            (str(fact.relay_id), fact.reference, *ids, fact.attempt, _s(fact.at)),
        )

    async def channels(self) -> frozenset[str]:
        found = self._db.execute("SELECT DISTINCT channel FROM relay WHERE enabled UNION SELECT 'email'")
        return frozenset(row[0] for row in found)

    async def blame(self, fact: Fact, channel: str, address: str) -> None:
        """Nothing: the customers are at home, where this fact blames the address once it is brought back."""

    async def move(self, recipient_id: UUID, row: Standing) -> None:
        further = json.dumps([{"channel": rung.channel, "address": rung.address} for rung in row.further])
        earlier = json.dumps([as_kept(one) for one in row.earlier])
        rung = (row.rung, str(row.delivery_id), row.channel, row.address, further)
        times = (_s(row.next_at), _s(row.rung_began_at), _s(row.reached_at))
        self._db.execute(
            "UPDATE recipient SET state = ?, standing = ?, attempt = ?, doubts = ?, rung = ?, delivery_id = ?,"
            " channel = ?, address = ?, further = ?, next_at = ?, rung_began_at = ?, reached_at = ?, reason = ?,"
            " earlier = ? WHERE id = ?",
            (
                row.state,
                row.standing,
                row.attempt,
                row.doubts,
                *rung,
                *times,
                row.reason,
                earlier,
                str(recipient_id),
            ),
        )

    async def place(
        self, recipient_id: UUID, chunk_id: UUID | None, place: int | None, destination: str
    ) -> None:
        self._db.execute(
            "UPDATE recipient SET chunk_id = ?, place = ?, destination = ? WHERE id = ?",
            (str(chunk_id) if chunk_id else None, place, destination, str(recipient_id)),
        )

    async def add_chunk(self, chunk: NewChunk) -> None:
        where = (chunk.epoch, chunk.lane, chunk.channel, chunk.destination, chunk.language)
        self._db.execute(
            "INSERT INTO chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (str(chunk.id), str(chunk.broadcast_id), *where, _s(chunk.due_by), chunk.size),
        )

    async def shift(self, chunk_id: UUID, tallies: Mapping[str, int]) -> None:
        sets = ", ".join(f"{name} = {name} + ?" for name in tallies)
        self._db.execute(f"UPDATE chunk SET {sets} WHERE id = ?", (*tallies.values(), str(chunk_id)))  # noqa: S608

    async def to_presume(self, now: datetime, limit: int) -> list[UUID]:
        found = self._db.execute(
            "SELECT c.id FROM chunk c JOIN broadcast b ON b.id = c.broadcast_id WHERE c.state = 'done'"
            " AND c.settled_at IS NULL AND c.finished_at + b.settle_seconds <= ? ORDER BY c.finished_at LIMIT ?",
            (now.timestamp(), limit),
        )
        return [UUID(row[0]) for row in found]

    async def presume(self, chunk_id: UUID) -> int:
        reached = 0
        for row in self._db.execute(sql.PRESUME, (str(chunk_id),)).fetchall():
            accepted = row["outcome"] == "accepted"
            counts = accepted and not row["needs_confirmed"]
            waits = not counts and (accepted or row["further"] != "[]")
            reached += counts
            self._db.execute(
                "UPDATE recipient SET state = ?, standing = ?, reached_at = ?, next_at = ?,"
                " rung_began_at = CASE WHEN ? THEN coalesce(rung_began_at, ?) ELSE rung_began_at END WHERE id = ?",
                (
                    "reached" if counts else "trying",
                    row["outcome"],
                    row["at"] if counts else None,
                    _evidence_by(row) if waits else None,
                    waits,
                    row["at"],
                    row["id"],
                ),
            )
        return reached

    async def chunk_facts(self, chunk_id: UUID) -> Iterable[tuple[UUID, int, int, str, bool | None]]:
        found = self._db.execute(
            "SELECT r.id, r.attempt, x.attempt, x.outcome, x.at > r.due_by FROM recipient r"
            " JOIN result x ON x.delivery_id = r.delivery_id WHERE r.chunk_id = ?",
            (str(chunk_id),),
        )
        return [(UUID(row[0]), row[1], row[2], row[3], bool(row[4])) for row in found.fetchall()]

    async def settled(self, chunk_id: UUID, now: datetime, tallies: Mapping[str, int]) -> None:
        sets = ", ".join(f"{name} = ?" for name in tallies)
        self._db.execute(
            f"UPDATE chunk SET settled_at = ?, {sets} WHERE id = ?",  # noqa: S608 - our own column names
            (now.timestamp(), *tallies.values(), str(chunk_id)),
        )

    async def destination(self, address: str) -> str:
        return destination_of(address.rpartition("@")[2])


def _evidence_by(row: sqlite3.Row) -> float | None:
    began_at, patience = datetime.fromtimestamp(row["at"], UTC), timedelta(seconds=row["patience_seconds"])
    left = len(json.loads(row["further"]))
    patience = patience_on(row["channel"], patience, left)
    return _s(evidence_by(began_at, _at(row["due_by"]), patience, left))


def _s(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None


def _at(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _held(found: sqlite3.Row) -> Held:
    row = Standing(
        state=found["state"],
        standing=found["standing"],
        attempt=found["attempt"],
        doubts=found["doubts"],
        rung=found["rung"],
        delivery_id=UUID(found["delivery_id"]),
        channel=found["channel"],
        address=found["address"],
        further=tuple(Rung(one["channel"], one["address"]) for one in json.loads(found["further"])),
        next_at=_at(found["next_at"]),
        rung_began_at=_at(found["rung_began_at"]),
        reached_at=_at(found["reached_at"]),
        reason=found["reason"],
        earlier=tuple(tried(one) for one in json.loads(found["earlier"])),
        needs_confirmed=bool(found["needs_confirmed"]),
    )
    return Held(
        id=UUID(found["id"]),
        chunk_id=UUID(found["chunk_id"]) if found["chunk_id"] else None,
        broadcast_id=UUID(found["broadcast_id"]),
        settle=timedelta(seconds=found["settle_seconds"]),
        patience=timedelta(seconds=found["patience_seconds"]),
        lane=found["lane"],
        language=found["language"],
        destination=found["destination"],
        due_by=_at(found["due_by"]),
        row=row,
        calls_unproved=bool(found["calls_unproved"]),
    )
