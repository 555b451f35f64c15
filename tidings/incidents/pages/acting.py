"""Doing something for many whom a phase has not reached: its size first, then the press."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tidings.incidents import actions, queries
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused
from tidings.incidents.pages.reached import shown_in
from tidings.incidents.words import BY_CHANNEL
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging.queries import HOW, SeenAgain
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_MOST_TICKED = 1000


@require_http_methods(["GET", "POST"])
def act(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """To how many it would go, by which channel; and the press that does it. Who is ticked or, with nothing ticked, whom the list shows."""
    request.actor.require("message.send")
    incident = queries.incident(request.actor, number)
    chosen = _chosen(request.GET if request.method == "GET" else request.POST)
    if request.method == "POST":
        people = request.POST.get("seen_people", "")
        seen = SeenAgain(request.POST.get("seen_broadcast", ""), int(people) if people.isdecimal() else -1)
        try:
            acted = actions.act_on_unreached(request.actor, incident.pk, phase, chosen, seen)
        except TidingsError as problem:
            refused(request, problem)
        else:
            done(request, _done(chosen.how, acted))
        return redirect("incidents:people", incident.number, phase)
    size = queries.acting(request.actor, incident, phase, now(), chosen)
    context = {
        **head(incident),
        "heading": label(f"incident.act.{chosen.how}"),
        "phase": phase,
        "phase_word": label(f"incident.phase.{phase}"),
        "chosen": chosen,
        "who": [str(one) for one in chosen.who or ()],
        "size": size,
        "by_channel": [
            str(BY_CHANNEL[code]) % {"number": count(people)}
            if code in BY_CHANNEL
            else f"{label(f'message.channel.{code}')} {count(people)}"
            for code, people in size.by_channel.items()
        ],
    }
    return render(request, "incidents/act.html", context)


def _chosen(given: QueryDict) -> queries.Chosen:
    how = given.get("how", "")
    if how not in HOW:
        raise Missing("incident.phase_unknown", phase=how)
    try:
        who = [UUID(one) for one in given.getlist("who")[:_MOST_TICKED]]
    except ValueError:
        who = []
    return queries.Chosen(how, shown_in(given), who or None)


def _done(how: str, acted: int) -> str:
    if how == "call":
        sentence = ngettext(
            "%(number)s contact is on the call list now.",
            "%(number)s contacts are on the call list now.",
            acted,
        )
    elif how == "next":
        sentence = ngettext(
            "%(number)s contact went on to the next channel.",
            "%(number)s contacts went on to the next channel.",
            acted,
        )
    else:
        sentence = ngettext(
            "On its way again, to %(number)s contact.", "On its way again, to %(number)s contacts.", acted
        )
    return sentence % {"number": count(acted)}
