"""Reads of what somebody typed and did not save; each person finds their own alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.messaging.models import Unsaved
from tidings.messaging.rules.unsaved import KEPT, Typing


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one opening of a page left unsaved, per language; `seen` is the version that was on the screen."""

    sheet: UUID
    seen: str
    typed_at: datetime
    parts: Mapping[str, Typing]


def unsaved(actor: Actor, about: str) -> list[Sheet]:
    """What this person typed about one thing and did not save, newest first."""
    if actor.kind is not ActorKind.PERSON:
        return []
    rows = Unsaved.objects.filter(person_id=UUID(actor.ref), about=about, typed_at__gte=now() - KEPT)
    found: dict[UUID, list[Unsaved]] = {}
    for row in rows.order_by("-typed_at", "language"):
        found.setdefault(row.sheet, []).append(row)
    return [
        Sheet(
            sheet, one[0].seen, one[0].typed_at, {row.language: Typing(row.typed, row.shown) for row in one}
        )
        for sheet, one in found.items()
    ]
