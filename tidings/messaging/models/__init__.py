"""Tables of texts, messages, recipients and results."""

from tidings.messaging.models.delivery import (
    Broadcast,
    Chunk,
    Epoch,
    FrozenText,
    MailDomain,
    Pause,
    Recipient,
    Relay,
    RelaySlot,
    Result,
)

__all__ = [
    "Broadcast",
    "Chunk",
    "Epoch",
    "FrozenText",
    "MailDomain",
    "Pause",
    "Recipient",
    "Relay",
    "RelaySlot",
    "Result",
]
