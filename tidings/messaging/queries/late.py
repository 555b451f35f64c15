"""Reads of languages that were not there when a message went: which it went in, and who still waits for theirs."""

from collections.abc import Iterable
from uuid import UUID

from tidings.messaging.models import Broadcast, FrozenText
from tidings.messaging.sql.late import HELD

__all__ = ["HELD", "languages_sent"]


def languages_sent(message_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """The languages that each message went in; nothing for one that has not gone."""
    sent = Broadcast.objects.filter(message_id__in=list(message_ids)).values_list("pk", "message_id")
    of_message = dict(sent)
    found: dict[UUID, set[str]] = {}
    texts = FrozenText.objects.filter(broadcast_id__in=list(of_message))
    for broadcast, language in texts.values_list("broadcast_id", "language"):
        found.setdefault(of_message[broadcast], set()).add(language)
    return {message: frozenset(languages) for message, languages in found.items()}
