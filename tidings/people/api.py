"""What a program can ask about itself. Who it is was found by the middleware; the routes of other domains stand in theirs."""

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema

from tidings.people import queries
from tidings.ui.requests import StaffRequest

router = Router(tags=["key"])


class KeyOut(Schema):
    """The key that was shown: what it may do, in which unit, until when."""

    id: UUID
    name: str
    scopes: list[str]
    unit: str
    per_minute: int
    expires_at: datetime


@router.get("/key", response=KeyOut, summary="What this key may do")
def key(request: StaffRequest) -> KeyOut:
    """Gives the key's own name, scopes, unit and end. A good first request: it needs no scope."""
    found = queries.key_named_by(request.actor)
    return KeyOut(
        id=found.pk,
        name=found.name,
        scopes=sorted(request.actor.abilities),
        unit=found.unit.name,
        per_minute=found.per_minute,
        expires_at=found.expires_at,
    )
