"""Identifiers of our own: UUIDv7, ordered by the millisecond they were made in, and within one process by their making."""

import os
import threading
import time
import uuid
from datetime import UTC, datetime

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_COUNTER_END = 1 << 12
_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id(at_ms: int | None = None) -> uuid.UUID:
    """A UUIDv7 (RFC 9562, sections 5.7 and 6.2): 48 bits of Unix milliseconds, a counter that starts anew each millisecond,
    62 random bits. Never repeated. With `at_ms`, one for that moment, without an order among its equals.
    """
    if at_ms is None:
        milliseconds, counter = _next_tick()
    else:
        milliseconds, counter = at_ms, int.from_bytes(os.urandom(2)) >> 4
    random = int.from_bytes(os.urandom(8)) >> 2
    return uuid.UUID(int=(milliseconds << 80) | _VERSION_7 | (counter << 64) | _VARIANT | random)


def made_at(identifier: uuid.UUID) -> datetime:
    """The millisecond in which an identifier of ours was made."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def _next_tick() -> tuple[int, int]:
    """Never backwards, even when the clock is set back or a millisecond holds more than 4,096."""
    global _last_ms, _counter
    milliseconds = time.time_ns() // 1_000_000
    with _lock:
        if milliseconds > _last_ms:
            _last_ms, _counter = milliseconds, 0
        else:
            _counter += 1
            if _counter == _COUNTER_END:
                _last_ms, _counter = _last_ms + 1, 0
        return _last_ms, _counter
