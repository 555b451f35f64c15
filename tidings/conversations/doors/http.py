"""A raw mail that another server posts to us, signed with a secret that only it and we know.

Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), specification read 2026-12-01. A program with a key of ours
may post to the API instead; both keep the mail before they answer.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tidings.conversations.doors.base import Way, secret
from tidings.kernel.errors import Refused

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The secret that signs, as `whsec_` and base64; made by us where none is given."""

    secret: str = secret()


class Http(Way):
    """Taken by the page at the door's own address."""

    code = "http"
    Settings = HttpSettings

    def check(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raises Refused("door.forged") for a request that does not bear a signature of this door, or an old one."""
        message = headers.get("webhook-id", "")
        sent = headers.get("webhook-timestamp", "")
        if not message or not sent.isdecimal() or len(sent) > 12:
            raise Refused("door.forged")
        if abs(now.timestamp() - int(sent)) > TOLERANCE.total_seconds():
            raise Refused("door.forged")
        ours = signature(self.settings.secret, message, int(sent), body)
        given = headers.get("webhook-signature", "").split()
        if not any(hmac.compare_digest(one.encode("utf-8", "replace"), ours.encode()) for one in given):
            raise Refused("door.forged")


def signature(secret: str, message: str, sent: int, body: bytes) -> str:
    """The signature of one request: `v1,` and base64 of HMAC-SHA-256 over id, moment and body. Raises Refused("door.settings")."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise Refused("door.settings") from None
    signed = f"{message}.{sent}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
