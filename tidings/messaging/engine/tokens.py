"""What a delivery carries on its way: Message-ID, return path (VERP) and Reply-To, each with the delivery id and an HMAC.

No lookup table, and nothing to forge: an address without a valid mark names no delivery. The HMAC is over the purpose
and the id, so that a token of one kind proves nothing as another.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

_MARK_BYTES = 9
_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one key, made from the master key for this purpose alone. Older keys are still read."""

    key: bytes
    older: tuple[bytes, ...] = ()

    def message_id(self, delivery_id: UUID, domain: str) -> bytes:
        """Without its angle brackets."""
        return b"%b@%b" % (self._token(b"m", delivery_id), domain.encode())

    def return_path(self, delivery_id: UUID, domain: str) -> bytes:
        """The envelope's sender: where bounces come back to."""
        return b"b-%b@%b" % (self._token(b"b", delivery_id), domain.encode())

    def reply_to(self, delivery_id: UUID, domain: str) -> bytes:
        """Where an answer goes."""
        return b"r-%b@%b" % (self._token(b"r", delivery_id), domain.encode())

    def code(self, delivery_id: UUID) -> str:
        """Eight letters and digits that a reader can type into "is this really from you?"."""
        digest = hmac.digest(self.key, b"c" + delivery_id.bytes, hashlib.sha256)
        return base64.b32encode(digest[:5]).decode()

    def delivery_of(self, address: str) -> UUID | None:
        """The delivery that a bounce address, Reply-To or Message-ID names; None without a valid mark."""
        local = address.strip().strip("<>").partition("@")[0].lower()
        purpose, dash, token = local.rpartition("-")
        kind = purpose.rpartition("+")[2].encode() if dash else b"m"
        if kind not in (b"m", b"b", b"r") or len(token) != _LENGTH:
            return None
        try:
            raw = base64.b32decode(token.upper())
        except ValueError:
            return None
        for key in (self.key, *self.older):
            if hmac.compare_digest(raw[16:], _mark(key, kind, raw[:16])):
                return UUID(bytes=raw[:16])
        return None

    def _token(self, kind: bytes, delivery_id: UUID) -> bytes:
        raw = delivery_id.bytes
        return base64.b32encode(raw + _mark(self.key, kind, raw)).lower()


def _mark(key: bytes, kind: bytes, raw: bytes) -> bytes:
    return hmac.digest(key, kind + raw, hashlib.sha256)[:_MARK_BYTES]
