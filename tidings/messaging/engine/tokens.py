"""What a delivery carries on its way: Message-ID, return path (VERP) and Reply-To, each with the delivery id and an HMAC.

No lookup table, and nothing to forge: an address without a valid mark names no delivery. One HMAC over the id is cut
into a mark per purpose, so that a token of one kind proves nothing as another, and none tells another's.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

_CUTS = {"m": slice(0, 9), "b": slice(9, 18), "r": slice(18, 27)}
_CODE = slice(27, 32)
_ID_LENGTH = 32
_LENGTH = _ID_LENGTH + 18


@dataclass(frozen=True, slots=True)
class Carried:
    """One delivery's tokens: local parts of addresses, and the code for "is this really from you?"."""

    message_id: bytes
    return_path: bytes
    reply_to: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one key, made from the master key for this purpose alone. Older keys are still read."""

    key: bytes
    older: tuple[bytes, ...] = ()

    def carried(self, delivery_id: UUID) -> Carried:
        """Everything that one delivery carries. In hexadecimal, since some servers change capitals; 52 characters at most."""
        name, marks = delivery_id.hex, _marks(self.key, delivery_id)
        return Carried(
            f"{name}{marks[_CUTS['m']].hex()}".encode(),
            f"b-{name}{marks[_CUTS['b']].hex()}".encode(),
            f"r-{name}{marks[_CUTS['r']].hex()}".encode(),
            base64.b32encode(marks[_CODE]).decode(),
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


def _marks(key: bytes, delivery_id: UUID) -> bytes:
    return hmac.digest(key, delivery_id.bytes, hashlib.sha256)
