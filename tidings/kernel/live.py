"""Pages that change by themselves: at most one NOTIFY per transaction, one LISTEN per process, and event streams that end."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import cache

import psycopg
import structlog
from django.db import connection, connections
from django.http import StreamingHttpResponse

log = structlog.get_logger("tidings.live")
CHANNEL = "tidings_live"
EVERYTHING = "*"
WORKLIST = "worklist"
"""The topic of whatever may have changed somebody's worklist."""
STREAM_SECONDS = 60.0
_PAYLOAD_LIMIT = 7000  # PostgreSQL takes 8,000 bytes
_BEAT_SECONDS = 15.0
_REOPEN_SECONDS = 0.5


class _Notice:
    """The one notice of a transaction; sent right after its commit, for NOTIFY inside one makes commits wait for each other."""

    def __init__(self, topic: str) -> None:
        self.topics = {topic}

    def __call__(self) -> None:
        payload = json.dumps(sorted(self.topics))
        if len(payload.encode()) > _PAYLOAD_LIMIT:
            payload = json.dumps([EVERYTHING])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def notify(topic: str) -> None:
    """Tells open pages that `topic` (such as `incident:<id>`) changed, once the caller's transaction has committed."""
    if not connection.in_atomic_block:
        _Notice(topic)()
        return
    for hook in connection.run_on_commit:
        waiting = hook[1]
        if isinstance(waiting, _Notice):
            waiting.topics.add(topic)
            return
    # Registered outside any savepoint: a notice too many does no harm, a second NOTIFY or a lost one does.
    connection.run_on_commit.append((set(), _Notice(topic), True))  # type: ignore[arg-type]  # the stubs know an older shape


def notify_worklists() -> None:
    """Tells open worklists to look again."""
    notify(WORKLIST)


def stream(topics: Iterable[str], seconds: float = STREAM_SECONDS) -> StreamingHttpResponse:
    """Server-sent events: one named after each topic whenever it changes, and once at the start, as the page may have missed
    one. The caller has checked that the reader may see these topics. Ends by itself, so that a stopping server need not
    wait; the browser comes back after a second.
    """
    response = StreamingHttpResponse(events(hub(), topics, seconds), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def events(source: "Hub", topics: Iterable[str], seconds: float) -> AsyncIterator[bytes]:
    """The bytes of such a stream."""
    wanted = frozenset(topics)
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    reader = _Reader(loop, asyncio.Queue(), wanted)
    source.add(reader)
    try:
        yield b"retry: 1000\n\n" + b"".join(map(_event, sorted(wanted)))
        while (left := ends - loop.time()) > 0:
            try:
                changed = await asyncio.wait_for(reader.queue.get(), min(left, _BEAT_SECONDS))
            except TimeoutError:
                yield b": still here\n\n"  # also finds out that the reader has gone
                continue
            yield b"".join(map(_event, sorted(changed)))
    finally:
        source.remove(reader)


@cache
def hub() -> "Hub":
    """This process's one listener."""
    return Hub()


@dataclass(frozen=True, eq=False)
class _Reader:
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[frozenset[str]]"
    topics: frozenset[str]


class Hub:
    """One thread with one connection that listens for all open pages of this process, from the first reader on."""

    def __init__(self) -> None:
        self._readers: set[_Reader] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self.listening = threading.Event()

    def add(self, reader: _Reader) -> None:
        with self._lock:
            self._readers.add(reader)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()

    def remove(self, reader: _Reader) -> None:
        with self._lock:
            self._readers.discard(reader)

    def close(self) -> None:
        """Ends the listening thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(5)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen_until_it_breaks()
            except psycopg.Error as fault:
                self.listening.clear()
                log.warning("live.reopening", fault=type(fault).__name__)
                self._closed.wait(_REOPEN_SECONDS)

    def _listen_until_it_breaks(self) -> None:
        params = connections["default"].get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            params.pop(name, None)
        with psycopg.connect(**params, autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            self._tell(frozenset({EVERYTHING}))  # whatever changed while nobody listened
            self.listening.set()
            while not self._closed.is_set():
                for notice in listener.notifies(timeout=1.0):
                    self._tell(frozenset(json.loads(notice.payload)))

    def _tell(self, changed: frozenset[str]) -> None:
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            hit = reader.topics if EVERYTHING in changed else reader.topics & changed
            if hit:
                try:
                    reader.loop.call_soon_threadsafe(reader.queue.put_nowait, hit)
                except RuntimeError:  # its loop has ended
                    self.remove(reader)


def _event(topic: str) -> bytes:
    return f"event: {topic}\ndata: {topic}\n\n".encode()
