"""The sender: leases chunk after chunk, single mails first, two courses per lane and destination at a time, so that the
connections of one have work while the other's next chunk is read.

Its process is `worker/sender.py`; this knows neither where the ledger is nor how a person's values are made.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import structlog

from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging.engine.compile import Identity, MailSkeleton, Values
from tidings.messaging.engine.course import Course, Way
from tidings.messaging.engine.encoders import BadSlot
from tidings.messaging.engine.journal import Journal, open_journal
from tidings.messaging.engine.ledger import Ask, Lease, Ledger, Pause, RelayAccess, Row, Unavailable
from tidings.messaging.engine.line import Line
from tidings.messaging.engine.service import ServiceLine, Services
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.text import Text, TextProblem
from tidings.messaging.rules.delivery import MAIL

log = structlog.get_logger(__name__)
ValuesOf = Callable[[Lease], Callable[[Row], Values]]
"""Given a lease, gives what makes one person's values; called once per lease, its result once per person."""

_SKELETONS_KEPT = 64
COURSES = 2
_FULL_SECONDS = 0.02
"""After a chunk whose kind is full now, others are looked for only this much later: each look costs as much as some mails."""
_Kind = tuple[str, str, str]
"""Channel, lane and destination."""


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """How this sender works. `journal` is a folder on a local disk; `epoch` the one kept in TIDINGS_HOME."""

    identity: Identity
    journal: Path
    epoch: int
    hello: str = "localhost"
    trust: str = ""
    demo: bool = False
    connections: int = 20
    poll_seconds: float = 0.25
    settle_every_seconds: float = 5.0
    reply_seconds: float = 60
    content_seconds: float = 180
    life: UUID = field(default_factory=new_id)


async def run_sender(
    ledger: Ledger,
    settings: SenderSettings,
    values: ValuesOf,
    stop: asyncio.Event,
    services: Services | None = None,
) -> None:
    """Sends until `stop` is set, then ends after what is under way is answered and recorded. Without `services` only mail goes.

    Raises Fenced when the ledger has begun a new epoch: the process must end, and start anew.
    """
    journal = open_journal(settings.journal, settings.epoch, settings.life)
    sender = Sender(ledger, settings, values, journal, services)
    try:
        await sender.run(stop)
    finally:
        sender.close()
        journal.close()


