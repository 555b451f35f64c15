"""The ledger on SQLite: one file, one machine, the same promises as the main system's. `engine/ledger.py` says which.

Calls are short and made on the event loop's own thread; each is one transaction that locks the file.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tidings.kernel.ids import new_id
from tidings.lifeboat import schema as sql
from tidings.lifeboat.store import SqliteStore
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
from tidings.messaging.engine.moves import TALLIES

_OPEN_SECONDS_AFTER = 6
_LANES = {"single": ["single", "bulk"]}


class SqliteLedger:
    """Opens, or makes, the file at `path`. `unseal` opens a relay's secret."""

    def __init__(self, path: Path, unseal: Callable[[bytes], str]) -> None:
        self._unseal = unseal
        self._db = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(sql.SCHEMA)

    def close(self) -> None:
        self._db.close()

    # The six verbs.

    async def lease(self, ask: Ask) -> Lease | None:
        """See `Ledger`."""
        skip = ["/".join(busy) for busy in ask.busy]
        with self._transaction(ask.epoch):
            while True:
                candidate = self._one(sql.CANDIDATE, **_values_of(ask), skip=json.dumps(skip))
                if candidate is None:
                    return None
                slots = self._slots(ask, candidate)
                if slots:
                    return self._take(ask, candidate, slots)
                skip.append("/".join((candidate["channel"], candidate["lane"], candidate["destination"])))

    async def release(self, lease: Lease, facts: Sequence[Fact], *, give_back: bool = False) -> Released:
        """See `Ledger`."""
        with self._transaction(lease.epoch):
            chunk = self._one(
                "SELECT * FROM chunk WHERE id = :chunk AND owner = :life AND state = 'leased' AND epoch = :epoch",
                chunk=str(lease.chunk_id),
                life=str(lease.life),
                epoch=lease.epoch,
            )
            mover = Mover(SqliteStore(self._db))
            if chunk is None:
                await mover.record(facts)
                self._free_slots(lease)
                return Released(0, None, "lost")
            recorded = chunk["recorded"] + await mover.record(facts)
            return self._turn(lease, chunk["released"], recorded, give_back=give_back)

    async def record(self, epoch: int, facts: Sequence[Fact]) -> int:
        """See `Ledger`."""
        with self._transaction(epoch):
            return await Mover(SqliteStore(self._db)).record(facts)

    async def settle(self, epoch: int, now: datetime) -> Settled:
        """See `Ledger`. What an older epoch left unfinished (whoever began this one) becomes uncertain here."""
        with self._transaction(epoch):
            left = self._one(
                "SELECT 1 FROM chunk WHERE epoch < :epoch AND state IN ('open', 'leased')", epoch=epoch
            )
            if left is not None:
                self._doubt_older(epoch)
            return await Mover(SqliteStore(self._db)).settle(epoch, now)

    async def pause(self, epoch: int, pause: Pause) -> None:
        """See `Ledger`. The same stop twice is one."""
        values = asdict(pause) | {"until": pause.until.timestamp() if pause.until else None}
        same = "scope = :scope AND thing = :thing AND ended_at IS NULL"
        with self._transaction(epoch):
            if pause.ended:
                statement = f"UPDATE pause SET ended_at = :clock, ended_by = :by WHERE {same}"  # noqa: S608
                self._db.execute(statement, values | {"clock": time.time()})
                return
            held = f"SELECT 1 FROM pause WHERE {same} AND (until IS NULL OR until >= coalesce(:until, 9e18))"  # noqa: S608
            if self._db.execute(held, values).fetchone() is None:
                self._db.execute(
                    "INSERT INTO pause (id, scope, thing, reason, detail, paused_by, until)"
                    " VALUES (:id, :scope, :thing, :reason, :detail, :by, :until)",
                    values | {"id": str(new_id())},
                )

    async def tallies(self, broadcast_id: UUID) -> Tallies:
        """See `Ledger`."""
        columns = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in (*TALLIES, "accepted_late"))
        with self._transaction():
            sums = self._one(
                f"SELECT {columns}, coalesce(sum(accepted) FILTER (WHERE settled_at IS NOT NULL), 0) AS presumed"  # noqa: S608
                " FROM chunk WHERE broadcast_id = :id",
                id=str(broadcast_id),
            )
            rows = self._one(
                "SELECT count(*) AS total, coalesce(sum(chunk_id IS NULL AND state = 'unreachable'), 0) AS no_address"
                " FROM recipient WHERE broadcast_id = :id",
                id=str(broadcast_id),
            )
        counts = {**dict(sums or {}), **dict(rows or {})}
        pending = counts["total"] - counts["no_address"] - sum(counts[name] for name in TALLIES)
        return Tallies(pending=pending, **counts)

    # Epochs.

    async def epoch(self) -> int:
        """The epoch that this ledger lives in."""
        with self._transaction():
            return self._epoch()

    async def begin_epoch(self, reason: str, by: str) -> int:
        """Begins a new epoch, paused: what is planned and not settled becomes uncertain, and every worker is fenced."""
        with self._transaction():
            number = self._epoch() + 1
            self._db.execute("INSERT INTO epoch VALUES (?, ?, ?)", (number, reason, by))
            self._doubt_older(number)
            self._db.execute(
                "INSERT INTO pause (id, scope, reason, paused_by) VALUES (?, 'everything', ?, ?)",
                (str(new_id()), reason, by),
            )
        return number

    def _doubt_older(self, epoch: int) -> None:
        self._db.execute(sql.DOUBT_EVERYTHING, {"clock": time.time(), "epoch": epoch})
        self._db.execute(
            "UPDATE chunk SET state = 'done', finished_at = ?, owner = NULL"
            " WHERE epoch < ? AND state IN ('open', 'leased')",
            (time.time(), epoch),
        )
        self._db.execute("UPDATE chunk SET later = 0, uncertain = 0 WHERE epoch < ?", (epoch,))
        self._db.execute("UPDATE relay_slot SET owner = NULL, chunk_id = NULL, leased_until = NULL")

    # Parts of the verbs.

    def _slots(self, ask: Ask, candidate: sqlite3.Row) -> list[sqlite3.Row]:
        found = self._db.execute(
            sql.SLOTS,
            _values_of(ask)
            | {
                "lanes": json.dumps(_LANES.get(candidate["lane"], ["bulk"])),
                "channel": candidate["channel"],
                "destination": candidate["destination"],
                "drill": candidate["drill"],
            },
        ).fetchall()
        chosen = [slot for slot in found if slot["relay_id"] == found[0]["relay_id"]]
        chosen = chosen[: min(connections_for_one(ask, more=bool(candidate["more"])), candidate["size"])]
        for slot in chosen:
            self._db.execute(
                "UPDATE relay_slot SET owner = ?, chunk_id = ?, leased_until = ? WHERE id = ?",
                (str(ask.life), candidate["id"], time.time() + ask.seconds, slot["id"]),
            )
        return chosen

    def _take(self, ask: Ask, chunk: sqlite3.Row, slots: list[sqlite3.Row]) -> Lease:
        size, previous = chunk["size"], chunk["journal"]
        doubtful, ahead = self._members(chunk)
        base = size - len(ahead)
        relay = self._relay(slots[0]["relay_id"])
        until = time.time() + ask.seconds
        recorded = base - len(doubtful)
        self._db.execute(
            "UPDATE chunk SET state = 'leased', owner = ?, relay_id = ?, released = ?, recorded = ?, leased_until = ?"
            " WHERE id = ?",
            (str(ask.life), str(relay.id), base, recorded, until, chunk["id"]),
        )
        return Lease(
            chunk_id=UUID(chunk["id"]),
            broadcast_id=UUID(chunk["broadcast_id"]),
            life=ask.life,
            epoch=ask.epoch,
            lane=chunk["lane"],
            channel=chunk["channel"],
            destination=chunk["destination"],
            language=chunk["language"],
            drill=bool(chunk["drill"]),
            settle_seconds=chunk["settle_seconds"],
            size=size,
            released=base,
            window=len(slots),
            until=datetime.fromtimestamp(until, UTC),
            seconds=ask.seconds,
            relay=relay,
            connections=len(slots),
            rate=sum(slot["rate"] for slot in slots),
            text=self._text(chunk),
            rows=ahead,
            doubtful=doubtful,
            previous=UUID(previous) if previous else None,
        )

    def _members(self, chunk: sqlite3.Row) -> tuple[list[Row], list[Row]]:
        """Those that a former life released and did not record, and those still to go, whose places follow each other."""
        previous, released = chunk["journal"], chunk["released"]
        found = self._db.execute(sql.ROWS, {"chunk": chunk["id"]}).fetchall()
        rows = [(_row(row), bool(previous) and row["place"] < released) for row in found if not row["hole"]]
        doubtful = [row for row, doubt in rows if doubt]
        ahead = [row for row, doubt in rows if not doubt]
        base = chunk["size"] - len(ahead)
        if base != released or (released and not previous):
            ahead = [row._replace(place=base + at) for at, row in enumerate(ahead)]
            places = [(row.place, str(row.recipient_id)) for row in ahead]
            self._db.executemany("UPDATE recipient SET place = ? WHERE id = ?", places)
        return doubtful, ahead

    def _text(self, chunk: sqlite3.Row) -> str:
        text = self._one(
            "SELECT source FROM frozen_text WHERE broadcast_id = :id AND language = :language"
            " AND channel IN (:channel, 'email') ORDER BY channel = 'email' LIMIT 1",
            id=chunk["broadcast_id"],
            language=chunk["language"],
            channel=chunk["channel"],
        )
        return text["source"] if text else "{}"

    def _turn(self, lease: Lease, released: int, recorded: int, *, give_back: bool) -> Released:
        done = recorded >= lease.size
        paused = self._one(
            sql.PAUSED,
            clock=time.time(),
            broadcast=str(lease.broadcast_id),
            lane=lease.lane,
            relay=str(lease.relay.id),
            destination=lease.destination,
        )
        held = bool(paused and paused[0])
        if not held and not give_back:
            released = max(released, min(lease.size, recorded + 2 * lease.window))
        until = time.time() + lease.seconds
        self._db.execute(
            "UPDATE chunk SET recorded = ?, released = ?, journal = ?, state = ?, owner = ?, finished_at = ?,"
            " leased_until = ? WHERE id = ?",
            (
                recorded,
                released,
                None if give_back else str(lease.life),
                "done" if done else "open" if give_back else "leased",
                None if done or give_back else str(lease.life),
                time.time() if done else None,
                until,
                str(lease.chunk_id),
            ),
        )
        if done or give_back:
            self._free_slots(lease)
        else:
            self._db.execute(
                "UPDATE relay_slot SET leased_until = ? WHERE chunk_id = ?", (until, str(lease.chunk_id))
            )
        return Released(released, datetime.fromtimestamp(until, UTC), "paused" if held else "", done)

    def _free_slots(self, lease: Lease) -> None:
        self._db.execute(
            "UPDATE relay_slot SET chunk_id = NULL, leased_until = ? WHERE chunk_id = ? AND owner = ?",
            (time.time() + _OPEN_SECONDS_AFTER, str(lease.chunk_id), str(lease.life)),
        )

    def _relay(self, relay_id: str) -> RelayAccess:
        row = self._one("SELECT * FROM relay WHERE id = :id", id=relay_id)
        if row is None:
            raise Unavailable("relay_gone")
        password, settings = (self._unseal(row[one]) if row[one] else "" for one in ("secret", "settings"))
        named = (UUID(row["id"]), row["code"], row["kind"], row["host"], row["port"])
        access = (row["security"], row["user"], password, bool(row["receipts"]))
        return RelayAccess(*named, *access, row["service"], settings)

    # Transactions.

    @contextmanager
    def _transaction(self, epoch: int | None = None) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as busy:
            raise Unavailable("busy") from busy
        try:
            if epoch is not None and self._epoch() != epoch:
                raise Fenced(f"epoch {epoch} is over")
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _epoch(self) -> int:
        row = self._one("SELECT max(number) FROM epoch")
        return int(row[0]) if row else 0

    def _one(self, statement: str, **values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(statement, values).fetchone()
        return row


def _values_of(ask: Ask) -> dict[str, Any]:
    return {
        "life": str(ask.life),
        "epoch": ask.epoch,
        "journals": json.dumps([str(life) for life in ask.journals]),
        "clock": time.time(),
    }


def _row(row: sqlite3.Row) -> Row:
    due_by = datetime.fromtimestamp(row["due_by"], UTC) if row["due_by"] is not None else None
    ids = UUID(row["id"]), UUID(row["delivery_id"])
    plain = (row["attempt"], row["name"], row["address"], row["time_zone"])
    return Row(row["place"], *ids, *plain, due_by, json.loads(row["lines"]))
