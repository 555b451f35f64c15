"""Questions and answers kept ready per kind and language: the list, one of them to read or change, and its versions."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging import actions, faq, queries, texts
from tidings.messaging.forms import AnswerForm
from tidings.messaging.models import FirmAnswer
from tidings.messaging.pages.approval import names_behind
from tidings.messaging.rules.answers import SLOTS, Answer, Said
from tidings.messaging.rules.difference import Changed, words_changed
from tidings.ui.export import csv_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say

_SLOTS = " ".join(f"{{{slot}}}" for slot in sorted(SLOTS))


@require_safe
def library(request: StaffRequest) -> HttpResponseBase:
    """Every question by kind, as a page or as CSV."""
    request.actor.require("message.read")
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    language = _language()
    kinds = queries.kinds_with_answers()
    found = [
        (one, _kind_word(one.kind), _said_in(one.answer, language))
        for of in kinds
        if kind in ("", of)
        for one in queries.kept_answers(of)
        if _holds(one.answer, text)
    ]
    if request.GET.get("export") == "csv":
        return csv_file("questions", _header(), _cells([one for one, *_rest in found]))
    context = {
        "listing": listing(request, found, counted=True, exports=True),
        "wanted": {"kind": kind, "q": text},
        "kinds": [(code, _kind_word(code)) for code in kinds],
        "every_kind": [(code, _kind_word(code)) for code in queries.known_kinds()],
    }
    return render(request, "messaging/answers.html", context)


@require_http_methods(["GET", "POST"])
def answer(request: StaffRequest, kind: str, code: str) -> HttpResponse:
    """One question: its answers, the form to change them, and its versions."""
    kept = queries.kept_answer(request.actor, kind, code)
    form = AnswerForm(request.POST or None, answer=kept.answer, seen_digest=kept.digest)
    if request.method == "POST":
        request.actor.require("text.change")
    if request.method == "POST" and _saved(request, kind, form):
        return redirect("messaging:answer", kind, code)
    shipped = next((one for one in faq.shipped(kind) if one.code == code), None)
    context = {
        "kept": kept,
        "kind": kind,
        "event": _kind_word(kind),
        "heading": _said_in(kept.answer, _language()).question,
        "form": form,
        "slots": _SLOTS,
        "words": [(spoken, said) for spoken, said in kept.answer.said.items()],
        "shipped": shipped is not None,
        "since_shipped": _changes(shipped, kept.answer)
        if shipped and not kept.shipped and not kept.out
        else (),
        "versions": _versions(request, kind, code),
    }
    return render(request, "messaging/answer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, kind: str) -> HttpResponse:
    """Another question of a kind."""
    request.actor.require("text.change")
    if kind not in queries.known_kinds():
        raise Missing("messaging.no_such_answer")
    form = AnswerForm(request.POST or None, answer=Answer("", (), True, {}), seen_digest="")
    if request.method == "POST":
        code = _saved(request, kind, form)
        if code:
            return redirect("messaging:answer", kind, code)
    context = {"kind": kind, "event": _kind_word(kind), "form": form, "slots": _SLOTS}
    return render(request, "messaging/answer_new.html", context, status=422 if form.errors else 200)


def _saved(request: StaffRequest, kind: str, form: AnswerForm) -> str:
    """The code of what was saved; empty where the form says what is wrong."""
    if not form.is_valid():
        return ""
    try:
        code = actions.set_answer(
            request.actor, kind, form.wanted(), seen_digest=form.cleaned_data["seen_digest"]
        )
    except TidingsError as problem:
        form.add_error(None, say(problem))
        return ""
    notices.success(request, _("Saved. It counts from now on."))
    return code


@require_POST
def take_out(request: StaffRequest, kind: str, code: str) -> HttpResponse:
    """The question is asked no more."""

    def act() -> None:
        actions.take_out_answer(request.actor, kind, code, seen_digest=request.POST.get("digest", ""))

    return _answered(request, kind, code, act, _("Taken out: nobody sees this question now."))


@require_POST
def take_back(request: StaffRequest, kind: str, code: str) -> HttpResponse:
    """Goes back to an older version, or to the shipped question."""
    asked = request.POST.get("version", "")

    def act() -> None:
        version = _uuid(asked) if asked else None
        seen = request.POST.get("digest", "")
        actions.take_back_answer(request.actor, kind, code, version, seen_digest=seen)

    return _answered(request, kind, code, act, _("Done: the older words are in force again."))


def _answered(
    request: StaffRequest, kind: str, code: str, act: Callable[[], None], done: str
) -> HttpResponse:
    try:
        act()
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(request, done)
    return redirect("messaging:answer", kind, code)


def _versions(request: StaffRequest, kind: str, code: str) -> list[dict[str, object]]:
    """Each version with what it changed, newest first."""
    rows = queries.answer_versions(request.actor, kind, code)
    names = names_behind({row.written_by for row in rows})
    shipped = next((one for one in faq.shipped(kind) if one.code == code), None)
    befores: list[FirmAnswer | None] = [*rows[1:], None][: len(rows)]
    return [
        {
            "row": row,
            "author": names[row.written_by],
            "changes": _changes(_words_of(before, shipped), _words_of(row, shipped)),
            "in_force": row is rows[0],
        }
        for row, before in zip(rows, befores, strict=True)
    ]


def _words_of(row: FirmAnswer | None, shipped: Answer | None) -> Answer:
    nothing = Answer("", (), False, {})
    if row is None or (not row.said and not row.out):
        return shipped or nothing
    return row.answer()


def _changes(before: Answer, after: Answer) -> list[tuple[str, tuple[Changed, ...]]]:
    """Per language what differs in question and answer."""
    nothing = Said("", "")
    found = []
    for language in texts.languages():
        was, now = before.said.get(language, nothing), after.said.get(language, nothing)
        differs = words_changed(
            {"question": was.question, "answer": was.answer}, {"question": now.question, "answer": now.answer}
        )
        if differs:
            found.append((language, differs))
    return found


def _kind_word(kind: str) -> str:
    return _("any kind of incident") if kind == faq.GENERAL else queries.event_word(kind)


def _language() -> str:
    return get_language() or "en"


def _said_in(one: Answer, language: str) -> Said:
    return one.said.get(language) or one.said.get("en") or next(iter(one.said.values()), Said(one.code, ""))


def _holds(one: Answer, text: str) -> bool:
    wanted = text.casefold()
    return any(wanted in f"{said.question} {said.answer}".casefold() for said in one.said.values())


def _header() -> list[str]:
    return [
        _("Kind"),
        _("Code"),
        _("Phases"),
        _("Customers read it"),
        _("Language"),
        _("Question"),
        _("Answer"),
    ]


def _cells(found: list[queries.Kept]) -> Iterator[list[object]]:
    for one in found:
        phases = ", ".join(label(f"message.phase.{phase}") for phase in one.answer.phases)
        public = _("yes") if one.answer.public else _("no")
        for language, said in one.answer.said.items():
            yield [one.kind, one.answer.code, phases, public, language, said.question, said.answer]


def _uuid(asked: str) -> UUID:
    try:
        return UUID(asked)
    except ValueError as wrong:
        raise Missing("messaging.no_such_version") from wrong
