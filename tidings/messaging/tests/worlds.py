"""The two stores that the engine is tried on, behind one way to plan into them and to look at what became of it."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from tidings.kernel.ids import new_id
from tidings.lifeboat.ledger import SqliteLedger
from tidings.messaging.engine.text import Paragraph, Slot, Text
from tidings.messaging.ledger import PostgresLedger

TEXT = Text(
    ("Delay: ", Slot("your_shipments")),
    (
        Paragraph("greeting", ("Dear ", Slot("name"), ",")),
        Paragraph("shipment", (Slot("waybill"), ": ", Slot("effect"))),
        Paragraph("closing", ("You hear from us again.\n.\nFrom us, ", Slot("code"))),
    ),
)


@dataclass
class Person:
    """Somebody to write to."""

    address: str | None = "ilse@example.org"
    name: str = "Ilse"
    language: str = "en"
    destination: str = "others"
    due_by: datetime | None = None
    further: list[dict[str, str]] = field(default_factory=list)
    needs_confirmed: bool = False
    channel: str = "email"


def people(count: int, **rest: Any) -> list[Person]:
    return [Person(f"p{at}@example.org", f"Zoë {at}", **rest) for at in range(count)]


class PostgresWorld:
    """PostgreSQL, in a database of this module's own."""

    name = "postgres"
    _tables = [
        "broadcast",
        "frozentext",
        "chunk",
        "recipient",
        "result",
        "relay",
        "relayslot",
        "pause",
        "refusedaddress",
        "reference",
    ]

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._db = psycopg.connect(conninfo, autocommit=True)
        names = ", ".join(f"messaging_{table}" for table in self._tables)
        self._db.execute(f"TRUNCATE {names} CASCADE")
        self._db.execute("DELETE FROM messaging_epoch WHERE number > 1")

    def ledger(self) -> PostgresLedger:
        return PostgresLedger(self.conninfo, bytes.decode, most=4)

    def close(self) -> None:
        self._db.close()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(_postgres(statement), values).fetchall()

    def write(self, statement: str, *values: Any) -> None:
        self._db.execute(_postgres(statement), values)

    def at(self, moment: datetime | None) -> Any:
        return moment

    def json(self, value: Any) -> Any:
        return Jsonb(value)

    def id(self, value: UUID | None) -> Any:
        return value


