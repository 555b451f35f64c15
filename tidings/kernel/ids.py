"""Identifiers of our own: UUIDv7, ordered by the millisecond they were made in."""

import os
import time
import uuid

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def new_id(at_ms: int | None = None) -> uuid.UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits. Never repeated."""
    milliseconds = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    random = int.from_bytes(os.urandom(10))
    return uuid.UUID(
        int=(milliseconds << 80)
        | _VERSION_7
        | ((random >> 64 & 0xFFF) << 64)
        | _VARIANT
        | (random & ((1 << 62) - 1))
    )
