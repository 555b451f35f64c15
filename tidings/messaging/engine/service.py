"""A line to a service that is no mail server: as many messages under way as connections were leased, each told to the feed.

What a message is and how it is spoken is handed in; the engine knows no channel.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

import structlog

from tidings.messaging.engine.ledger import Lease, RelayAccess, Row
from tidings.messaging.engine.smtp import Feed, Job
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

log = structlog.get_logger(__name__)
_LONGEST_BACK_OFF = 30.0


class Came(StrEnum):
    """What came of speaking one message. `unsent`: the service was not reached, nothing left."""

    TAKEN = "taken"
    REFUSED = "refused"
    OURS = "ours"
    LATER = "later"
    DOUBT = "doubt"
    UNSENT = "unsent"


class Word(NamedTuple):
    """What a service said of one message: `outcome` and its own `reference` where it took it, `reason` where it did not,
    `wait` where it said when to come back."""

    came: Came
    said: str = ""
    outcome: Outcome = Outcome.HANDED_OVER
    reason: Reason = Reason.BUSY
    reference: str = ""
    wait: timedelta | None = None


Speak = Callable[[object], Awaitable[Word]]


class Services(Protocol):
    """The channels other than mail, as the engine sees them."""

    def words(self, lease: Lease) -> Callable[[Row], object]:
        """What makes one person's message, for one lease. Raises TextProblem; its result raises BadSlot."""

    def speak(self, access: RelayAccess) -> Speak:
        """What sends one such message by this service."""


class ServiceFeed(Feed, Protocol):
    """A feed that also hears words of services."""

    def told(self, job: Job, word: Word) -> None:
        """The service has decided."""


class ServiceLine:
    """Used like `Line`: one feed at a time, `tend` a few times a second."""

    def __init__(self, speak: Speak) -> None:
        self._speak = speak
        self._feed: ServiceFeed | None = None
        self._wanted = 0
        self._work: dict[asyncio.Task[None], Job | None] = {}
        self._woken = asyncio.Event()
        self._failures = 0
        self._failing_since: float | None = None
        self._not_before = 0.0

    @property
    def resting(self) -> bool:
        return self._feed is None

    def failing_for(self) -> float:
        """Seconds since the service has not been reached."""
        return time.monotonic() - self._failing_since if self._failing_since is not None else 0.0

    def serve(self, feed: ServiceFeed, wanted: int, rows: int = 0, seconds: float = 0.0) -> None:  # noqa: ARG002
        """From now on messages are taken from `feed`; at most `wanted` are under way."""
        self._feed, self._wanted = feed, wanted
        self.tend()

    def rest(self) -> None:
        """No feed for now."""
        self._feed, self._wanted = None, 0
        self._woken.set()

    def kick(self, rows: int = 0, seconds: float = 0.0) -> None:  # noqa: ARG002 - the shape of a line's
        """The feed has work again."""
        self._woken.set()

    def tend(self) -> None:
        """Begins what is missing. A channel that broke is told like a message in doubt, and raises a hand."""
        for task in [task for task in self._work if task.done()]:
            job = self._work.pop(task)
            broke = None if task.cancelled() else task.exception()
            if broke is not None:
                log.error("service.broke", exc_info=broke)
                self._broke(job)
        if self._feed is not None and time.monotonic() >= self._not_before:
            for _ in range(self._wanted - len(self._work)):
                self._work[asyncio.ensure_future(self._take_and_speak(self._feed))] = None
        self._woken.set()

    def close(self) -> None:
        """Ends what is waiting; nothing is under way by then."""
        for task in self._work:
            task.cancel()

    def _broke(self, job: Job | None) -> None:
        if self._feed is not None and job is not None:
            self._feed.in_doubt(job)
            self._feed.connection_failed("broke", None)

    async def _take_and_speak(self, feed: ServiceFeed) -> None:
        while self._feed is feed and len(self._work) <= self._wanted:
            if time.monotonic() < self._not_before:
                return
            job = feed.take()
            if job is None:
                self._woken.clear()
                await self._woken.wait()
                continue
            await self._one(feed, job)

    async def _one(self, feed: ServiceFeed, job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it runs in one
        self._work[task] = job
        feed.intent(job)
        word = await self._speak(job.mail)
        self._work[task] = None
        if word.came is Came.UNSENT:
            self._back_off()
            feed.unsent(job)
            feed.connection_failed("unreachable", None)
            return
        self._failures, self._failing_since = 0, None
        if word.came is Came.DOUBT:
            feed.in_doubt(job)
        else:
            feed.told(job, word)

    def _back_off(self) -> None:
        now = time.monotonic()
        self._failures += 1
        self._failing_since = self._failing_since or now
        self._not_before = now + min(0.2 * 2 ** min(self._failures, 10), _LONGEST_BACK_OFF)
