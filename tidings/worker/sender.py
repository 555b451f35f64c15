"""The sender process: reads whose voice and which epoch it works for, then lets the engine send what the ledger releases.

It begins anew, without ending, when the voice or the state of demo changes, when the ledger begins another epoch, and when
an older database was put in the place of the one it works on.
"""

import asyncio
import contextlib
import gc
import json
import signal
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
import uvloop
from django.conf import settings
from django.db import DatabaseError

from tidings.kernel import secrets
from tidings.kernel.installation import is_demo
from tidings.messaging import actions, queries, texts
from tidings.messaging.actions.hold import enter_epoch, older_than_home
from tidings.messaging.engine.compile import Identity, Values
from tidings.messaging.engine.ledger import Fenced, Lease, Row
from tidings.messaging.engine.sender import SenderSettings, run_sender
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.ledger import PostgresLedger
from tidings.messaging.rules.speaking import Speaker
from tidings.messaging.rules.wording import Reader, code_of
from tidings.worker.catcher import catcher_port
from tidings.worker.connections import in_thread, own_conninfo
from tidings.worker.hearing import keep_hearing
from tidings.worker.net import net
from tidings.worker.services import ChannelServices

TOKENS = "messaging.tokens"
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 1.0

log = structlog.get_logger("tidings.sender")


def send() -> None:
    """Sends until SIGTERM or SIGINT; survives a database that goes away and comes back."""
    look_for_garbage_less()
    uvloop.run(_until_asked_to_stop())


def look_for_garbage_less() -> None:
    """What is loaded stays, and what a mail is made of goes by itself: looking for rings among it took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


async def _until_asked_to_stop() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, asked.set)
    while not asked.is_set():
        try:
            await _one_life(asked)
        except Fenced:
            log.warning("sender.fenced")
        except DatabaseError as away:
            log.warning("sender.database_away", reason=str(away).strip())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), _AGAIN_SECONDS)


async def _one_life(asked: asyncio.Event) -> None:
    """One settings' worth of sending: ends when asked to, or when the settings are no longer those it began with."""
    begun_with = await in_thread(_prepare)
    stop = asyncio.Event()
    watch = asyncio.create_task(_watch(begun_with, asked, stop))
    try:
        async with PostgresLedger(own_conninfo(), actions.unsealed) as ledger:
            await _send_by_all(ledger, begun_with, stop)
    finally:
        watch.cancel()


async def _send_by_all(ledger: PostgresLedger, begun_with: SenderSettings, stop: asyncio.Event) -> None:
    """By mail, and by every other service that there is a channel for."""
    gateway = await in_thread(queries.gateway_address)
    async with net() as door:
        services = ChannelServices(door, begun_with.identity, gateway, values_of, demo=begun_with.demo)
        hearing = asyncio.create_task(keep_hearing(services))
        try:
            await run_sender(ledger, begun_with, values_of, stop, services)
        finally:
            hearing.cancel()
            await services.close()


async def _watch(begun_with: SenderSettings, asked: asyncio.Event, stop: asyncio.Event) -> None:
    while not asked.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _LOOK_SECONDS)
        with contextlib.suppress(DatabaseError):
            older, now_is = await in_thread(lambda: (_older(begun_with.epoch), _what_matters()))
            if older or now_is != (begun_with.demo, begun_with.identity):
                break
    stop.set()


def _prepare() -> SenderSettings:
    actions.keep_catcher(catcher_port())
    demo, identity = _what_matters()
    home: Path = settings.HOME
    return SenderSettings(
        identity=identity,
        journal=home / "journal",
        epoch=_epoch(home),
        hello=hello(socket.gethostname(), identity.return_domain),
        demo=demo,
    )


def hello(host: str, domain: str) -> str:
    """The name by which we greet mail servers: the machine's own when it is a whole one, else the voice's domain.

    Nobody is asked for it: where names cannot be looked up, that took seconds.
    """
    return host if "." in host else domain


def _what_matters() -> tuple[bool, Identity]:
    voice = queries.voice()
    domain = voice.from_address.rpartition("@")[2]
    keys = secrets.subkeys(TOKENS)
    identity = Identity(
        from_name=voice.firm,
        from_address=voice.from_address,
        return_domain=domain,
        reply_domain=voice.reply_to.rpartition("@")[2] or domain,
        tokens=Tokens(keys[0], tuple(keys[1:])),
    )
    return is_demo(), identity


def _older(epoch: int) -> bool:
    """Whether this is no longer the database that we began with: an older one was put in its place."""
    return older_than_home(epoch)[0] != ""


def _epoch(home: Path) -> int:
    """The epoch to work in; the newest seen is kept in `TIDINGS_HOME`, where no restore of the database reaches."""
    kept = home / "epoch"
    seen = int(kept.read_text()) if kept.exists() else None
    epoch = enter_epoch(seen)
    if epoch != seen:
        partial = kept.with_suffix(".partial")
        partial.write_text(f"{epoch}\n")
        partial.replace(kept)
    return epoch


def values_of(lease: Lease) -> Callable[[Row], Values]:
    """What makes one person's values, for one lease: their shipments, times and zone in the words of their language."""
    kept = json.loads(lease.text)
    words = texts.words(lease.language)
    moments = {name: datetime.fromisoformat(at) for name, at in kept["moments"].items()}
    year: int = kept["year"]
    links = queries.links(kept["link"]) if kept.get("link") else None
    speakers: dict[str, Speaker] = {}

    def values(row: Row) -> Values:
        speaker = speakers.get(row.time_zone)
        if speaker is None:
            speaker = speakers[row.time_zone] = Speaker(Reader(words, row.time_zone, year), moments)
        link = links.to(row.recipient_id) if links else ""
        return Values(*speaker.values(row.name, row.lines, code_of(row.recipient_id), link))

    return values
