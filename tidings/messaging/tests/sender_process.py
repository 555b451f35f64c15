"""A sender as a process of its own, to be killed. `python sender_process.py LEDGER JOURNAL [EPOCH]`; ends when all is sent."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from tidings.lifeboat.ledger import SqliteLedger
from tidings.messaging.engine.compile import Identity, Values
from tidings.messaging.engine.ledger import Lease, Row
from tidings.messaging.engine.sender import SenderSettings, run_sender
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.ledger import PostgresLedger

TOKENS = Tokens(b"a key for tests")
IDENTITY = Identity("Parcel", "status@example.org", "bounce.example.org", "reply.example.org", TOKENS)


def values_of(lease: Lease) -> Callable[[Row], Values]:
    """The simplest renderer: what the lines say, in no language."""

    def values(row: Row) -> Values:
        rows = [{name: str(value) for name, value in line.items()} for line in row.lines]
        return Values({"name": row.name, "your_shipments": f"{len(rows)} shipments"}, rows)

    return values


async def main(ledger: str, journal: str, epoch: int) -> None:
    settings = SenderSettings(
        IDENTITY, Path(journal), epoch, poll_seconds=0.05, settle_every_seconds=0.5, connections=10
    )
    stop = asyncio.Event()
    if ledger.endswith(".sqlite"):
        await run_sender(SqliteLedger(Path(ledger), bytes.decode), settings, values_of, stop)
        return
    async with PostgresLedger(ledger, bytes.decode) as postgres:
        await run_sender(postgres, settings, values_of, stop)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1))
