"""Behind the numbers of reach: the people of one phase, and sending again to whom it has not reached."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused
from tidings.incidents.words import BY_CHANNEL
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging.queries import PARTS, SeenAgain
from tidings.ui.export import Streamed, csv_file
from tidings.ui.listing import PER_PAGE, Listing, page_of, sort_of
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_SORTS = {"name": (), "language": (), "due_by": (), "reached_at": ()}
_EXPORTED = 5000


@require_GET
def people(request: StaffRequest, number: str, phase: str) -> HttpResponseBase:
    """Who was told in a phase, and how it stands with each, as a page or all of them as CSV; `?part=` leaves those of one number."""
    incident = queries.incident(request.actor, number)
    at, page, wanted = now(), page_of(request), _wanted(request)
    shown = next((one for one in queries.reach(incident, at) if one.phase == phase), None)
    if shown is None:
        raise Missing("incident.phase_unknown", phase=phase)
    if request.GET.get("export") == "csv":
        return _as_csv(request, incident, phase, wanted)
    found = queries.people_of_phase(
        request.actor, incident, phase, at, first=(page - 1) * PER_PAGE, most=PER_PAGE + 1, **wanted
    )
    sent = queries.sent_of_phase(incident, phase)
    told_with = {one.told_with: 1 for one in found if one.told_with}
    context = {
        **head(incident),
        "numbers_seen": queries.named_to(request.actor, told_with)[0],
        "heading": label(f"incident.phase.{phase}"),
        "phase": phase,
        "reach": shown,
        "wanted": wanted,
        "parts": [(code, label(f"message.part.{code}")) for code in PARTS],
        "undone": next((one for one in queries.undone(incident) if one.phase == phase), None),
        "languages": sorted(shown.by_language),
        "listing": Listing(found[:PER_PAGE], page, len(found) > PER_PAGE, wanted["sort"], exports=True),
        "without_contact": queries.without_contact(incident, at, phase)
        if sent and _counts_all(wanted)
        else 0,
        "again": [(one, queries.not_reached(one, at)) for one in sent] if _may(request, incident) else [],
    }
    return render(request, "incidents/people.html", context)


def _wanted(request: StaffRequest) -> dict[str, str]:
    part = request.GET.get("part", "")
    return {
        "part": part if part in PARTS else "",
        "language": request.GET.get("language", "")[:20],
        "text": request.GET.get("text", "").strip()[:200],
        "sort": sort_of(request, _SORTS, "name"),
    }


def _counts_all(wanted: dict[str, str]) -> bool:
    """Whether those without a contact belong to what is shown: they have neither name nor language."""
    return wanted["part"] in ("", "unreachable") and not wanted["language"] and not wanted["text"]


def _as_csv(request: StaffRequest, incident: Incident, phase: str, wanted: dict[str, str]) -> Streamed:
    header = (
        pgettext("person", "Name"), _("Language"), _("Channel"), _("Address"), _("Shipments"), _("Due"), _("Standing"),
        _("Evidence"), _("Reached"),
    )  # fmt: skip
    at = now()

    def rows() -> Iterator[tuple[object, ...]]:
        first = 0
        while found := queries.people_of_phase(
            request.actor, incident, phase, at, first=first, most=_EXPORTED, **wanted
        ):
            for one in found:
                yield (
                    one.name, one.language, label(f"message.channel.{one.channel}") if one.channel else "", one.address,
                    one.shipments, one.due_by, label(f"message.part.{one.part}"),
                    label(f"message.strength.{one.strength}") if one.strength else "", one.reached_at,
                )  # fmt: skip
            first += len(found)

    return csv_file(f"people-{incident.number}-{phase}", header, rows())


@require_POST
def leave(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """Somebody looked at what came back after the end, and leaves it at that."""
    incident = queries.incident(request.actor, number)
    try:
        actions.leave_undone(request.actor, incident.pk, request.POST.get("reason", ""))
    except TidingsError as problem:
        refused(request, problem)
    return redirect("incidents:people", incident.number, phase)


@require_http_methods(["GET", "POST"])
def again(request: StaffRequest, number: str, message_id: UUID) -> HttpResponse:
    """To how many it would go again, by which channel; and the press that does it. The form carries what was seen."""
    request.actor.require("message.send")
    incident = queries.incident(request.actor, number)
    sending = queries.sent_message(incident, message_id)
    if request.method == "POST":
        people_seen = request.POST.get("seen_people", "")
        seen = SeenAgain(
            request.POST.get("seen_broadcast", ""), int(people_seen) if people_seen.isdecimal() else -1
        )
        try:
            sent = actions.send_phase_again(request.actor, incident.pk, message_id, seen)
        except TidingsError as problem:
            refused(request, problem)
            return redirect("incidents:again", incident.number, message_id)
        sentence = ngettext(
            "On its way again, to %(number)s contact.", "On its way again, to %(number)s contacts.", sent
        )
        done(request, sentence % {"number": count(sent)})
        return redirect("incidents:people", incident.number, sending.phase)
    stands = queries.not_reached(sending, now())
    context = {
        **head(incident),
        "heading": _("Send again"),
        "sending": sending,
        "phase_word": label(f"incident.phase.{sending.phase}"),
        "stands": stands,
        "by_channel": [
            str(BY_CHANNEL.get(code, code)) % {"number": count(size)}
            for code, size in stands.by_channel.items()
        ],
    }
    return render(request, "incidents/again.html", context)


def _may(request: StaffRequest, incident: Incident) -> bool:
    return request.actor.may("message.send") and incident.state in rules.OPEN_STATES
