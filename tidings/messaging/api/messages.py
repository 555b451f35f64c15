"""Messages for programs: the list, one with its words, its recipients; stopping and letting go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Query, Schema

from tidings.kernel.clock import now
from tidings.messaging import actions, queries
from tidings.messaging.api.routes import router
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Page, Paging, Prose, Word, cut_page, example, sorted_page

_SORTS = {"phase": ("phase", "-id"), "about": ("about", "-id"), "written": ("id",)}


class MessageOut(Schema):
    """A message: what it is about, which phase, where it stands, to how many it went."""

    id: UUID
    about: str
    phase: str
    state: str
    languages: list[str]
    recipients: int
    written_at: datetime


class WordsOut(Schema):
    """The words of one language as they stand, read by a made-up reader."""

    language: str
    subject: str
    short: str
    paragraphs: list[str]
    missing: list[str]


class WholeMessageOut(MessageOut):
    """A message with its words."""

    words: list[WordsOut]


class RecipientOut(Schema):
    """One recipient: `part` is in_time, late, under_way, overdue or unreachable; `strength` presumed, delivered or confirmed."""

    id: UUID
    name: str
    language: str
    channel: str | None
    address: str | None
    due_by: datetime | None
    shipments: int
    part: str
    reason: str
    strength: str
    reached_at: datetime | None


class PauseOut(Schema):
    """One pause in force, and how many wait for it; `uncertain` of them may have gone out."""

    id: UUID
    scope: str
    what: str
    reason: str
    detail: str
    at: datetime
    waiting: int
    uncertain: int


class StopIn(Schema):
    """Why it stops."""

    why: Prose = ""

    model_config = example(why="The text names the wrong hub.")


class GoIn(Schema):
    """How many were seen to wait: 409 when more wait by now."""

    seen: int = Field(ge=0, le=2_000_000_000)

    model_config = example(seen=1284)


@router.get("/messages", response=Page[MessageOut], summary="List messages")
def messages(
    request: StaffRequest, paging: Query[Paging], text: Word = "", phase: Word = "", waiting: bool = False
) -> dict[str, Any]:
    """Newest first; `text` is part of what they are about, such as an incident's number; `waiting` leaves those that a person
    must approve. Needs message.read."""
    found = queries.messages(request.actor, text=text, phase=phase, waiting=waiting)
    shown = sorted_page(found, paging, sorts=_SORTS, default="-written")
    rows = [_message(one) for one in queries.listed(shown.rows)]
    return {"items": rows, "page": shown.page, "has_next": shown.has_next, "total": shown.total}


@router.get("/messages/{message_id}", response=WholeMessageOut, summary="One message")
def message(request: StaffRequest, message_id: UUID) -> dict[str, Any]:
    """With its words in every language. Needs message.read."""
    found = queries.message(request.actor, message_id)
    at = now()
    words = [queries.preview_of(found, text, at) for text in queries.newest_texts(found.pk).values()]
    return _message(queries.listed([found])[0]) | {"words": [WordsOut.from_orm(one) for one in words]}


@router.get("/messages/{message_id}/recipients", response=Page[RecipientOut], summary="Who gets it")
def recipients(
    request: StaffRequest,
    message_id: UUID,
    paging: Query[Paging],
    part: Word = "",
    language: Word = "",
    text: Word = "",
) -> dict[str, Any]:
    """By name, or `sort` by language, due_by or reached_at; `part` narrows to one of the five numbers. Needs message.read."""
    narrowed = {"part": part if part in queries.PARTS else "", "language": language, "text": text}
    found = queries.recipients(
        request.actor,
        message_id,
        now(),
        sort=paging.sort or "name",
        first=(paging.page - 1) * paging.per_page,
        most=paging.per_page + 1,
        **narrowed,
    )
    shown = cut_page(found, paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next}


@router.post("/messages/{message_id}/stop", response=list[PauseOut], summary="Stop a message")
def stop(request: StaffRequest, message_id: UUID, given: StopIn) -> list[PauseOut]:
    """What was released already arrives; the next window does not leave. Twice is no error. Needs message.stop."""
    made = set(actions.pause_sending(request.actor, message_id=message_id, why=given.why))
    return [PauseOut.from_orm(one) for one in queries.paused(request.actor) if one.id in made]


@router.get("/pauses", response=list[PauseOut], summary="What is held")
def pauses(request: StaffRequest) -> list[PauseOut]:
    """Every pause in force, the widest first. Needs message.read."""
    return [PauseOut.from_orm(one) for one in queries.paused(request.actor)]


@router.post("/pauses", response=list[PauseOut], summary="Hold everything")
def hold(request: StaffRequest, given: StopIn) -> list[PauseOut]:
    """Holds every sending until somebody lets it go. Only a key of headquarters. Needs message.stop."""
    made = set(actions.pause_sending(request.actor, why=given.why))
    return [PauseOut.from_orm(one) for one in queries.paused(request.actor) if one.id in made]


@router.post("/pauses/{pause_id}/resume", response=PauseOut, summary="Let go what is held")
def resume(request: StaffRequest, pause_id: UUID, given: GoIn) -> PauseOut:
    """Ends one pause: what waited may go. Only a key of headquarters. Needs message.send."""
    return PauseOut.from_orm(actions.resume_sending(request.actor, pause_id, seen=given.seen))


def _message(one: queries.Listed) -> dict[str, Any]:
    return {
        "id": one.message.pk,
        "about": one.message.about,
        "phase": one.message.phase,
        "state": str(one.state),
        "languages": list(one.languages),
        "recipients": one.recipients,
        "written_at": one.message.written_at,
    }
