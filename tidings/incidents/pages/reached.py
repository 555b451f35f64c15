"""Behind the numbers of reach: the people of one phase, and sending again to whom it has not reached."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused
from tidings.incidents.words import BY_CHANNEL
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging.queries import PARTS, SeenAgain
from tidings.ui.listing import PER_PAGE, Listing, page_of
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_GET
def people(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """Who was told in a phase, and how it stands with each; `?part=` leaves those of one number."""
    incident = queries.incident(request.actor, number)
    at, page, part = now(), page_of(request), request.GET.get("part", "")
    shown = next((one for one in queries.reach(incident, at) if one.phase == phase), None)
    if shown is None:
        raise Missing("incident.phase_unknown", phase=phase)
    part = part if part in PARTS else ""
    found = queries.people_of_phase(
        request.actor, incident, phase, at, part=part, first=(page - 1) * PER_PAGE, most=PER_PAGE + 1
    )
    sent = queries.sent_of_phase(incident, phase)
    told_with = {one.told_with: 1 for one in found if one.told_with}
    context = {
        **head(incident),
        "numbers_seen": queries.named_to(request.actor, told_with)[0],
        "heading": label(f"incident.phase.{phase}"),
        "phase": phase,
        "reach": shown,
        "part": part,
        "parts": [(code, label(f"message.part.{code}")) for code in PARTS],
        "listing": Listing(found[:PER_PAGE], page, len(found) > PER_PAGE, ""),
        "without_contact": sent[0].without_contact if sent and part in ("", "unreachable") else 0,
        "again": [(one, queries.not_reached(one, at)) for one in sent] if _may(request, incident) else [],
    }
    return render(request, "incidents/people.html", context)


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
