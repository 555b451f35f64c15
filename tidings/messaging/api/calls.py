"""The call list for programs: who is to be called, taking the next call, and what came of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ninja import Query, Schema

from tidings.kernel.clock import now
from tidings.messaging import actions, queries
from tidings.messaging.api.routes import router
from tidings.messaging.rules.calling import CallOutcome
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Moment, Page, Paging, Prose, Word, cut_page, example


class CallOut(Schema):
    """One line of the call list; `tried` counts what was tried before."""

    id: UUID
    name: str
    language: str
    about: str
    phase: str
    effect: str
    shipments: int
    due_by: datetime | None
    tried: int
    reason: str
    again_at: datetime | None


class OutlookOut(Schema):
    """Whether the list will be done in time at this pace: `late` of the `left` calls come after their deadline; `people` took calls
    in the last hour, and `people_needed` would be in time for all whose deadline has not passed."""

    left: int
    done_at: datetime
    late: int
    people: int
    people_needed: int
    a_call: timedelta


class TakeIn(Schema):
    """What the call is narrowed to; empty takes the next one, whatever it is about."""

    about: Word = ""
    language: Word = ""

    model_config = example(about="INC-2026-11-0001", language="nl")


class SaidOut(Schema):
    """The words that a customer was to be told, in their language."""

    phase: str
    language: str
    subject: str
    paragraphs: list[str]


class EndedOut(Schema):
    """An earlier call to the same person."""

    ended_at: datetime
    outcome: str
    note: str


class TakenOut(Schema):
    """A call in hand: whom to call on which number, and what they were to be told; `also` is what older messages about the same
    thing were to tell, `code` what proves to them that it is from us. Held until `leased_until`, then anybody's."""

    id: UUID
    name: str
    address: str
    language: str
    time_zone: str
    about: str
    due_by: datetime | None
    leased_until: datetime
    ended_at: datetime | None
    outcome: str
    code: str
    script: SaidOut | None
    also: list[SaidOut]
    before: list[EndedOut]


class CallEndIn(Schema):
    """What came of it. `again_at` is when they are called again, after no_answer or left_word; without it, as the page proposes."""

    outcome: CallOutcome
    note: Prose = ""
    again_at: Moment | None = None

    model_config = example(outcome="no_answer", note="Voice mail.", again_at="2026-11-22T10:30:00+01:00")


@router.get("/calls", response=Page[CallOut], summary="The call list")
def calls(
    request: StaffRequest, paging: Query[Paging], about: Word = "", language: Word = ""
) -> dict[str, Any]:
    """Whom people call, in order of effect and deadline. Needs call.take."""
    wanted = queries.CallFilter(about=about, language=language)
    first = (paging.page - 1) * paging.per_page
    found = queries.calls(request.actor, now(), wanted, first=first, most=paging.per_page + 1)
    shown = cut_page(found, paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next}


@router.get("/calls/outlook", response=OutlookOut, summary="Will it be done in time?")
def outlook(request: StaffRequest, about: Word = "", language: Word = "") -> OutlookOut:
    """At the pace of the last hour. Needs call.take."""
    wanted = queries.CallFilter(about=about, language=language)
    return OutlookOut.from_orm(queries.call_outlook(request.actor, now(), wanted))


@router.post("/calls/take", response=TakenOut | None, summary="Take the next call")
def take(request: StaffRequest, given: TakeIn) -> TakenOut | None:
    """The gravest whose time is next, held for a quarter of an hour; null where nobody is to be called now. Who has one in hand gets
    that one: give each seat of a call centre a key of its own. Needs call.take."""
    taken = actions.take_call(request.actor, queries.CallFilter(about=given.about, language=given.language))
    return _taken(request, taken.pk) if taken else None


@router.get("/calls/{call_id}", response=TakenOut, summary="A call in hand")
def call(request: StaffRequest, call_id: UUID) -> TakenOut:
    """Of this key alone. Needs call.take."""
    return _taken(request, call_id)


@router.post("/calls/{call_id}/end", response=TakenOut, summary="What came of a call")
def end(request: StaffRequest, call_id: UUID, given: CallEndIn) -> TakenOut:
    """`reached` confirms; a wrong number, or somebody who refuses calls, closes this number. Needs call.take."""
    actions.end_call(request.actor, call_id, given.outcome, given.note, again_at=given.again_at)
    return _taken(request, call_id)


@router.post("/calls/{call_id}/back", response=TakenOut, summary="Put a call back")
def back(request: StaffRequest, call_id: UUID) -> TakenOut:
    """Without an outcome: it stands on the list for anybody again. Needs call.take."""
    actions.give_back_call(request.actor, call_id)
    return _taken(request, call_id)


def _taken(request: StaffRequest, call_id: UUID) -> TakenOut:
    found = queries.conversation(request.actor, call_id)
    row = found.recipient
    return TakenOut(
        id=found.call.pk,
        name=row.name,
        address=row.address or "",
        language=row.language,
        time_zone=row.time_zone,
        about=found.call.about,
        due_by=row.due_by,
        leased_until=found.call.leased_until,
        ended_at=found.call.ended_at,
        outcome=found.call.outcome,
        code=found.code,
        script=_said(found.message.phase, found.script) if found.script else None,
        also=[_said(message.phase, words) for message, words in found.also],
        before=[EndedOut.from_orm(one) for one in found.before],
    )


def _said(phase: str, words: queries.Preview) -> SaidOut:
    return SaidOut(
        phase=phase, language=words.language, subject=words.subject, paragraphs=list(words.paragraphs)
    )