class SqliteWorld:
    """SQLite, in a file of the test's own."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        SqliteLedger(path, bytes.decode).close()
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5)

    def ledger(self) -> "SqliteLedger":
        return _ManagedSqlite(self.path, bytes.decode)

    def close(self) -> None:
        self._db.close()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(statement, values).fetchall()

    def write(self, statement: str, *values: Any) -> None:
        self._db.execute(statement, values)

    def at(self, moment: datetime | None) -> Any:
        return moment.timestamp() if moment else None

    def json(self, value: Any) -> Any:
        return json.dumps(value)

    def id(self, value: UUID | None) -> Any:
        return str(value) if value else None


class _ManagedSqlite(SqliteLedger):
    async def __aenter__(self) -> "SqliteLedger":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


World = PostgresWorld | SqliteWorld


def add_relay(
    world: World,
    port: int = 25,
    *,
    host: str = "127.0.0.1",
    kind: str = "direct",
    security: str = "none",
    connections: int = 5,
    reserved: int = 1,
    rate: float = 0,
    user: str = "",
    secret: bytes | None = None,
    code: str = "main",
    kept: dict[str, int] | None = None,
    position: int = 0,
    channel: str = "email",
    service: str = "",
) -> UUID:
    """A relay with its slots; `kept` gives destinations slots of their own."""
    relay_id = new_id()
    quote = '"user"'
    world.write(
        f"INSERT INTO relay (id, code, kind, host, port, security, {quote}, secret, position, channel, service)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        world.id(relay_id),
        code,
        kind,
        host,
        port,
        security,
        user,
        secret,
        position,
        channel,
        service,
    )
    slots = [("single", "*")] * reserved + [("bulk", "*")] * connections
    slots += [("bulk", name) for name, count in (kept or {}).items() for _ in range(count)]
    for lane, destination in slots:
        world.write(
            "INSERT INTO relay_slot (relay_id, lane, destination, rate) VALUES (?, ?, ?, ?)",
            world.id(relay_id),
            lane,
            destination,
            rate / len(slots),
        )
    return relay_id


def plan(
    world: World,
    readers: list[Person],
    *,
    lane: str = "broadcast",
    drill: bool = False,
    chunk_size: int = 500,
    text: Text = TEXT,
    settle_seconds: int = 900,
    patience_seconds: int = 14_400,
) -> UUID:
    """A broadcast with its recipients in chunks by language and destination."""
    broadcast_id = new_id()
    message_id = new_id()
    world.write(
        "INSERT INTO broadcast (id, message_id, lane, drill, settle_seconds, patience_seconds) VALUES (?, ?, ?, ?, ?, ?)",
        world.id(broadcast_id),
        world.id(message_id),
        lane,
        drill,
        settle_seconds,
        patience_seconds,
    )
    groups: dict[tuple[str, str, str], list[Person]] = {}
    for reader in readers:
        groups.setdefault((reader.channel, reader.language, reader.destination), []).append(reader)
    for group, members in groups.items():
        _write_text(world, broadcast_id, group[1], text)
        _write_chunks(world, broadcast_id, message_id, lane, group, members, chunk_size)
    return broadcast_id


def _write_text(world: World, broadcast_id: UUID, language: str, text: Text) -> None:
    if not world.rows(
        "SELECT 1 FROM frozen_text WHERE broadcast_id = ? AND language = ?", world.id(broadcast_id), language
    ):
        columns = "(broadcast_id, language, channel, source)"
        marks = "(?, ?, 'email', ?)"
        values = [world.id(broadcast_id), language, text.dump()]
        if world.name == "postgres":
            columns, marks = "(id, broadcast_id, language, channel, source)", "(?, ?, ?, 'email', ?)"
            values.insert(0, new_id())
        world.write(f"INSERT INTO frozen_text {columns} VALUES {marks}", *values)


def _write_chunks(
    world: World,
    broadcast_id: UUID,
    message_id: UUID,
    lane: str,
    group: tuple[str, str, str],
    members: list[Person],
    chunk_size: int,
) -> None:
    channel, language, destination = group
    sendable = [member for member in members if member.address]
    for start in range(0, len(members), chunk_size):
        part = members[start : start + chunk_size]
        chunk_id = new_id() if sendable else None
        if chunk_id:
            world.write(
                "INSERT INTO chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size)"
                " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)",
                world.id(chunk_id),
                world.id(broadcast_id),
                lane,
                channel,
                destination,
                language,
                world.at(part[0].due_by),
                sum(1 for member in part if member.address),
            )
        place = 0
        for member in part:
            recipient_id = new_id()
            world.write(
                "INSERT INTO recipient (id, broadcast_id, message_id, contact_id, name, language, channel, address,"
                " destination, due_by, lines, further, needs_confirmed, state, delivery_id, chunk_id, place, shipment_ids)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{'{}' if world.name == 'postgres' else '[]'}')",
                world.id(recipient_id),
                world.id(broadcast_id),
                world.id(message_id),
                world.id(new_id()),
                member.name,
                language,
                channel,
                member.address,
                destination,
                world.at(member.due_by),
                world.json([{"waybill": f"JJ{place}", "effect": "delayed"}]),
                world.json(member.further),
                member.needs_confirmed,
                "waiting" if member.address else "unreachable",
                world.id(recipient_id),
                world.id(chunk_id) if member.address else None,
                place if member.address else None,
            )
            place += bool(member.address)


def states(world: World, broadcast_id: UUID) -> Counter[str]:
    rows = world.rows("SELECT state FROM recipient WHERE broadcast_id = ?", world.id(broadcast_id))
    return Counter(row[0] for row in rows)


def outcomes(world: World) -> Counter[str]:
    return Counter(row[0] for row in world.rows("SELECT outcome FROM result"))


def moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, float | int) else value


def _postgres(statement: str) -> str:
    names = (
        "frozen_text",
        "relay_slot",
        "broadcast",
        "recipient",
        "chunk",
        "result",
        "relay",
        "reference",
        "pause",
        "epoch",
    )
    for name in names:
        for before in ("FROM ", "INTO ", "UPDATE ", "JOIN "):
            table = f"messaging_{name.replace('_', '')}"
            statement = statement.replace(f"{before}{name} ", f"{before}{table} ")
            if statement.endswith(before + name):
                statement = statement[: -len(name)] + table
    return statement.replace("?", "%s")
