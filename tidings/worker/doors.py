"""The process that listens for our own mail server: what it takes is committed before it is answered.

Doors are rows, looked at again every few seconds: one that is opened, changed or ended on a page is so here without a restart.
"""

import asyncio
import contextlib
import signal
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
import uvloop
from django.db import DatabaseError

from tidings.conversations import actions, queries
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.doors.base import settings_of
from tidings.conversations.doors.lmtp import KeepLater, Lmtp
from tidings.conversations.rules import State
from tidings.kernel.errors import Refused
from tidings.worker.connections import in_thread

_LOOK_SECONDS = 3.0

log = structlog.get_logger(__name__)
Wanted = Mapping[UUID, Mapping[str, Any]]


def attend() -> None:
    """Listens until SIGTERM or SIGINT; survives a database that goes away and comes back."""
    uvloop.run(_until_asked_to_stop())


async def _until_asked_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    attendant = Attendant()
    try:
        while not stop.is_set():
            with contextlib.suppress(DatabaseError):
                await attendant.follow(await in_thread(wanted))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
    finally:
        attendant.close()


def wanted() -> Wanted:
    """The doors that listen, and their settings."""
    return {door.pk: queries.opened_settings(door) for door in queries.open_doors(Lmtp.code)}


class Attendant:
    """The servers that are open, each with the settings it was opened with."""

    def __init__(self) -> None:
        self._open: dict[UUID, tuple[Mapping[str, Any], asyncio.Server]] = {}

    async def follow(self, doors: Wanted) -> None:
        """Opens what is new, closes what is gone, and opens anew what was changed."""
        for door, (settings, server) in list(self._open.items()):
            if doors.get(door) != settings:
                server.close()
                del self._open[door]
        for door, settings in doors.items():
            if door not in self._open:
                await self._listen(door, settings)

    def close(self) -> None:
        """Closes all of them."""
        for _settings, server in self._open.values():
            server.close()

    async def _listen(self, door: UUID, settings: Mapping[str, Any]) -> None:
        try:
            server = await Lmtp(settings_of(Lmtp, settings)).listen(_keeper(door))
        except (OSError, ValueError, Refused) as wrong:
            log.warning("doors.not_listening", reason=str(wrong))
            await in_thread(lambda: actions.note_door(door, State.UNREACHABLE, "door.no_answer"))
            return
        self._open[door] = settings, server
        await in_thread(lambda: actions.note_door(door, State.OPEN))


def _keeper(door: UUID) -> KeepLater:
    async def keep(raw: bytes, recipients: Sequence[str]) -> bool:
        try:
            await in_thread(lambda: actions.keep_arrival(AT_THE_DOOR, door, raw, recipients))
        except (DatabaseError, OSError, Refused) as wrong:
            log.warning("doors.not_kept", reason=type(wrong).__name__)
            return False
        return True

    return keep
