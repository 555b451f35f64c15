"""Writing a message: people's own sentences beside what the prepared text says, per language, and how it reads meanwhile."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.composer import own_facts
from tidings.incidents.models import Incident, Sending
from tidings.incidents.pages.composing import asked_completion, composing, language_name
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import said
from tidings.kernel.errors import Conflict, Missing, TidingsError
from tidings.messaging import texts
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_http_methods(["GET", "POST"])
def write(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """People's own sentences beside what the prepared text says; what stays empty is said by the text."""
    request.actor.require("message.write")
    incident = queries.incident(request.actor, number)
    if phase not in rules.SENT_PHASES or phase == rules.Phase.HOLDING:
        raise Missing("incident.phase_unknown", phase=phase)
    late = asked_completion(request, incident)
    completes, phase = (late.message_id, late.phase) if late else (None, phase)
    languages = _languages(completes)
    wrong = late.corrects if late else _put_right(request, incident, phase)
    stands = _stands(incident, phase, wrong, completes)
    newest = queries.newest_message(incident, phase, completes)
    form = _form(request, phase, languages, {**stands, "seen_message": newest, "corrects": wrong})
    both: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        joins = queries.unsent(incident, phase, completes) is not None and not form.disputed(stands)
        seen = newest if joins else form.cleaned_data["seen_message"]
        try:
            _save(request, incident, late, phase, form.facts(stands), seen, wrong)
        except Conflict as first:
            incident = queries.incident(request.actor, number)
            stands = _stands(incident, phase, wrong, completes)
            both = _side_by_side(form, stands)
            newest = queries.newest_message(incident, phase, completes)
            form.look_again(said(first), seen_message=newest, **form.now_stands(stands))
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect(_composer_of(incident, phase, completes))
    composed = composing(request, incident, phase, wrong, completes)
    form.ask_for(composed["composer"])
    context = {
        **head(incident),
        **composed,
        "form": form,
        "both": both,
        "heading": label(f"incident.phase.{phase}"),
        "languages": _beside(composed, form, languages),
    }
    return render(request, "incidents/write.html", context, status=form.status)


@require_POST
def look(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """How it reads in each language with what is being typed, and what is still missing. Stores nothing."""
    request.actor.require("message.write")
    incident = queries.incident(request.actor, number)
    if phase not in rules.SENT_PHASES or phase == rules.Phase.HOLDING:
        raise Missing("incident.phase_unknown", phase=phase)
    late = asked_completion(request, incident)
    completes, phase = (late.message_id, late.phase) if late else (None, phase)
    wrong = late.corrects if late else _put_right(request, incident, phase)
    form = _form(request, phase, _languages(completes), {"corrects": wrong})
    form.is_valid()  # a sentence that is too long is left out of the picture; saving says so
    typed = form.facts(_stands(incident, phase, wrong, completes))
    context = composing(request, incident, phase, wrong, completes, typed)
    for tab in context["tabs"]:
        tab["seen_as"] = request.POST.get(f"seen-{tab['draft'].language}", "")
    return render(request, "incidents/_looked.html", context)


def _beside(
    composed: Mapping[str, Any], form: forms.WriteForm, languages: Mapping[str, str]
) -> list[dict[str, object]]:
    """Each language with its fields, and how it reads; a language without a prepared text has nothing to show yet. The one
    to begin with is the one that is wrong, or the reader's own."""
    tabs = {tab["draft"].language: tab for tab in composed["tabs"]}
    wrong = next((name.partition(".")[0] for name in form.errors if name.partition(".")[0] in languages), "")
    own = composed["draft"].language if composed["draft"] else ""
    first = next((code for code in (wrong, own, *languages) if code in languages), "")
    return [
        {
            "code": code,
            "name": name,
            "sentences": _sentences(form.of(code), tabs.get(code)),
            "tab": tabs.get(code),
            "first": code == first,
        }
        for code, name in languages.items()
    ]


def _sentences(fields: Mapping[str, Any], tab: Mapping[str, Any] | None) -> list[dict[str, object]]:
    """Each field with what the prepared text says in its place."""
    prepared = tab["draft"].prepared if tab else {}
    return [{"field": field, "prepared": prepared.get(fact, "")} for fact, field in fields.items()]


def _languages(completes: UUID | None) -> dict[str, str]:
    """The languages to write in, with their names; of what completes a sent message those that it did not go in."""
    gone = queries.languages_gone(completes) if completes else ()
    return {code: language_name(code) for code in texts.languages() if code not in gone}


def _form(
    request: StaffRequest, phase: str, languages: Mapping[str, str], initial: Mapping[str, object]
) -> forms.WriteForm:
    return forms.WriteForm(request.POST or None, phase=phase, languages=languages, initial=initial)


def _composer_of(incident: Incident, phase: str, completes: UUID | None) -> str:
    """The address of the composer that shows what was written."""
    beside = f"&completes={completes}" if completes else ""
    return f"{reverse('incidents:show', args=[incident.number])}?phase={phase}{beside}#composer"


def _save(
    request: StaffRequest,
    incident: Incident,
    late: Sending | None,
    phase: str,
    told: Mapping[str, Mapping[str, str]],
    seen: str,
    corrects: UUID | None,
) -> None:
    actor, one = request.actor, incident.pk
    if late:
        actions.write_completion(actor, one, late.message_id, told, seen_message=seen)
    else:
        actions.write_phase(actor, one, phase, told, seen_message=seen, corrects=corrects)


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


def _stands(
    incident: Incident, phase: str, corrects: UUID | None, completes: UUID | None = None
) -> dict[str, str]:
    """People's own sentences as they stand, under the names of the form's fields; none where another message is put right."""
    waiting = queries.unsent(incident, phase, completes)
    if waiting is not None and waiting.corrects != corrects:
        return {}
    written = own_facts(incident, phase, completes)
    return {f"{code}.{fact}": said for code, told in written.items() for fact, said in told.items()}


def _side_by_side(form: forms.WriteForm, stands: Mapping[str, str]) -> list[dict[str, str]]:
    """Each sentence that both changed: as somebody else wrote it in the meantime, and as it was typed here."""
    rows = []
    for name, yours in form.disputed(stands).items():
        field = f"{form[name].label} ({language_name(name.partition('.')[0])})"
        rows.append({"name": field, "theirs": stands.get(name, ""), "yours": yours})
    return rows