class Sender:
    """One process's work. Use `run_sender`."""

    def __init__(
        self,
        ledger: Ledger,
        settings: SenderSettings,
        values: ValuesOf,
        journal: Journal,
        services: Services | None = None,
    ) -> None:
        self._ledger, self._settings, self._values, self._journal = ledger, settings, values, journal
        self._services = services
        self._lines: dict[tuple[UUID, _Kind, int], Line] = {}
        self._ways: dict[tuple[RelayAccess, str], ServiceLine] = {}
        self._courses: dict[tuple[_Kind, int], tuple[Course, asyncio.Task[None]]] = {}
        self._skeletons: dict[tuple[UUID, str], MailSkeleton] = {}
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """See `run_sender`."""
        watch = asyncio.create_task(self._watch(stop))
        settle = asyncio.create_task(self._settle_now_and_then())
        try:
            while not stop.is_set():
                await self._one_round(settle)
        finally:
            settle.cancel()
            watch.cancel()
            await self._end_courses()

    def close(self) -> None:
        for line in self._lines.values():
            line.close()
        for way in self._ways.values():
            way.close()

    async def _one_round(self, settle: "asyncio.Task[None]") -> None:
        if settle.done():
            settle.result()
        self._woken.clear()
        self._reap()
        pause = self._settings.poll_seconds
        try:
            await self._tell_what_is_known()
            lease = await self._ledger.lease(self._ask())
            if lease is not None:
                await self._begin(lease)
                pause = _FULL_SECONDS if self._is_full(_kind(lease)) else 0.0
        except Unavailable:
            log.warning("sender.ledger_away")
        if pause:
            await self._pause(pause)

    async def _tell_what_is_known(self) -> None:
        """What ended lives of this machine had done and not recorded: facts, told before anything is taken over."""
        if self._journal.done:
            await self._ledger.record(self._settings.epoch, self._journal.done)
            self._journal.forget_done()

    def _ask(self) -> Ask:
        settings = self._settings
        return Ask(
            life=settings.life,
            epoch=settings.epoch,
            journals=self._journal.lives,
            connections=settings.connections,
            at_once=COURSES,
            demo=settings.demo,
            busy=frozenset(kind for kind, _ in self._courses if self._is_full(kind)),
        )

    def _free_number(self, kind: _Kind) -> int:
        """Which course of its kind the next one will be."""
        return next(number for number in range(COURSES + 1) if (kind, number) not in self._courses)

    def _is_full(self, kind: _Kind) -> bool:
        return self._free_number(kind) == COURSES

    async def _begin(self, lease: Lease) -> None:
        try:
            render = self._render(lease)
        except (TextProblem, BadSlot) as problem:
            pause = Pause("broadcast", str(lease.broadcast_id), "text", "engine", str(problem))
            await self._ledger.pause(lease.epoch, pause)
            await self._ledger.release(lease, [], give_back=True)
            return
        kind = _kind(lease)
        number = self._free_number(kind)
        course = Course(self._ledger, lease, render, self._journal, demo=self._settings.demo)
        task = asyncio.create_task(course.run(self._way(lease, kind, number)))
        task.add_done_callback(lambda _: self._woken.set())
        self._courses[kind, number] = course, task

    def _reap(self) -> None:
        """Forgets courses that have ended; an error in one rises here."""
        for key, (_, task) in list(self._courses.items()):
            if task.done():
                del self._courses[key]
                task.result()
        if not self._courses:
            self._journal.rest()
        for line in self._lines.values():
            line.tend()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._woken.set()

    async def _settle_now_and_then(self) -> None:
        while True:
            try:
                await self._ledger.settle(self._settings.epoch, now())
            except Unavailable:
                log.warning("sender.ledger_away")
            await asyncio.sleep(self._settings.settle_every_seconds)

    async def _end_courses(self) -> None:
        for course, _ in self._courses.values():
            course.stop()
        tasks = [task for _, task in self._courses.values()]
        self._courses.clear()
        if tasks:
            await asyncio.gather(*tasks)

    def _way(self, lease: Lease, kind: _Kind, number: int) -> Way:
        if lease.channel == MAIL or self._services is None:
            return self._line(lease, kind, number)
        key = (lease.relay, f"{'/'.join(kind)}/{number}")
        way = self._ways.get(key)
        if way is None:
            for old in [
                old for old, way in self._ways.items() if way.resting and old[0].id == lease.relay.id
            ]:
                self._ways.pop(old).close()
            way = self._ways[key] = ServiceLine(self._services.speak(lease.relay))
        return way

    def _render(self, lease: Lease) -> Callable[[Row], object]:
        if lease.channel != MAIL and self._services is not None:
            return self._services.words(lease)
        skeleton, values = self._skeleton(lease), self._values(lease)
        return lambda row: skeleton.render(row.delivery_id, row.name, row.address, values(row), now())

    def _line(self, lease: Lease, kind: _Kind, number: int) -> Line:
        key = (lease.relay.id, kind, number)
        server = self._server(lease.relay)
        line = self._lines.get(key)
        if line is None or line.server != server:
            if line is not None:
                line.close()
            line = self._lines[key] = Line(server)
        for (relay_id, *_), other in self._lines.items():
            if relay_id == lease.relay.id and other is not line and other.resting and other.server == server:
                line.adopt(other)
        return line

    def _server(self, relay: RelayAccess) -> Server:
        settings = self._settings
        return Server(
            host=relay.host,
            port=relay.port,
            security=relay.security,
            user=relay.user,
            password=relay.password,
            hello=settings.hello,
            receipts=relay.receipts,
            trust=settings.trust,
            reply_seconds=settings.reply_seconds,
            content_seconds=settings.content_seconds,
        )

    def _skeleton(self, lease: Lease) -> MailSkeleton:
        key = (lease.broadcast_id, lease.language)
        skeleton = self._skeletons.get(key)
        if skeleton is None:
            while len(self._skeletons) >= _SKELETONS_KEPT:
                del self._skeletons[next(iter(self._skeletons))]
            text = Text.load(lease.text)
            skeleton = self._skeletons[key] = MailSkeleton(text, self._settings.identity, lease.language)
        return skeleton


def _kind(lease: Lease) -> _Kind:
    return lease.channel, lease.lane, lease.destination
