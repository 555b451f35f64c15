"""Whom a message can be sent to again, and the size of doing so, before anything happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.messaging.models import Broadcast
from tidings.messaging.queries.reach import Shown
from tidings.messaging.rules.content import Audience
from tidings.messaging.sql import again

HOW = ("again", "next", "call")


@dataclass(frozen=True, slots=True)
class Onward:
    """What is done for whom a message has not reached: `how` is one of HOW, `only` some of its recipients or (None) all."""

    how: str = "again"
    only: Sequence[UUID] | None = None

    def values(self, message_id: UUID, now: datetime) -> dict[str, Any]:
        """What the statements want to know."""
        only = None if self.only is None else list(self.only)
        return {"message": message_id, "now": now, "how": self.how, "only": only}


@dataclass(frozen=True, slots=True)
class SeenAgain:
    """What somebody had before them when they pressed "send again": the newest sending of the message, and to how many it would go."""

    broadcast: str
    people: int


@dataclass(frozen=True, slots=True)
class NotReached:
    """Whom a message would go to again, by the channel that is next; `without` have no usable address at all."""

    broadcast: str
    by_channel: Mapping[str, int]
    without: int

    @property
    def people(self) -> int:
        return sum(self.by_channel.values())


def not_reached(
    message_id: UUID, ladder: Audience, now: datetime, onward: Onward | None = None
) -> NotReached:
    """The size of sending a message again, before anything is sent. `ladder` is as `actions.send_again` takes it."""
    values = {**ladder.params, **(onward or Onward()).values(message_id, now)}
    sizes = dict(_rows(again.sizes(ladder), values))
    without = sizes.pop(None, 0)
    return NotReached(newest_broadcast(message_id), sizes, without)


def newest_broadcast(message_id: UUID) -> str:
    """The newest sending of a message, by which a second press is known; empty before the first."""
    sent = Broadcast.objects.filter(message_id=message_id).order_by("-pk")
    return str(sent.values_list("pk", flat=True).first() or "")


def unreached(
    about: str, phase: str, now: datetime, shown: Shown, who: Sequence[UUID] | None = None
) -> dict[UUID, list[UUID]]:
    """Whom a phase has not reached, of those that a list shows (or of `who`, some of them), by the message that counts for each."""
    values = {**shown.values(about, phase, now), "who": None if who is None else list(who)}
    found: dict[UUID, list[UUID]] = {}
    for recipient_id, message_id in _rows(again.UNREACHED, values):
        found.setdefault(message_id, []).append(recipient_id)
    return found


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
