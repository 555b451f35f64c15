"""Changing incidents: report, facts, grade, effect, state, note."""

from ninja import Status

from tidings.incidents import actions, queries, rules
from tidings.incidents.api.reading import family_of, whole
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import (
    ChangedFactsIn,
    EffectIn,
    FactsIn,
    FamilyOut,
    GradeIn,
    MoveIn,
    NoteIn,
    ParentIn,
    ReportIn,
    WhatIn,
    WholeOut,
)
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number


@router.post("/incidents", response={201: WholeOut}, summary="Report an incident")
def report(request: StaffRequest, given: ReportIn) -> Status[WholeOut]:
    """Opens it, finds who is affected, proposes the grade; its clocks run from detection. Send an Idempotency-Key, so that a
    repeated request opens no second one. Needs incident.report, and incident.read for what it answers."""
    request.actor.require(
        "incident.read"
    )  # before anything is opened: a refused report must leave none behind
    reported = actions.Report(
        kind=given.kind,
        place=given.place,
        window_from=given.window_from,
        window_until=given.window_until,
        title=given.facts.title or "",
        severity=given.severity,
        detected_at=given.detected_at,
        facts=_facts(given.facts, title=False),
        effect=given.effect,
        safety=given.safety,
        legal=given.legal,
        drill=given.drill,
        origin="key",
        unit=given.unit,
        users=tuple(given.users),
        pickups=tuple(given.pickups),
    )
    opened = actions.open_incident(request.actor, reported)
    return Status(201, whole(request.actor, queries.incident(request.actor, opened)))


@router.patch("/incidents/{number}/facts", response=WholeOut, summary="What is known")
def facts(request: StaffRequest, number: Number, given: ChangedFactsIn) -> WholeOut:
    """Writes what changed; facts left out stay. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    actions.change_facts(request.actor, one.pk, _facts(given), seen_version=given.version)
    return whole(request.actor, queries.incident(request.actor, number))


@router.post("/incidents/{number}/what", response=WholeOut, summary="What it is after all")
def what(request: StaffRequest, number: Number, given: WhatIn) -> WholeOut:
    """A report's kind or detection that was mistaken. Grade and deadlines follow and never get looser; what has not gone is
    written anew for the new kind, and needs its approval again. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    said = actions.What(given.kind, given.detected_at)
    actions.correct_what(request.actor, one.pk, said, given.reason, seen_version=given.version)
    return whole(request.actor, queries.incident(request.actor, number))


@router.post("/incidents/{number}/grade", response=WholeOut, summary="Grade it")
def grade(request: StaffRequest, number: Number, given: GradeIn) -> WholeOut:
    """A raised grade counts its deadlines from detection again; a lowered one loosens no promise. Needs incident.grade."""
    one = queries.incident(request.actor, number)
    actions.change_grade(
        request.actor,
        one.pk,
        given.severity,
        given.reason,
        safety=given.safety,
        legal=given.legal,
        takes_back=given.takes_back,
        seen_version=given.version,
    )
    return whole(request.actor, queries.incident(request.actor, number))


@router.post("/incidents/{number}/effect", response=WholeOut, summary="What it means for shipments")
def effect(request: StaffRequest, number: Number, given: EffectIn) -> WholeOut:
    """For a reason, for single shipments, for a narrowed list, or for pieces of one. Messages frozen before keep what they said. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    more = {
        "from_at": given.from_at,
        "until_at": given.until_at,
        "held_by": given.held_by,
        "must_do": given.must_do,
        "do_by": given.do_by,
    }
    seen = given.version
    if given.shipments is None and given.listed is None:
        actions.set_effect(request.actor, one.pk, given.effect, why=given.why, seen_version=seen, **more)
    else:
        listed = given.listed.dict() if given.listed else {}
        actions.set_effect_of(
            request.actor,
            one.pk,
            queries.Narrowed(shipments=given.shipments, **listed),
            rules.Meaning(given.effect, **more),  # type: ignore[arg-type]
            pieces=given.pieces,
            seen_shipments=given.most_shipments,
            seen_version=seen,
        )
    return whole(request.actor, queries.incident(request.actor, number))


@router.post("/incidents/{number}/move", response=WholeOut, summary="The next state")
def move(request: StaffRequest, number: Number, given: MoveIn) -> WholeOut:
    """Along the drawn states; closing asks that everybody was reached or is recorded as unreachable, and for cause and
    measures. Needs incident.assess, closing needs incident.close."""
    actor = request.actor
    one = queries.incident(actor, number)
    if given.target == rules.State.CLOSED:
        actions.close_incident(actor, one.pk, seen_version=given.version)
    elif given.target == rules.State.MERGED:
        other = queries.incident(actor, given.other)
        actions.dismiss_incident(
            actor, one.pk, given.reason, merged_into=other.pk, seen_version=given.version
        )
    elif given.target == rules.State.DISMISSED:
        actions.dismiss_incident(actor, one.pk, given.reason, seen_version=given.version)
    else:
        actions.move_incident(actor, one.pk, given.target, given.reason, seen_version=given.version)
    return whole(actor, queries.incident(actor, number))


@router.put("/incidents/{number}/parent", response=FamilyOut, summary="Part of another incident")
def parent(request: StaffRequest, number: Number, given: ParentIn) -> FamilyOut:
    """A storm closes nine hubs: each keeps its own clocks. Needs incident.assess."""
    one = queries.incident(request.actor, number)
    above = queries.incident(request.actor, given.parent).pk if given.parent else None
    actions.set_parent(request.actor, one.pk, above, seen_version=given.version)
    return family_of(request.actor, queries.incident(request.actor, number))


@router.post("/incidents/{number}/notes", response={201: None}, summary="A note on the timeline")
def note(request: StaffRequest, number: Number, given: NoteIn) -> Status[None]:
    """Needs incident.report."""
    actions.add_note(request.actor, queries.incident(request.actor, number).pk, given.text)
    return Status(201, None)


def _facts(given: FactsIn, *, title: bool = True) -> actions.Facts:
    return actions.Facts(
        title=given.title if title else None,
        what=given.what,
        cause=given.cause,
        effect=given.effect,
        first_response=given.first_response,
        measures=given.measures,
    )
