"""One incident: its page, which reads like the story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.actions.choice import CUSTOMER
from tidings.incidents.models import Incident
from tidings.incidents.pages.composing import (
    asked_completion,
    asked_phase,
    composing,
    language_name,
    late_words,
    quiet_words,
)
from tidings.incidents.pages.doing import doing
from tidings.incidents.pages.notices import done, refused
from tidings.incidents.sql import ReasonCount
from tidings.incidents.words import shipments_of_customers, tell
from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.messaging import queries as messaging
from tidings.messaging.queries import ref_of
from tidings.messaging.rules.content import PhaseReach, Reach
from tidings.people.queries import name_of, names_of
from tidings.ui.moments import Counted
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

UNNAMED = (CUSTOMER.ref, "follow")
"""Whom no line names: the sentence says that a customer did it, or that the scope followed by itself."""
MANY = 10_000
REFRESH, REFRESH_OF_MANY = "every 4s", "every 20s"
"""How often a page asks again how far its messages are; where they are many, each asking is half a second of the database's."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story, in words."""

    at: datetime
    said: str
    by: str


@require_GET
def show(request: StaffRequest, number: str) -> HttpResponse:
    """From top to bottom like the story; the composer stands beside it."""
    incident = queries.incident(request.actor, number)
    reasons = queries.counts_by_reason(request.actor, incident)
    phases, by_message = queries.reach_in_all(incident, now())
    context = {
        **head(incident),
        **reach_of(incident, phases),
        "reasons": [_reason(reason) for reason in reasons],
        "without_contact": queries.without_contact(incident, now()),
        "without_shipment": queries.without_shipment(request.actor, incident),
        "affected_words": _affected_words(request, incident),
        "news": queries.news(request.actor, incident, now()),
        "newcomers": queries.newcomers_of(request.actor, incident, now()),
        "waits": queries.waited_for(request.actor, incident, now()),
        "held_change": queries.held_change(incident),
        "sendings": _sendings(incident, by_message),
        "closing_told": _closing_told(incident),
        "to_review": _to_review(request, incident),
        "raised_above": queries.raised_above(incident),
        **_briefing(request, incident),
        "answers": _answers(request, incident),
        "story": _story(incident),
        "others_here": ", ".join(queries.others_here(request.actor, incident, now())),
        **doing(request, incident),
    }
    if incident.is_open and request.actor.may("message.write"):
        late = asked_completion(request, incident)
        phase = late.phase if late else asked_phase(request, incident)
        context |= composing(request, incident, phase, completes=late.message_id if late else None)
    return render(request, "incidents/incident.html", context)


def head(incident: Incident) -> dict[str, object]:
    """What every page of one incident shows at its top."""
    place = queries.place_name(incident.place)
    owed = queries.clock(incident, now())
    return {
        "incident": incident,
        "place": place,
        "title": forms.title_of(incident, place),
        "kind": forms.words_for_kind(incident.kind, queries.kinds().get(incident.kind)),
        "state_word": label(f"incident.state.{incident.state}"),
        "clock_due": owed,
        "clock_prefix": label(owed.word) if owed else "",
        "promised_for": queries.promised_for(incident),
        "opened_by": name_of(incident.state_changes.order_by("at").values_list("by", flat=True)[0]),
    }


def reach_of(incident: Incident, phases: Sequence[PhaseReach]) -> dict[str, object]:
    """The reach of the phase that was told last, and whether it is still moving."""
    last = (
        incident.sendings.filter(sent_at__isnull=False)
        .exclude(phase=rules.Phase.BRIEFING)
        .order_by("-sent_at")
        .values_list("phase", flat=True)
        .first()
    )
    shown = next((phase for phase in phases if phase.phase == last), None)
    return {
        "reach": shown,
        "reach_quiet": quiet_words(*messaging.waiting_quiet(incident.number, shown.phase)) if shown else "",
        "reach_word": label(f"incident.phase.{shown.phase}") if shown else "",
        "reach_languages": [
            {"code": code, "name": language_name(code), "reached": part.reached, "total": part.total}
            for code, part in sorted(shown.by_language.items())
        ]
        if shown
        else [],
        "refresh": refresh_of(shown) if shown else "",
    }


def refresh_of(shown: PhaseReach) -> str:
    """When a page asks for this reach again; never, where nothing is waited for any more."""
    if not shown.waited_for:
        return ""
    return REFRESH if shown.total <= MANY else REFRESH_OF_MANY


@require_GET
def reach(request: StaffRequest, number: str) -> HttpResponse:
    """The reach card alone, asked for again while messages are under way."""
    incident = queries.incident(request.actor, number)
    context = {"incident": incident, **reach_of(incident, queries.reach(incident, now()))}
    return render(
        request,
        "incidents/_reach.html" if request.htmx else "incidents/reach.html",
        {**head(incident), **context},
    )


