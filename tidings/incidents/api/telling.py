"""Telling the affected: how a phase would read, writing it, sending it or asking for approval."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Query, Schema, Status

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.composer import composer
from tidings.incidents.models import Incident
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.messaging import queries as messaging
from tidings.messaging.queries import PARTS, SeenAgain, Shown
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, Page, Paging, Problem, Prose, Word, cut_page, example


class WordsIn(Schema):
    """People's own sentences: language code to the fact of the contract to its sentence. A correction names the message that it
    puts right; what `completes` a sent message is for those who wait for it in another language."""

    facts: dict[Word, dict[Word, Prose]] = Field(default_factory=dict)
    corrects: UUID | None = None
    completes: UUID | None = None

    model_config = example(facts={"en": {"what_we_do": "We reroute by Duisburg."}})


class TellIn(Schema):
    """Without `facts` what is written already goes, or the prepared text as it stands."""

    facts: dict[Word, dict[Word, Prose]] | None = None
    most_contacts: int | None = Field(
        None, ge=0, le=2_000_000_000, description="409 when it would go to more contacts than this"
    )
    completes: UUID | None = Field(
        None, description="the sent message whose readers wait for another language"
    )

    model_config = example(most_contacts=1300)


class DraftOut(Schema):
    """One language as one of its readers will see it; `missing` are facts of the contract that it does not tell yet."""

    language: str
    subject: str
    short: str
    paragraphs: list[str]
    said: list[str]
    missing: list[str]
    contacts: int


class PhaseOut(Schema):
    """A phase about to be told: its words, its size, and what still stands before it."""

    phase: str
    complete: bool
    waits: bool = Field(description="a person must approve it first")
    approved: bool
    contacts: int = Field(description="to how many it goes")
    by_channel: dict[str, int]
    also_in: dict[str, int] = Field(description="of these, who hear of another incident too, by its number")
    already_told: dict[str, int] = Field(description="left out: another incident's update told them the same")
    already_told_elsewhere: int = Field(description="the same, of incidents that you do not see")
    next_by: datetime | None
    message_id: UUID | None
    drafts: list[DraftOut]


class WrittenOut(Schema):
    """The message that was written."""

    message: UUID


class ToldOut(Schema):
    """What became of telling: how many contacts it goes to, or that it waits for a person's approval, and of which kinds
    (`legal`, `management`) where it needs more than one other person's.
    """

    message: UUID
    sent_to: int | None
    already_told: int = Field(0, description="left out, since another incident's update told them the same")
    waits_for_approval: bool
    approvals_missing: list[str] = []


class AgainOut(Schema):
    """Whom a message would go to again; `broadcast` and `people` are what the request to do so must carry."""

    broadcast: str
    people: int
    by_channel: dict[str, int]
    without: int = Field(description="without any usable address")


class AgainIn(Schema):
    """What was seen: 409 when it was sent again since, or would go to more people."""

    broadcast: Word
    people: int = Field(ge=0, le=2_000_000_000)

    model_config = example(broadcast="0199a000-0000-7000-8000-000000000006", people=3)


class SentAgainOut(Schema):
    """To how many it is on its way again."""

    sent_to: int


class LateOut(Schema):
    """A language that a sent message lacks: how many of its readers wait, until they get their second one."""

    message_id: UUID
    phase: str
    language: str
    readers: int
    until: datetime


class PersonOut(Schema):
    """One contact behind the numbers of a phase; `part` is in_time, late, under_way, overdue or unreachable."""

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


class ApprovalIn(Schema):
    """What would be approved."""

    message: UUID
    digest: Word = ""

    model_config = example(message="0199a000-0000-7000-8000-000000000005")


@router.get("/incidents/{number}/phases/{phase}", response=PhaseOut, summary="How a phase would read")
def preview(
    request: StaffRequest,
    number: Number,
    phase: Word,
    corrects: UUID | None = None,
    completes: UUID | None = None,
) -> PhaseOut:
    """Each language as one of its readers will see it, what the contract still misses, and to how many it goes; of a
    correction, the one of the message that it `corrects`; of what `completes` a sent message, the languages that it lacks.
    Phases are first_notice, update, restored, closing, holding, correction, all_clear, and briefing, which goes to our own
    people. Needs message.preview."""
    request.actor.require("message.preview")
    one = queries.incident(request.actor, number)
    composed = composer(request.actor, one, _known(phase), now(), corrects, completes)
    return PhaseOut(
        phase=composed.phase,
        complete=composed.complete,
        waits=composed.waits,
        approved=composed.approved,
        contacts=composed.contacts,
        by_channel={channel or "none": size for channel, size in composed.by_channel.items()},
        also_in=dict(composed.also_in),
        already_told=dict(composed.already_told),
        already_told_elsewhere=composed.already_told_elsewhere,
        next_by=composed.next_by,
        message_id=composed.message_id,
        drafts=[DraftOut.from_orm(draft) for draft in composed.drafts],
    )


@router.put("/incidents/{number}/phases/{phase}", response=WrittenOut, summary="Write a phase")
def write(request: StaffRequest, number: Number, phase: Word, given: WordsIn) -> WrittenOut:
    """Writes the message in every language that has a text for it; place, times and promise come from the incident. With
    `completes` only in the languages that the sent message lacks. Needs message.write."""
    one = queries.incident(request.actor, number)
    if given.completes:
        late = _to_complete(one, phase, given.completes)
        return WrittenOut(message=actions.write_completion(request.actor, one.pk, late, given.facts))
    written = actions.write_phase(request.actor, one.pk, phase, given.facts, corrects=given.corrects)
    return WrittenOut(message=written)


@router.post("/incidents/{number}/phases/{phase}/send", response=ToldOut, summary="Send a phase")
def send(request: StaffRequest, number: Number, phase: Word, given: TellIn) -> ToldOut:
    """Once to each contact with all its shipments. Where a person must approve first, nothing goes: it is frozen, shown to the
    approvers, and `waits_for_approval` is true; send again after they did. A holding notice, which goes without an approver's yes,
    is a person's own decision: 403. With `completes` it goes to those who wait for that message in their language. Needs message.send."""
    one = queries.incident(request.actor, number)
    seen = _seen(one, phase, given)
    if given.completes:
        late = _to_complete(one, phase, given.completes)
        outcome = actions.complete_phase(request.actor, one.pk, late, given.facts, seen=seen)
    else:
        outcome = actions.tell_phase(request.actor, one.pk, phase, given.facts, seen=seen)
    return ToldOut(
        message=outcome.message_id,
        sent_to=outcome.sent,
        already_told=outcome.already_told,
        waits_for_approval=outcome.sent is None,
        approvals_missing=list(filter(None, messaging.approvals_missing(outcome.message_id))),
    )


