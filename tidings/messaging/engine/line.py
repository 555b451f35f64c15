"""A line to one relay: some connections kept open for as long as a lease is worked on, with back-off when they fail."""

import asyncio
import math
import time

from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import ConnectionFailed, Feed, Server, SmtpConnection

_LONGEST_BACK_OFF = 30.0
IDLE_SECONDS = 4.0
"""Connections without work are closed after this; the ledger keeps their slots ours a little longer."""


class Line:
    """Connections to one server. One feed uses it at a time; between feeds it keeps them open for a few seconds."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._failing_since: float | None = None
        self._open: set[SmtpConnection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._feed: Feed | None = None
        self._wanted = 0
        self._failures = 0
        self._not_before = 0.0
        self._idle_since = time.monotonic()

    @property
    def open(self) -> int:
        return len(self._open)

    @property
    def resting(self) -> bool:
        """No feed uses it now."""
        return self._feed is None

    def failing_for(self) -> float:
        """Seconds since every attempt to connect has failed."""
        return time.monotonic() - self._failing_since if self._failing_since is not None else 0.0

    def serve(self, feed: Feed, wanted: int, rows: int = 0, seconds: float = 0.0) -> None:
        """From now on connections take from `feed`; at most `wanted` of them. The rest as `kick`."""
        self._feed, self._wanted = feed, wanted
        for connection in list(self._open)[wanted:]:
            connection.quit()
        for connection in self._open:
            connection.start(feed, at_once=False)
        self.kick(rows, seconds)
        self.tend()

    def rest(self) -> None:
        """No feed for now."""
        self._feed, self._wanted = None, 0
        self._idle_since = time.monotonic()

    def kick(self, rows: int = 0, seconds: float = 0.0) -> None:
        """The feed has work again: for every connection without a next mail; or so many rows, which need not be sent before
        `seconds` have passed.

        Then only as many connections are woken as that takes at the pace at which the server answers. Each sends the content
        of one mail together with the envelope of the next, which costs half of what two connections need for them. The pace is
        that of the quicker ones: what makes the others wait is mostly how many they are.
        """
        hungry = [connection for connection in self._open if connection.hungry]
        if seconds and hungry:
            waits = sorted(connection.answers_after for connection in self._open)
            hungry.sort(key=lambda connection: connection.idle)
            hungry = hungry[: math.ceil(rows * waits[len(waits) // 4] / seconds) + 1]
        for connection in hungry:
            connection.kick()

    def tend(self) -> None:
        """Called a few times a second: opens what is missing, drops who is too slow, closes what idles."""
        now = time.monotonic()
        for connection in list(self._open):
            connection.check()
        if self._feed is None:
            if now - self._idle_since > IDLE_SECONDS:
                self.close()
            return
        missing = self._wanted - len(self._open) - len(self._opening)
        if self._failures and self._opening:
            return
        if now >= self._not_before:
            for _ in range(1 if self._failures else missing):
                task = asyncio.ensure_future(self._add())
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    def adopt(self, other: "Line") -> None:
        """Takes over another line's connections, all idle: a relay's limit counts open ones, whoever uses them."""
        for connection in other._open:
            connection.on_end = self._lost
        self._open |= other._open
        other._open = set()

    def close(self) -> None:
        """Ends all connections politely."""
        for connection in list(self._open):
            connection.quit()

    def _lost(self, connection: SmtpConnection, why: str) -> None:
        self._open.discard(connection)
        if why and self._feed is not None:
            self._back_off()

    async def _add(self) -> None:
        try:
            connection = await connect(self.server)
        except ConnectionFailed as failed:
            self._back_off()
            if self._feed is not None:
                self._feed.connection_failed(failed.code, failed.reply)
            return
        self._failures, self._failing_since = 0, None
        self._open.add(connection)
        connection.on_end = self._lost
        if self._feed is None or len(self._open) > self._wanted:
            self._open.discard(connection)
            connection.quit()
            return
        connection.start(self._feed)

    def _back_off(self) -> None:
        now = time.monotonic()
        self._failures += 1
        self._failing_since = self._failing_since or now
        self._not_before = now + min(0.1 * 2**self._failures, _LONGEST_BACK_OFF)
