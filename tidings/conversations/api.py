"""A program hands in raw mail, and reads what customers answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema

from tidings.conversations import actions, queries
from tidings.conversations.models import Answer
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, Page, Paging, cut_page

router = Router(tags=["incoming"])


class KeptOut(Schema):
    """The mail as it is kept; `new` is false for one that came before."""

    id: UUID
    new: bool


class AnswerOut(Schema):
    """One answer of a customer to a message about an incident; `asks` names what calls for a call back on the known number."""

    id: UUID
    about: str
    contact_id: UUID | None
    customer_id: UUID | None
    name: str
    channel: str
    text: str
    asks: list[str]
    confirms: bool
    at: datetime
    read_at: datetime | None


@router.post("/incoming", response=KeptOut, summary="Hand in a raw mail")
def bring(request: StaffRequest) -> KeptOut:
    """The body is the mail as it came, whatever its content type. It is kept before this answers, and decided afterwards. The same
    mail again is no error. Needs arrival.bring."""
    arrival, new = actions.keep_arrival(request.actor, None, request.body)
    return KeptOut(id=arrival, new=new)


@router.get("/incidents/{number}/answers", response=Page[AnswerOut], summary="What customers answered")
def answers(request: StaffRequest, number: Number, paging: Query[Paging]) -> dict[str, Any]:
    """The answers to messages about one incident, newest first. Needs arrival.read."""
    first = (paging.page - 1) * paging.per_page
    found = queries.answers_about(request.actor, number)[first : first + paging.per_page + 1]
    shown = cut_page([_out(one) for one in found], paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next}


def _out(one: Answer) -> AnswerOut:
    talk = one.conversation
    return AnswerOut(
        id=one.pk,
        about=talk.about,
        contact_id=talk.contact_id,
        customer_id=talk.customer_id,
        name=talk.name,
        channel=one.channel,
        text=one.text,
        asks=list(one.asks),
        confirms=one.confirms,
        at=one.at,
        read_at=one.read_at,
    )