@router.get("/incidents/{number}/languages", response=list[LateOut], summary="Languages that are awaited")
def languages(request: StaffRequest, number: Number) -> list[LateOut]:
    """Which sent messages hold readers for want of a language, the most urgent first: write and send the phase again in it, with
    `completes`. Needs incident.read."""
    return [
        LateOut.from_orm(one)
        for one in queries.late_languages([queries.incident(request.actor, number)], now())
    ]


@router.get(
    "/incidents/{number}/phases/{phase}/people", response=Page[PersonOut], summary="Behind the numbers"
)
def people(
    request: StaffRequest,
    number: Number,
    phase: Word,
    paging: Query[Paging],
    part: Word = "",
    language: Word = "",
    channel: Word = "",
    text: Word = "",
) -> dict[str, Any]:
    """Who was told in a phase by all its messages, by name, and how it stands with each; `part` narrows to one of the five
    numbers or to `not_reached`, `channel` to a rung under way, `text` to part of a name or an address. A key of a unit sees the customers of its own shipments. Needs incident.read."""
    one, first = queries.incident(request.actor, number), (paging.page - 1) * paging.per_page
    wanted = part if part in (*PARTS, "not_reached") else ""
    found = queries.people_of_phase(
        request.actor,
        one,
        _known(phase),
        now(),
        Shown(wanted, language, channel, text),
        sort=paging.sort or "name",
        first=first,
        most=paging.per_page + 1,
    )
    shown = cut_page(found, paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next}


@router.get(
    "/incidents/{number}/messages/{message_id}/again", response=AgainOut, summary="Who was not reached"
)
def not_reached(request: StaffRequest, number: Number, message_id: UUID) -> AgainOut:
    """To how many a message would go again, by which channel. Needs message.send."""
    request.actor.require("message.send")
    one = queries.incident(request.actor, number)
    stands = queries.not_reached(queries.sent_message(one, message_id), now())
    return AgainOut(
        broadcast=stands.broadcast,
        people=stands.people,
        by_channel=dict(stands.by_channel),
        without=stands.without,
    )


@router.post("/incidents/{number}/messages/{message_id}/again", response=SentAgainOut, summary="Send again")
def again(request: StaffRequest, number: Number, message_id: UUID, given: AgainIn) -> SentAgainOut:
    """The same words to whom they have not reached, on their next address or the same. Needs message.send."""
    one = queries.incident(request.actor, number)
    seen = SeenAgain(given.broadcast, given.people)
    return SentAgainOut(sent_to=actions.send_phase_again(request.actor, one.pk, message_id, seen))


@router.post(
    "/incidents/{number}/approvals", response={403: Problem}, summary="Approve: refused, a person does it"
)
def approve(request: StaffRequest, number: Number, given: ApprovalIn) -> Status[Any]:  # noqa: ARG001
    """Always 403: an approval is a person's own, signed in with a second factor, on the page of the incident."""
    raise Refused("api.people_approve", number=queries.incident(request.actor, number).number)


def _known(phase: str) -> str:
    if phase not in rules.SENT_PHASES:
        raise Missing("incident.phase_unknown", phase=phase)
    return phase


def _to_complete(one: Incident, phase: str, message_id: UUID) -> UUID:
    """The sent message of this phase that is to be completed."""
    sent = queries.to_complete(one, message_id)
    if sent.phase != phase:
        raise Missing("incident.message_missing", number=one.number)
    return sent.message_id


def _seen(one: Incident, phase: str, given: TellIn) -> queries.Seen | None:
    """With a limit: the incident as it stands now, for no more contacts than that."""
    if given.most_contacts is None:
        return None
    newest = queries.newest_message(one, phase, given.completes)
    return queries.Seen(one.version, newest, given.most_contacts)
