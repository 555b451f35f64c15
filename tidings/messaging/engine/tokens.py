"""What a delivery carries on its way: Message-ID, return path (VERP) and Reply-To, each with the delivery id and an HMAC;
and the link to the reader's own page, with the recipient's id and an HMAC under a key of its own.

No lookup table, and nothing to forge: an address without a valid mark names no delivery. One HMAC over the id is cut
into a mark per purpose, so that a token of one kind proves nothing as another, and none tells another's.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

_CUTS = {"m": slice(0, 9), "b": slice(9, 18), "r": slice(18, 27)}
_CODE = slice(27, 32)
_BLOCK = 64
_ID_LENGTH = 32
_LENGTH = _ID_LENGTH + 18
_LINK_MARK = 10
"""Bytes. With the id these make 26: 35 letters, the last of which is never a dash, so that a link in plain text ends whole."""


class Carried(NamedTuple):
    """One delivery's tokens: local parts of addresses, and the code for "is this really from you?"."""

    message_id: bytes
    return_path: bytes
    reply_to: bytes
    marks: bytes

    @property
    def code(self) -> str:
        return base64.b32encode(self.marks[_CODE]).decode()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one key, made from the master key for this purpose alone. Older keys are still read."""

    key: bytes
    older: tuple[bytes, ...] = ()

    def carried(self, delivery_id: UUID) -> Carried:
        """Everything that one delivery carries. In hexadecimal, since some servers change capitals; 52 characters at most."""
        marks = _marks(self.key, delivery_id)
        name, said = delivery_id.hex, marks.hex()
        return Carried(
            f"{name}{said[:18]}".encode(),
            f"b-{name}{said[18:36]}".encode(),
            f"r-{name}{said[36:54]}".encode(),
            marks,
        )

    def delivery_of(self, address: str) -> UUID | None:
        """The delivery that a bounce address, Reply-To or Message-ID names; None without a valid mark."""
        local = address.strip().strip("<>").partition("@")[0].lower()
        purpose, dash, token = local.rpartition("-")
        kind = purpose.rpartition("+")[2] if dash else "m"
        if kind not in _CUTS or len(token) != _LENGTH:
            return None
        try:
            delivery_id, given = UUID(hex=token[:_ID_LENGTH]), bytes.fromhex(token[_ID_LENGTH:])
        except ValueError:
            return None
        for key in (self.key, *self.older):
            if hmac.compare_digest(given, _marks(key, delivery_id)[_CUTS[kind]]):
                return delivery_id
        return None


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the links to readers' own pages, under one address and with one key; older keys are still read."""

    address: str
    key: bytes
    older: tuple[bytes, ...] = ()

    def to(self, recipient_id: UUID) -> str:
        """The link that this recipient gets."""
        return f"{self.address}/m/{_link_token(self.key, recipient_id)}"

    def recipient_of(self, token: str) -> UUID | None:
        """The recipient whose token this is; None where its mark is not ours. It takes as long for one as for the other."""
        try:
            named = UUID(bytes=base64.urlsafe_b64decode(f"{token}=")[:16])
        except ValueError:
            named = UUID(int=0)
        given = token.encode("utf-8", "replace")
        ours = [
            hmac.compare_digest(given, _link_token(key, named).encode()) for key in (self.key, *self.older)
        ]
        return named if any(ours) else None


def _link_token(key: bytes, recipient_id: UUID) -> str:
    signed = recipient_id.bytes + _marks(key, recipient_id)[:_LINK_MARK]
    return base64.urlsafe_b64encode(signed)[:-1].decode()


def _marks(key: bytes, delivery_id: UUID) -> bytes:
    """HMAC-SHA-256 (RFC 2104) from the key's two begun hashes: a third of what `hmac.digest` takes for so short a text."""
    inner, outer = (begun.copy() for begun in _begun(key))
    inner.update(delivery_id.bytes)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=16)
def _begun(key: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return inner, outer
