"""Secrets of signed webhooks. Pure.

"Standard Webhooks" 1.0.0, sections "Signature scheme" and "Additional considerations" (a secret per address); read 2026-12-01.
"""

import base64
import hashlib
import hmac

WEBHOOK = "webhook"
_PREFIX = "whsec_"


def secret_for(secret: str, address: str) -> str:
    """The secret by which the owner of an address checks us: whsec_ and base64 of 32 bytes."""
    derived = hmac.new(secret.encode(), f"webhook:{address}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(derived).decode()


def signature(key: str, name: str, at: str, body: bytes) -> str:
    """webhook-signature of a request: v1, and base64 of HMAC-SHA256 over id, timestamp and body, parted by points."""
    signed = f"{name}.{at}.".encode() + body
    made = hmac.new(base64.b64decode(key.removeprefix(_PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"
