"""Writing a message: people's own sentences beside what the prepared text says, per language, and how it reads meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.actions.write import must_be_newest
from tidings.incidents.composer import own_facts
from tidings.incidents.models import Incident, Sending
from tidings.incidents.pages.composing import asked_completion, composing, language_name
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import said
from tidings.kernel.errors import Conflict, Missing, TidingsError
from tidings.messaging import actions as messaging
from tidings.messaging import texts
from tidings.messaging.pages import unsaved
from tidings.messaging.queries import Sheet
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.unsaved import typing_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@dataclass(frozen=True, slots=True)
class Desk:
    """What is being written: the phase of an incident, what it puts right (`wrong`) or completes (`late`), people's own sentences as
    they stand, under the names of the form's fields, and the newest message of the phase."""

    incident: Incident
    phase: str
    late: Sending | None
    wrong: UUID | None
    stands: Mapping[str, str]
    newest: str

    @property
    def completes(self) -> UUID | None:
        return self.late.message_id if self.late else None

    @property
    def about(self) -> str:
        """What it is kept under while it is not saved."""
        beside = self.completes or self.wrong
        return f"message/{self.incident.number}/{self.phase}" + (f"/{beside}" if beside else "")

    def newer(self, seen: str) -> str:
        """That somebody wrote or sent another message of this phase than the one `seen`; empty where nobody did."""
        rows = self.incident.sendings.filter(phase=self.phase, completes=self.completes)
        newest = rows.order_by("-at", "-pk").first()
        return "" if newest is None or seen == self.newest else unsaved.saved_since(newest.by, newest.at)


