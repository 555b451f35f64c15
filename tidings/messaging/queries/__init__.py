"""Reads of texts, messages and what became of them, for pages, reports and the domains above."""

from tidings.messaging.queries.messages import (
    Listed,
    audience_size,
    authors_of,
    current_freeze,
    is_approved,
    listed,
    message,
    messages,
    newest_texts,
    visible_messages,
    waiting_for_approval,
    was_sent,
)
from tidings.messaging.queries.reach import (
    PARTS,
    Told,
    evidence,
    reach,
    reach_of,
    recipient,
    recipients,
)
from tidings.messaging.queries.texts import (
    Text,
    is_approved_beforehand,
    reference_of,
    texts_for,
    voice,
)

__all__ = [
    "PARTS",
    "Listed",
    "Text",
    "Told",
    "audience_size",
    "authors_of",
    "current_freeze",
    "evidence",
    "is_approved",
    "is_approved_beforehand",
    "listed",
    "message",
    "messages",
    "newest_texts",
    "reach",
    "reach_of",
    "recipient",
    "recipients",
    "reference_of",
    "texts_for",
    "visible_messages",
    "voice",
    "waiting_for_approval",
    "was_sent",
]
