"""What a channel heard over a connection of its own, as octets to keep and back. Holds no channel."""

import json
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from tidings.messaging.channels.base import Answer, Receipt
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

HEARD = "HEARD"
"""Stands where a request has its method."""


def body_of(said: Receipt | Answer) -> bytes:
    """One thing that was heard, as JSON."""
    kept = {one.name: getattr(said, one.name) for one in fields(said)}
    kept["kind"] = "answer" if isinstance(said, Answer) else "receipt"
    return json.dumps(kept, default=str, sort_keys=True).encode()


def heard_of(body: bytes) -> Receipt | Answer:
    """What `body_of` was given."""
    kept = json.loads(body)
    kind = kept.pop("kind")
    kept["at"] = datetime.fromisoformat(kept["at"])
    kept["delivery_id"] = UUID(kept["delivery_id"]) if kept["delivery_id"] else None
    if kind == "answer":
        return Answer(**kept)
    kept["outcome"] = Outcome(kept["outcome"])
    kept["reason"] = Reason(kept["reason"]) if kept["reason"] else None
    return Receipt(**kept)
