"""Telling the affected from the page: asking for approval, sending, and reviewing what went without it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tidings.incidents import actions, forms, queries
from tidings.incidents.models import Incident
from tidings.incidents.pages.composing import asked_completion
from tidings.incidents.pages.notices import done, refused
from tidings.kernel.errors import Conflict, TidingsError
from tidings.ui.moments import count, short_moment
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_POST
def send(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """One press: written if it was not, frozen for exactly this audience, and sent, or shown to whoever must approve it.

    The form carries what was seen: of two presses the second is told, and sends nothing; nor does one for fewer contacts.
    """
    incident = queries.incident(request.actor, number)
    form = forms.SendForm(request.POST)
    late = None
    try:
        reason = request.POST.get("reason", "")
        late = asked_completion(request, incident)
        if late:
            outcome = actions.complete_phase(request.actor, incident.pk, late.message_id, seen=form.seen())
        else:
            outcome = actions.tell_phase(request.actor, incident.pk, phase, seen=form.seen(), reason=reason)
    except Conflict as first:
        completes = late.message_id if late else None
        gone = _gone_meanwhile(incident, phase, request.POST.get("seen_message", ""), completes)
        if gone:
            messages.warning(request, gone)
        else:
            refused(request, first)
    except TidingsError as problem:
        refused(request, problem)
    else:
        if outcome.sent is None:
            done(request, _("It waits for the approval of another person."))
        else:
            done(request, _sent_words(outcome))
    return redirect("incidents:show", incident.number)


def _sent_words(outcome: actions.Outcome) -> str:
    if not outcome.sent and outcome.already_told:
        return _("Noted: another message had just told everybody the same.")
    sentence = ngettext(
        "On its way to %(number)s contact.", "On its way to %(number)s contacts.", outcome.sent or 0
    )
    return sentence % {"number": count(outcome.sent or 0)}


def _gone_meanwhile(incident: Incident, phase: str, seen: str, completes: UUID | None) -> str:
    """That the message somebody wanted to send went out since they looked; empty where it did not."""
    newest = incident.sendings.filter(phase=phase, completes=completes).order_by("-at", "-pk").first()
    if newest is None or newest.sent_at is None or queries.newest_message(incident, phase, completes) == seen:
        return ""
    sentence = ngettext(
        "Nothing was sent twice: “%(phase)s” went out already, %(at)s, to %(number)s contact.",
        "Nothing was sent twice: “%(phase)s” went out already, %(at)s, to %(number)s contacts.",
        newest.recipients,
    )
    return sentence % {
        "phase": label(f"incident.phase.{phase}"),
        "at": short_moment(newest.sent_at),
        "number": count(newest.recipients),
    }


@require_POST
def review(request: StaffRequest, number: str, message_id: UUID) -> HttpResponse:
    """What another person found of a holding notice that went without an approver's yes."""
    incident = queries.incident(request.actor, number)
    try:
        actions.review_holding(request.actor, incident.pk, message_id, request.POST.get("found", ""))
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("Reviewed. It stands on the timeline."))
    return redirect("incidents:show", incident.number)
