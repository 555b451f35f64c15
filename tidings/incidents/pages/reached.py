"""Behind the numbers of reach: the people of one phase, and sending again to whom it has not reached."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from django.http import HttpResponse, QueryDict
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
from tidings.messaging import queries as messaging
from tidings.messaging.queries import PARTS, SeenAgain
from tidings.messaging.rules.delivery import CALL
from tidings.ui.export import Streamed, csv_file, xlsx_file
from tidings.ui.listing import PER_PAGE, Listing, page_of, sort_of
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_SORTS = {"name": (), "language": (), "due_by": (), "reached_at": ()}
_EXPORTED = 1000


@require_GET
def people(request: StaffRequest, number: str, phase: str) -> HttpResponseBase:
    """Who was told in a phase, what was tried for each and how it stands, as a page or all of them as a file; `?part=` leaves those of
    one number, or those not reached."""
    incident = queries.incident(request.actor, number)
    at, page, sort, wanted = now(), page_of(request), sort_of(request, _SORTS, "name"), shown_in(request.GET)
    reach = next((one for one in queries.reach(incident, at) if one.phase == phase), None)
    if reach is None:
        raise Missing("incident.phase_unknown", phase=phase)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _as_file(request, incident, phase)
    first = (page - 1) * PER_PAGE
    found = queries.people_of_phase(
        request.actor, incident, phase, at, wanted, sort=sort, first=first, most=PER_PAGE + 1
    )
    sent = queries.sent_of_phase(incident, phase)
    tried = messaging.tried_for([one.id for one in found[:PER_PAGE]])
    may = _may(request, incident)
    context = {
        **head(incident),
        "numbers_seen": queries.named_to(request.actor, {one.told_with: 1 for one in found if one.told_with})[
            0
        ],
        "heading": label(f"incident.phase.{phase}"),
        "phase": phase,
        "reach": reach,
        "wanted": wanted,
        "parts": [(code, label(f"message.part.{code}")) for code in (*PARTS, "not_reached")],
        "channels": [(code, label(f"message.channel.{code}")) for code in _channels()],
        "undone": next((one for one in queries.undone(incident) if one.phase == phase), None),
        "languages": sorted(reach.by_language),
        "listing": Listing(found[:PER_PAGE], page, len(found) > PER_PAGE, sort, exports=True, sheets=True),
        "rows": [(one, tried.get(one.id, [])) for one in found[:PER_PAGE]],
        "without_contact": queries.without_contact(incident, at, phase)
        if sent and _counts_all(wanted)
        else 0,
        "again": [(one, queries.not_reached(one, at)) for one in sent] if may else [],
        "ticks": may and any(_ticked(one) for one in found[:PER_PAGE]),
    }
    return render(request, "incidents/people.html", context)


def shown_in(given: QueryDict) -> messaging.Shown:
    """What the filter of the list says."""
    part = given.get("part", "")
    return messaging.Shown(
        part if part in (*PARTS, "not_reached") else "",
        given.get("language", "")[:20],
        given.get("channel", "")[:20],
        given.get("text", "").strip()[:200],
    )


def _channels() -> list[str]:
    return sorted({*messaging.sent_channels(), CALL}, key=lambda code: (code == CALL, code))


def _ticked(one: messaging.Told) -> bool:
    return one.reached_at is None and not one.told_with


def _counts_all(wanted: messaging.Shown) -> bool:
    """Whether those without a contact belong to what is shown: they have neither name nor language."""
    bare = not wanted.language and not wanted.text and wanted.channel in ("", "none")
    return bare and wanted.part in ("", "unreachable", "not_reached")


def _as_file(request: StaffRequest, incident: Incident, phase: str) -> Streamed:
    header = (
        pgettext("person", "Name"), _("Language"), _("Channel"), _("Address"), _("Shipments"), _("Due"), _("Standing"),
        _("Evidence"), _("Reached"), _("Tried"), _("What was said last"),
    )  # fmt: skip
    shown, sort, at = shown_in(request.GET), sort_of(request, _SORTS, "name"), now()

    def rows() -> Iterator[tuple[object, ...]]:
        people = queries.everybody_of_phase(request.actor, incident, phase, at, shown, sort=sort)
        while some := list(islice(people, _EXPORTED)):
            tried = messaging.tried_for([one.id for one in some])
            for one in some:
                rungs = tried.get(one.id, [])
                facts = [fact for rung in rungs for fact in rung.facts]
                yield (
                    one.name, one.language, label(f"message.channel.{one.channel}") if one.channel else "", one.address,
                    one.shipments, one.due_by, label(f"message.part.{one.part}"),
                    label(f"message.strength.{one.strength}") if one.strength else "", one.reached_at,
                    ", ".join(label(f"message.channel.{rung.channel}") for rung in rungs),
                    said_last(facts[-1]) if facts else "",
                )  # fmt: skip

    made = csv_file if request.GET["export"] == "csv" else xlsx_file
    return made(f"people-{incident.number}-{phase}", header, rows())


def said_last(fact: messaging.Said) -> str:
    """One fact in words."""
    return label(fact.code) if fact.code else label(f"message.outcome.{fact.outcome}")


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