@require_POST
def ask(request: StaffRequest, number: str) -> HttpResponse:
    """Puts the question again."""
    incident = queries.incident(request.actor, number)
    try:
        found = actions.find_affected(request.actor, incident.pk)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(
            request,
            _("Affected: %(affected)s; came in: %(came)s, left: %(went)s.")
            % {
                "affected": shipments_of_customers(Counted(found.shipments), Counted(found.customers)),
                "came": Counted(found.came),
                "went": Counted(found.went),
            },
        )
    return redirect("incidents:show", incident.number)


@require_POST
def note(request: StaffRequest, number: str) -> HttpResponse:
    """A sentence for the timeline."""
    incident = queries.incident(request.actor, number)
    try:
        actions.add_note(request.actor, incident.pk, request.POST.get("text", ""))
    except TidingsError as problem:
        refused(request, problem)
    return redirect("incidents:show", incident.number)


def _affected_words(request: StaffRequest, incident: Incident) -> str:
    """How many are affected, each counted once, as far as this reader sees."""
    size = queries.affected_found(request.actor, incident)
    return shipments_of_customers(Counted(size.shipments), Counted(size.customers))


def _reason(reason: ReasonCount) -> dict[str, object]:
    return {
        "count": reason,
        "why": reason.why,
        "why_word": label(f"incident.why.{reason.why}"),
        "certainty_word": label(f"incident.certainty.{reason.certainty}"),
        "effect_word": label(f"incident.effect.{reason.effect}"),
    }


def _sendings(incident: Incident, reached: Mapping[UUID, Reach]) -> list[dict[str, object]]:
    rows = [row for row in queries.sendings(incident) if row.left_at is None]
    phases = {row.message_id: label(f"incident.phase.{row.phase}") for row in rows}
    names = names_of([row.by for row in rows])
    late: dict[UUID, list[queries.Late]] = {}
    for one in queries.late_languages([incident], now()):
        late.setdefault(one.message_id, []).append(one)
    return [
        {
            "phase_word": phases[row.message_id],
            "completes": phases.get(row.completes) if row.completes else "",
            "late": [late_words(one) for one in late.get(row.message_id, [])],
            "late_in": ", ".join(language_name(one.language) for one in late.get(row.message_id, [])),
            "corrects": phases.get(row.corrects) if row.corrects else "",
            "sending": row,
            "by": names[row.by],
            "reach": reached.get(row.message_id),
        }
        for row in rows
    ]


def _closing_told(incident: Incident) -> bool:
    """Whether the closing message went and only the end is left."""
    told = incident.sendings.filter(phase=rules.Phase.CLOSING, sent_at__isnull=False)
    return incident.state == rules.State.RESOLVED and told.exists()


def _to_review(request: StaffRequest, incident: Incident) -> list[dict[str, object]]:
    """Holding notices that another person has yet to look at, and whether this reader may."""
    rows = list(queries.to_review(request.actor).filter(incident=incident))
    names = names_of([row.by for row in rows])
    may = request.actor.may("message.approve")
    return [
        {"sending": row, "by": names[row.by], "may_review": may and row.by != request.actor.ref}
        for row in rows
    ]


def _briefing(request: StaffRequest, incident: Incident) -> dict[str, object]:
    """What our own people say, and do not, in this reader's language where it is written."""
    held = queries.briefing(incident)
    if held is None:
        return {"briefing": None}
    language = getattr(request, "LANGUAGE_CODE", "en")
    words = messaging.as_written(held.message_id, language, now(), name_of(request.actor.ref))
    return {"briefing": held, "briefing_words": words}


def _answers(request: StaffRequest, incident: Incident) -> list[tuple[object, object]]:
    """What customers ask, in this reader's language."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    zone = get_current_timezone_name()
    return [(one, None) for one in queries.answers_to(incident, language, zone, now())]


def _counted(facts: dict[str, object]) -> dict[str, object]:
    """Facts of a line with their numbers as the reader writes them."""
    return {name: Counted(value) if type(value) is int else value for name, value in facts.items()}


def _story(incident: Incident) -> list[Line]:
    lines = queries.timeline(incident)
    handed = [str(line.facts["owner"]) for line in lines if line.facts.get("owner")]
    decided = messaging.decisions(incident.number)
    names = names_of([*(line.by for line in lines), *handed, *(ref_of(one.by) for one in decided)])
    places = queries.place_names([incident.place])
    told = [
        Line(
            line.at,
            tell(
                line.code,
                {
                    **_counted(line.facts),
                    "place": places.get(incident.place, incident.place),
                    "owner": names.get(str(line.facts.get("owner")), ""),
                },
                line.text,
            ),
            names[line.by] if line.by not in UNNAMED else "",
        )
        for line in lines
    ]
    told += [
        Line(
            one.at,
            tell(
                f"{one.code}_as" if one.kind else one.code,
                {"phase": one.phase, "approval": label(f"approval.kind.{one.kind}")},
                one.reason,
            ),
            names[ref_of(one.by)],
        )
        for one in decided
    ]
    return sorted(told, key=lambda line: line.at, reverse=True)
