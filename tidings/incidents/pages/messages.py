"""Telling the affected from the page: writing a phase's sentences, asking for approval, sending."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.composer import own_facts
from tidings.incidents.models import Incident
from tidings.incidents.pages.composing import composing, language_name
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused, said
from tidings.kernel.errors import Conflict, Missing, TidingsError
from tidings.messaging import texts
from tidings.ui.moments import count, short_moment
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_http_methods(["GET", "POST"])
def write(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """People's own sentences beside what the prepared text says; what stays empty is said by the text."""
    request.actor.require("message.write")
    incident = queries.incident(request.actor, number)
    if phase not in rules.SENT_PHASES or phase == rules.Phase.HOLDING:
        raise Missing("incident.phase_unknown", phase=phase)
    languages = {code: language_name(code) for code in texts.languages()}
    wrong = _put_right(request, incident, phase)
    stands, newest = _stands(incident, phase, wrong), queries.newest_message(incident, phase)
    initial = {**stands, "seen_message": newest, "corrects": wrong}
    form = forms.WriteForm(request.POST or None, phase=phase, languages=languages, initial=initial)
    both: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        joins = queries.unsent(incident, phase) is not None and not form.disputed(stands)
        seen = newest if joins else form.cleaned_data["seen_message"]
        try:
            told = form.facts(stands)
            actions.write_phase(request.actor, incident.pk, phase, told, seen_message=seen, corrects=wrong)
        except Conflict as first:
            incident = queries.incident(request.actor, number)
            stands = _stands(incident, phase, wrong)
            both = _side_by_side(form, stands)
            newest = queries.newest_message(incident, phase)
            form.look_again(said(first), seen_message=newest, **form.now_stands(stands))
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect(f"{reverse('incidents:show', args=[incident.number])}?phase={phase}#composer")
    composed = composing(request, incident, phase, wrong)
    form.ask_for(composed["composer"])
    context = {
        **head(incident),
        **composed,
        "form": form,
        "own": bool(stands),
        "both": both,
        "heading": label(f"incident.phase.{phase}"),
        "languages": [{"code": one, "name": name, "fields": form.of(one)} for one, name in languages.items()],
    }
    return render(request, "incidents/write.html", context, status=form.status)


def _put_right(request: StaffRequest, incident: Incident, phase: str) -> UUID | None:
    """Which message the correction puts right: the one chosen, or the one that is written for already.

    Raises Missing("incident.message_missing") where none was chosen, so that nobody writes to no one.
    """
    if phase != rules.Phase.CORRECTION:
        return None
    asked = request.POST.get("corrects") or request.GET.get("of", "")
    written = queries.unsent(incident, phase)
    try:
        chosen = UUID(asked) if asked else written.corrects if written else None
    except ValueError:
        chosen = None
    if chosen is None:
        raise Missing("incident.message_missing", number=incident.number)
    return queries.sent_message(incident, chosen).message_id


def _stands(incident: Incident, phase: str, corrects: UUID | None) -> dict[str, str]:
    """People's own sentences as they stand, under the names of the form's fields; none where another message is put right."""
    waiting = queries.unsent(incident, phase)
    if waiting is not None and waiting.corrects != corrects:
        return {}
    written = own_facts(incident, phase)
    return {f"{code}.{fact}": said for code, told in written.items() for fact, said in told.items()}


def _side_by_side(form: forms.WriteForm, stands: Mapping[str, str]) -> list[dict[str, str]]:
    """Each sentence that both changed: as somebody else wrote it in the meantime, and as it was typed here."""
    rows = []
    for name, yours in form.disputed(stands).items():
        field = f"{form[name].label} ({language_name(name.partition('.')[0])})"
        rows.append({"name": field, "theirs": stands.get(name, ""), "yours": yours})
    return rows


@require_POST
def send(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """One press: written if it was not, frozen for exactly this audience, and sent, or shown to whoever must approve it.

    The form carries what was seen: of two presses the second is told, and sends nothing; nor does one for fewer contacts.
    """
    incident = queries.incident(request.actor, number)
    form = forms.SendForm(request.POST)
    try:
        reason = request.POST.get("reason", "")
        outcome = actions.tell_phase(request.actor, incident.pk, phase, seen=form.seen(), reason=reason)
    except Conflict as first:
        gone = _gone_meanwhile(incident, phase, request.POST.get("seen_message", ""))
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
            sentence = ngettext(
                "On its way to %(number)s contact.", "On its way to %(number)s contacts.", outcome.sent
            )
            done(request, sentence % {"number": count(outcome.sent)})
    return redirect("incidents:show", incident.number)


def _gone_meanwhile(incident: Incident, phase: str, seen: str) -> str:
    """That the message somebody wanted to send went out since they looked; empty where it did not."""
    newest = incident.sendings.filter(phase=phase).order_by("-at", "-pk").first()
    if newest is None or newest.sent_at is None or queries.newest_message(incident, phase) == seen:
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
