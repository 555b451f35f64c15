"""Telling the affected: how a phase would read, writing it, sending it or asking for approval."""

from typing import Any
from uuid import UUID

from ninja import Schema, Status

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import (
    AgainIn,
    AgainOut,
    DraftOut,
    PhaseOut,
    SentAgainOut,
    TellIn,
    ToldOut,
    WordsIn,
    WrittenOut,
)
from tidings.incidents.composer import composer
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.messaging.queries import SeenAgain
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, Problem, Word


class ApprovalIn(Schema):
    """What would be approved."""

    message: UUID
    digest: Word = ""


@router.get("/incidents/{number}/phases/{phase}", response=PhaseOut, summary="How a phase would read")
def preview(request: StaffRequest, number: Number, phase: Word, corrects: UUID | None = None) -> PhaseOut:
    """Each language as one of its readers will see it, what the contract still misses, and to how many it goes; of a
    correction, the one of the message that it `corrects`. Needs message.preview."""
    request.actor.require("message.preview")
    one = queries.incident(request.actor, number)
    composed = composer(request.actor, one, _known(phase), now(), corrects)
    return PhaseOut(
        phase=composed.phase,
        complete=composed.complete,
        waits=composed.waits,
        approved=composed.approved,
        contacts=composed.contacts,
        by_channel={channel or "none": size for channel, size in composed.by_channel.items()},
        next_by=composed.next_by,
        message_id=composed.message_id,
        drafts=[DraftOut.from_orm(draft) for draft in composed.drafts],
    )


@router.put("/incidents/{number}/phases/{phase}", response=WrittenOut, summary="Write a phase")
def write(request: StaffRequest, number: Number, phase: Word, given: WordsIn) -> WrittenOut:
    """Writes the message in every language that has a text for it; place, times and promise come from the incident.
    Needs message.write."""
    one = queries.incident(request.actor, number)
    written = actions.write_phase(request.actor, one.pk, phase, given.facts, corrects=given.corrects)
    return WrittenOut(message=written)


@router.post("/incidents/{number}/phases/{phase}/send", response=ToldOut, summary="Send a phase")
def send(request: StaffRequest, number: Number, phase: Word, given: TellIn) -> ToldOut:
    """Once to each contact with all its shipments. Where a person must approve first, nothing goes: it is frozen, shown to the
    approvers, and `waits_for_approval` is true; send again after they did. A holding notice, which goes without an approver's yes,
    is a person's own decision: 403. Needs message.send."""
    one = queries.incident(request.actor, number)
    if phase == rules.Phase.HOLDING:
        raise Refused("api.people_approve", number=one.number)
    outcome = actions.tell_phase(
        request.actor, one.pk, phase, given.facts, seen=_seen(request, number, phase, given)
    )
    return ToldOut(message=outcome.message_id, sent_to=outcome.sent, waits_for_approval=outcome.sent is None)


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


def _seen(request: StaffRequest, number: str, phase: str, given: TellIn) -> queries.Seen | None:
    """With a limit: the incident as it stands now, for no more contacts than that."""
    if given.most_contacts is None:
        return None
    one = queries.incident(request.actor, number)
    return queries.Seen(one.version, queries.newest_message(one, phase), given.most_contacts)
