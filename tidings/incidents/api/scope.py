"""Who is affected: the question as it stands, another one and what it would change, single shipments in or out."""

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import (
    AskingIn,
    ChangeOut,
    FoundOut,
    PickedOut,
    PickIn,
    QuestionIn,
    QuestionOut,
)
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number


@router.get("/incidents/{number}/question", response=QuestionOut, summary="The question")
def question(request: StaffRequest, number: Number) -> QuestionOut:
    """Which shipments are asked for. Needs incident.read."""
    return QuestionOut.from_orm(queries.question(queries.incident(request.actor, number)))


@router.post(
    "/incidents/{number}/question/preview", response=ChangeOut, summary="What another question would change"
)
def preview_question(request: StaffRequest, number: Number, given: AskingIn) -> ChangeOut:
    """Asks it and changes nothing. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    return ChangeOut.from_orm(queries.change_by(request.actor, one, _asked(given)))


@router.put("/incidents/{number}/question", response=FoundOut, summary="Change the question")
def ask_question(request: StaffRequest, number: Number, given: QuestionIn) -> FoundOut:
    """Asks another question from now on; the older one stays as a version. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    found = actions.ask_question(
        request.actor,
        one.pk,
        _asked(given),
        seen_version=given.version,
        seen_told=given.most_told_to_go,
    )
    return FoundOut.from_orm(found)


@router.post("/incidents/{number}/ask", response=FoundOut, summary="Ask again who is affected")
def ask(request: StaffRequest, number: Number) -> FoundOut:
    """Puts the question as it stands to all shipments. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    return FoundOut.from_orm(actions.find_affected(request.actor, one.pk))


@router.post("/incidents/{number}/picks", response=PickedOut, summary="Shipments in or out")
def pick(request: StaffRequest, number: Number, given: PickIn) -> PickedOut:
    """Holds whatever the question says, also when it changes, and for the houses of a master; with a reason. Needs incident.scope."""
    one = queries.incident(request.actor, number)
    picked = actions.pick_by_hand(
        request.actor,
        one.pk,
        given.shipments,
        given.verdict,
        given.reason,
        seen_version=given.version,
    )
    return PickedOut(shipments=picked)


def _asked(given: AskingIn) -> rules.Question:
    groups = [
        rules.Group(
            tuple(
                rules.Term(term.kind, tuple(term.values), tuple(term.to), term.day, tuple(term.roles))
                for term in group.terms
            ),
            group.from_at,
            group.until_at,
        )
        for group in given.groups
    ]
    return rules.Question(tuple(groups))