@require_http_methods(["GET", "POST"])
def write(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """People's own sentences beside what the prepared text says; what stays empty is said by the text."""
    desk = _desk(request, number, phase)
    taken = unsaved.taken_up(request, desk.about)
    form = _form(request, desk, taken)
    both = _both_since(form, desk, taken) if taken else []
    if request.method == "POST" and form.is_valid():
        joins = queries.unsent(desk.incident, desk.phase, desk.completes) and not form.disputed(desk.stands)
        seen = desk.newest if joins else form.cleaned_data["seen_message"]
        try:
            _save(request, desk, form.facts(desk.stands), seen)
        except Conflict as first:
            desk = _desk(request, number, phase)
            both = _look_again(form, desk, first)
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            messaging.throw_away(request.actor, desk.about, unsaved.sheet_of(request))
            return redirect(_composer_of(desk.incident, desk.phase, desk.completes))
    status = form.status if request.method == "POST" else 200
    context = {**_context(request, desk, form, both), "newer": desk.newer(taken.seen) if taken else ""}
    return render(request, "incidents/write.html", context, status=status)


@require_POST
def look(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """How it reads in each language with what is being typed, and what is still missing. Stores nothing."""
    desk = _desk(request, number, phase)
    form = _form(request, desk)
    form.is_valid()  # a sentence that is too long is left out of the picture; saving says so
    typed = form.facts(desk.stands)
    context = composing(request, desk.incident, desk.phase, desk.wrong, desk.completes, typed)
    for tab in context["tabs"]:
        tab["seen_as"] = request.POST.get(f"seen-{tab['draft'].language}", "")
    return render(request, "incidents/_looked.html", context)


@require_POST
def keep(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """What is typed so far, kept for whoever types it; the page's script sends it."""
    desk, given = _desk(request, number, phase), request.POST
    facts = CONTRACTS[desk.phase].facts
    parts = {
        code: typing_of(
            {fact: given.get(f"{code}.{fact}", "") for fact in facts},
            {fact: given.get(f"initial-{code}.{fact}", "") for fact in facts},
        )
        for code in _languages(desk.completes)
    }
    seen = given.get("seen_message", "")
    return unsaved.kept(request, desk.about, parts, seen=seen, newer=desk.newer(seen))


@require_POST
def throw_away(request: StaffRequest, number: str, phase: str) -> HttpResponse:
    """What was typed and not saved is not wanted."""
    desk = _desk(request, number, phase)
    messaging.throw_away(request.actor, desk.about, unsaved.sheet_of(request))
    beside = {"completes": desk.completes} if desk.late else {"of": desk.wrong} if desk.wrong else {}
    address = reverse("incidents:write", args=[desk.incident.number, desk.phase])
    return redirect(f"{address}?{urlencode(beside)}" if beside else address)


def _desk(request: StaffRequest, number: str, phase: str) -> Desk:
    """Raises Refused for whoever may not write, Missing for an incident, a phase or a message that is not there."""
    request.actor.require("message.write")
    incident = queries.incident(request.actor, number)
    if phase not in rules.SENT_PHASES or phase == rules.Phase.HOLDING:
        raise Missing("incident.phase_unknown", phase=phase)
    late = asked_completion(request, incident)
    completes, phase = (late.message_id, late.phase) if late else (None, phase)
    wrong = late.corrects if late else _put_right(request, incident, phase)
    stands = _stands(incident, phase, wrong, completes)
    return Desk(incident, phase, late, wrong, stands, queries.newest_message(incident, phase, completes))


def _form(request: StaffRequest, desk: Desk, taken: Sheet | None = None) -> forms.WriteForm:
    """The form as it was sent, as it was typed before (`taken`), or as everything stands."""
    initial = {**desk.stands, "seen_message": desk.newest, "corrects": desk.wrong}
    make = partial(forms.WriteForm, phase=desk.phase, languages=_languages(desk.completes), initial=initial)
    return make(make().typed_before(taken.parts)) if taken else make(request.POST or None)


def _both_since(form: forms.WriteForm, desk: Desk, taken: Sheet) -> list[dict[str, str]]:
    """Where somebody changed meanwhile what was typed here: both, side by side."""
    if taken.seen == desk.newest or not form.is_valid() or not form.disputed(desk.stands):
        return []
    try:
        must_be_newest(desk.incident, desk.phase, taken.seen, desk.completes)
    except Conflict as first:
        return _look_again(form, desk, first)
    return []


def _look_again(form: forms.WriteForm, desk: Desk, first: Conflict) -> list[dict[str, str]]:
    both = _side_by_side(form, desk.stands)
    form.look_again(said(first), seen_message=desk.newest, **form.now_stands(desk.stands))
    return both


def _context(
    request: StaffRequest, desk: Desk, form: forms.WriteForm, both: list[dict[str, str]]
) -> dict[str, Any]:
    composed = composing(request, desk.incident, desk.phase, desk.wrong, desk.completes)
    form.ask_for(composed["composer"])
    stands: dict[str, dict[str, str]] = {}
    for name, words in desk.stands.items():
        code, _dot, fact = name.partition(".")
        stands.setdefault(code, {})[fact] = words
    sheet = unsaved.sheet_of(request)
    offers = unsaved.offered(request, desk.about, sheet, stands, words_for=_field_name, newer=desk.newer)
    beside = ("completes", desk.completes) if desk.late else ("corrects", desk.wrong) if desk.wrong else ()
    return {
        **head(desk.incident),
        **composed,
        "form": form,
        "both": both,
        "heading": label(f"incident.phase.{desk.phase}"),
        "languages": _beside(composed, form, _languages(desk.completes)),
        "sheet": sheet,
        "unsaved": offers,
        "throw_away": reverse("incidents:throw_away", args=[desk.incident.number, desk.phase]),
        "away_with": beside,
    }


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


def _composer_of(incident: Incident, phase: str, completes: UUID | None) -> str:
    """The address of the composer that shows what was written."""
    beside = f"&completes={completes}" if completes else ""
    return f"{reverse('incidents:show', args=[incident.number])}?phase={phase}{beside}#composer"


def _save(request: StaffRequest, desk: Desk, told: Mapping[str, Mapping[str, str]], seen: str) -> None:
    actor, one = request.actor, desk.incident.pk
    if desk.late:
        actions.write_completion(actor, one, desk.late.message_id, told, seen_message=seen)
    else:
        actions.write_phase(actor, one, desk.phase, told, seen_message=seen, corrects=desk.wrong)


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
        field = _field_name(*name.split("."))
        rows.append({"name": field, "theirs": stands.get(name, ""), "yours": yours})
    return rows


def _field_name(language: str, fact: str) -> str:
    return f"{label(f'incident.says.{fact}')} ({language_name(language)})"
