"""The mail catcher: takes mail on loopback instead of a relay and keeps it for a week. Nothing leaves this machine.

A mail is answered 250 only once it is committed. Mails that arrive while one batch is being written make up the next, so
that the catcher keeps pace with the sender without a pause of its own.
"""

import asyncio
import errno
import signal
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
import uvloop
from django.conf import settings

from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.messaging import sql
from tidings.messaging.rules.reading import summarise
from tidings.worker.connections import own_parameters
from tidings.worker.taking import Conversation

HOST = "127.0.0.1"
_BATCH = 500
_AGAIN_SECONDS = 0.5

log = structlog.get_logger(__name__)
Kept = tuple[object, ...]
_TYPES = ("uuid", "timestamptz", "text", "text", "text", "text", "bytea")


def catcher_port() -> int:
    """Where it listens: TIDINGS_CATCHER_PORT, or one above the port of the web pages."""
    return settings.ENVIRONMENT.TIDINGS_CATCHER_PORT or settings.ENVIRONMENT.TIDINGS_PORT + 1


def catch() -> None:
    """Catches until SIGTERM or SIGINT. Raises Refused("run.catcher_port_taken") when another program has the port."""
    uvloop.run(_until_asked_to_stop())


async def _until_asked_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    catcher = Catcher()
    server = await catcher.listen(catcher_port())
    writer = asyncio.create_task(catcher.write())
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait((writer, asked), return_when=asyncio.FIRST_COMPLETED)
    server.close()
    if writer.done():
        writer.result()  # raises: a catcher that cannot keep must end, not hold its clients
    writer.cancel()


def _storable(text: str) -> str:
    """What the database can keep of it: no NUL, and no half of a pair, which a header may decode to."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class Catcher:
    """What conversations hand their mails to, and the writer that keeps them."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[Kept, Callable[[], None]]] = asyncio.Queue()
        self._database: psycopg.AsyncConnection[Any] | None = None

    async def listen(self, port: int) -> asyncio.Server:
        """Opens the port on loopback."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(lambda: Conversation(self._take), HOST, port)
        except OSError as wrong:
            if wrong.errno == errno.EADDRINUSE:
                raise Refused("run.catcher_port_taken", port=port) from None
            raise

    def _take(self, sender: str, recipients: list[str], raw: bytes, done: Callable[[], None]) -> None:
        summary = summarise(raw)
        said = (sender, ", ".join(recipients), summary.subject, summary.language)
        kept = (new_id(), now(), *map(_storable, said), raw)
        self._waiting.put_nowait((kept, done))

    async def write(self) -> None:
        """Writes what waits, batch after batch; survives a database that goes away and comes back."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._keep([kept for kept, _ in batch])
            for _, done in batch:
                done()

    async def _keep(self, rows: list[Kept]) -> None:
        while True:
            try:
                await self._copy(rows)
            except psycopg.OperationalError as wrong:
                log.warning("catcher.database_away", reason=str(wrong).strip())
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _copy(self, rows: list[Kept]) -> None:
        if self._database is None or self._database.closed:
            self._database = await psycopg.AsyncConnection.connect(**own_parameters(), autocommit=True)
        async with (
            self._database.transaction(),
            self._database.cursor() as cursor,
            cursor.copy(sql.KEEP_CAUGHT) as copy,
        ):
            copy.set_types(_TYPES)
            for row in rows:
                await copy.write_row(row)
