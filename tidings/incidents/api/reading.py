"""Reading incidents: the list, one whole, its affected, its story, its reach."""

from typing import Any, Literal

from ninja import Query

from tidings.customers.rules import language_code
from tidings.incidents import queries
from tidings.incidents.api.routes import router
from tidings.incidents.api.shapes import (
    AffectedOut,
    AnswerOut,
    EffectOut,
    FamilyOut,
    IncidentOut,
    LineOut,
    PhaseReachOut,
    ReasonOut,
    WholeOut,
)
from tidings.incidents.composer import next_phase
from tidings.incidents.models import Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.installation import firm_time_zone
from tidings.people.queries import names_of
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, Page, Paging, Word, cut_page, sorted_page


@router.get("/incidents", response=Page[IncidentOut], summary="List incidents")
def incidents(
    request: StaffRequest,
    paging: Query[Paging],
    text: Word = "",
    state: Word = "open",
    kind: Word = "",
    severity: Word = "",
) -> dict[str, Any]:
    """Newest first. `state` is a state, "open" for all that are not over, or "all"; `sort` one of opened, number, kind,
    place, state, grade, due. Needs incident.read."""
    wanted = queries.Filter(text=text, state="" if state == "all" else state, kind=kind, severity=severity)
    found = queries.incidents(request.actor, wanted)
    shown = sorted_page(found, paging, sorts=queries.SORTS, default="-opened")
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next, "total": shown.total}


@router.get("/incidents/{number}", response=WholeOut, summary="One incident")
def incident(request: StaffRequest, number: Number) -> WholeOut:
    """With its facts, and how many are affected for which reason. Needs incident.read."""
    return whole(request.actor, queries.incident(request.actor, number))


@router.get("/incidents/{number}/affected", response=Page[AffectedOut], summary="Who is affected")
def affected(
    request: StaffRequest,
    number: Number,
    paging: Query[Paging],
    why: Word = "",
    certainty: Word = "",
    effect: Word = "",
    text: Word = "",
    lacks: Literal["", "contact", "told"] = "",
) -> dict[str, Any]:
    """One row per shipment and customer who is told of it, surest first; narrowed to a reason, a certainty, an effect, to who `lacks` a
    contact that can be reached or was not told yet, or by `text`, which begins a waybill, is a customer's number or is in its name. Needs incident.read."""
    one = queries.incident(request.actor, number)
    first = (paging.page - 1) * paging.per_page
    wanted = queries.Narrowed(why=why, certainty=certainty, effect=effect, text=text, lacks=lacks)
    found = queries.affected_lines(request.actor, one, wanted, paging.per_page + 1, first)
    shown = cut_page(found, paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next}


@router.get("/incidents/{number}/effects", response=list[EffectOut], summary="What it means, per reason")
def effects(request: StaffRequest, number: Number) -> list[EffectOut]:
    """What was said of each reason; what was said of single shipments stands in the list of the affected. Needs incident.read."""
    found = queries.effects(queries.incident(request.actor, number))
    return [EffectOut.from_orm(one) for one in found]


@router.get("/incidents/{number}/family", response=FamilyOut, summary="What belongs together")
def family(request: StaffRequest, number: Number) -> FamilyOut:
    """What it is part of, what stands below it, what was merged into it, and what they sum up to. Needs incident.read."""
    return family_of(request.actor, queries.incident(request.actor, number))


@router.get("/incidents/{number}/timeline", response=list[LineOut], summary="The story")
def timeline(request: StaffRequest, number: Number) -> list[dict[str, Any]]:
    """The newest 500 lines, newest first. Needs incident.read."""
    lines = queries.timeline(queries.incident(request.actor, number), limit=500)
    names = names_of([line.by for line in lines])
    return [
        {
            "at": line.at,
            "code": line.code,
            "facts": line.facts,
            "text": line.text,
            "by": names[line.by],
            "by_kind": line.by_kind,
        }
        for line in lines
    ]


@router.get("/incidents/{number}/reach", response=list[PhaseReachOut], summary="Who has heard")
def reach(request: StaffRequest, number: Number) -> list[PhaseReachOut]:
    """Phase by phase; the parts always add up to the total. The same query as the page and the command. Needs incident.read."""
    phases = queries.reach(queries.incident(request.actor, number), now())
    return [PhaseReachOut.from_orm(phase) for phase in phases]


@router.get("/incidents/{number}/questions", response=list[AnswerOut], summary="What customers ask")
def questions(
    request: StaffRequest, number: Number, language: Word = "en", public: bool = False
) -> list[dict[str, Any]]:
    """The questions of its kind in the phase it is in, with our answers, filled with its facts; times in the firm's zone. What is not
    written in the language comes in English. With `public` only those that customers may read. Needs incident.read."""
    one = queries.incident(request.actor, number)
    zone = str(firm_time_zone())
    found = queries.answers_to(one, language_code(language), zone, now(), only_public=public)
    return [
        {
            "code": said.code,
            "language": said.language,
            "question": said.question,
            "answer": "\n\n".join(said.paragraphs),
            "public": said.public,
        }
        for said in found
    ]


def family_of(actor: Actor, one: Incident) -> FamilyOut:
    """What belongs to an incident, by number."""
    found = queries.family(actor, one)
    return FamilyOut(
        parent=found.parent.number if found.parent else None,
        children=[child.number for child in found.children],
        merged=[other.number for other in found.merged],
        shipments=found.shipments,
        customers=found.customers,
        told=found.told,
    )


def whole(actor: Actor, one: Incident) -> WholeOut:
    """One incident as every route about it gives it."""
    reasons = [ReasonOut.from_orm(reason) for reason in queries.counts_by_reason(actor, one)]
    plain = IncidentOut.from_orm(one).dict()
    size = queries.affected_found(actor, one)
    names = ("what", "cause", "effect", "first_response", "measures", "unit_id", "opened_at", "changed_at")
    news = queries.news(actor, one, now())
    return WholeOut(
        **plain,
        **{name: getattr(one, name) for name in names},
        shipments=size.shipments,
        customers=size.customers,
        affected=reasons,
        without_shipment=queries.without_shipment(actor, one),
        without_contact=queries.without_contact(one, now()),
        untold=news.untold,
        untold_customers=news.untold_customers,
        next_phase=next_phase(one),
    )
