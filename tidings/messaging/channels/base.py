"""What a channel is. A channel is one file in this folder with a subclass of `Channel`; nothing else is edited for it.

A channel never writes a row: what it gives back is recorded by whoever called it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from tidings.kernel.errors import TidingsError
from tidings.messaging.rules.delivery import Outcome


class Undeliverable(TidingsError):
    """This address can never take it: the next rung is tried. Facts hold the refusal and the reason, no address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry: characters of one message (0: no limit), and whether it can hold links and a subject."""

    longest: int = 0
    links: bool = True
    subject: bool = True


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person. `delivery_id` is the idempotency key where the other side honours one."""

    delivery_id: UUID
    address: str
    name: str
    language: str
    subject: str
    text: str
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said: now, or later through `receive`. `reference` is its own id."""

    delivery_id: UUID
    outcome: Outcome
    at: datetime
    reference: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that a person sent back over a channel."""

    delivery_id: UUID | None
    address: str
    text: str
    at: datetime


class Channel:
    """Made with its `Settings`. Raises TryLater or Undeliverable from `send`; anything else is a bug."""

    code: ClassVar[str] = ""
    Settings: ClassVar[type[Any]]
    limits: ClassVar[Limits] = Limits()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Sends one message and gives what the other side said at once."""
        raise NotImplementedError

    def receive(self, raw: bytes) -> Sequence[Receipt | Answer]:  # noqa: ARG002 - most channels have no way back
        """What came in, its signature checked; empty for a channel that nothing comes back over."""
        return ()
