"""Texts kept ready per kind, phase and language: the list, one of them to read, change or approve, and its versions."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused, TidingsError
from tidings.messaging import actions, forms, queries
from tidings.messaging.pages import unsaved
from tidings.messaging.pages.approval import names_behind
from tidings.messaging.rules.checking import checklist, oddities
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.difference import Changed, changes
from tidings.messaging.rules.template import NotATemplate, read_template
from tidings.messaging.rules.unsaved import typing_of
from tidings.ui.export import Streamed, csv_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say

_SHELVES_ON_A_PAGE = 40


@require_safe
def library(request: StaffRequest) -> HttpResponseBase:
    """Every text that is ready, by kind and phase, with its state in each language; as a page or as CSV."""
    phase, kind, state = (request.GET.get(name, "") for name in ("phase", "kind", "state"))
    shelf = queries.text_shelf(request.actor, phase=phase, kind=kind, state=state)
    if request.GET.get("export") == "csv":
        return _as_csv(shelf)
    everything = queries.text_shelf(request.actor)
    context = {
        "listing": listing(request, shelf, per_page=_SHELVES_ON_A_PAGE, counted=True, exports=True),
        "wanted": {"phase": phase, "kind": kind, "state": state},
        "phases": [(code, label(f"message.phase.{code}")) for code in CONTRACTS],
        "kinds": [(code, queries.event_word(code)) for code in dict.fromkeys(one.kind for one in everything)],
        "states": [(code, label(f"text.state.{code}")) for code in queries.STATES],
    }
    return render(request, "messaging/texts.html", context)


@require_http_methods(["GET", "POST"])
def text(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """One text: as it stands, what it holds of its contract, the form to change it, and its versions."""
    request.actor.require("message.read")
    found = _found(kind, phase, language)
    about = _about(found)
    taken = unsaved.taken_up(request, about)
    form = _form(request, found, taken)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        seen = given["seen_digest"]
        try:
            actions.set_text(request.actor, kind, phase, language, given["source"], seen_digest=seen)
        except Conflict as first:
            found = _found(kind, phase, language)
            form = forms.TextForm({"source": given["source"], "seen_digest": found.digest})
            form.add_error("source", _newer(found, seen) or say(first))
        except TidingsError as problem:
            form.add_error("source", say(problem))
        else:
            actions.throw_away(request.actor, about, unsaved.sheet_of(request))
            notices.success(
                request, _("Saved. An approver must approve it before it goes without a second look.")
            )
            return redirect("messaging:text", kind, phase, language)
    context = {**_one(request, found, form), **_not_saved(request, found, form, taken)}
    status = 422 if request.method == "POST" else 200
    return render(request, "messaging/text.html", context, status=status)


@require_POST
def keep(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """What is typed so far, kept for whoever types it; the page's script sends it."""
    found = _found(kind, phase, language)
    seen = request.POST.get("seen_digest", "")
    shown = found.source if seen == found.digest else ""
    typing = typing_of({"source": request.POST.get("source", "")}, {"source": shown})
    return unsaved.kept(request, _about(found), {language: typing}, seen=seen, newer=_newer(found, seen))


@require_POST
def throw_away(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """What was typed and not saved is not wanted."""
    actions.throw_away(request.actor, _about(_found(kind, phase, language)), unsaved.sheet_of(request))
    return redirect("messaging:text", kind, phase, language)


@require_safe
def version(request: StaffRequest, kind: str, phase: str, language: str, version_id: UUID) -> HttpResponse:
    """One version of a text: its words, and how it differs from what it began from and from the shipped text."""
    one = queries.version(request.actor, kind, phase, language, version_id)
    shipped = queries.shipped_text(kind, phase, language)
    words = one.text or shipped
    if words is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    context = {
        "version": one,
        "text": words,
        "current": _found(kind, phase, language),
        "event": queries.event_word(kind),
        "author": names_behind({one.row.written_by})[one.row.written_by],
        "since_before": _changes(one.row.began_source, words.source),
        "since_shipped": _changes(shipped.source, words.source) if shipped and one.text else None,
        "preview": queries.preview_of_text(
            kind, phase, language, words.source, now(), queries.reader_like(request.actor, kind, language)
        ),
    }
    return render(request, "messaging/text_version.html", context)


@require_POST
def take_back(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """Goes back to an older version, or to the shipped text."""
    asked, seen = request.POST.get("version", ""), request.POST.get("digest", "")

    def back() -> None:
        version_id = _uuid(asked) if asked else None
        actions.take_back_text(request.actor, kind, phase, language, version_id, seen_digest=seen)

    return _answered(request, (kind, phase, language), back, _("Done: the older words are in force again."))


@require_POST
def ask(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """Asks whoever may for their yes beforehand: it stands on their worklist."""

    def please() -> None:
        actions.ask_for_text(request.actor, kind, phase, language, request.POST.get("digest", ""))

    return _answered(
        request, (kind, phase, language), please, _("Asked. It stands on the approvers’ worklist.")
    )


@require_POST
def approve(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """A person's yes beforehand: filling the slots of this text needs no second approval then."""

    def yes() -> None:
        actions.approve_text(request.actor, kind, phase, language, request.POST.get("digest", ""))

    return _answered(request, (kind, phase, language), yes, _("Approved beforehand."))


def _answered(
    request: StaffRequest, where: tuple[str, str, str], act: Callable[[], None], done: str
) -> HttpResponse:
    try:
        act()
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(request, done)
    return redirect("messaging:text", *where)


def _found(kind: str, phase: str, language: str) -> queries.Text:
    found = queries.texts_for(kind, phase).get(language) if phase in CONTRACTS else None
    if found is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    return found


def _about(text: queries.Text) -> str:
    """What it is kept under while it is not saved."""
    return f"text/{text.kind}/{text.phase}/{text.language}"


def _newer(text: queries.Text, seen: str) -> str:
    """That somebody changed this text since the one `seen`; empty where nobody did."""
    row = queries.newest_change(text.kind, text.phase, text.language) if seen != text.digest else None
    return unsaved.saved_since(queries.ref_of(row.written_by), row.written_at) if row else ""


def _form(request: StaffRequest, text: queries.Text, taken: queries.Sheet | None) -> forms.TextForm:
    """The form as it was sent, as it was typed before (`taken`), or with the text as it stands."""
    initial = {"source": text.source, "seen_digest": text.digest}
    typed = taken.parts[text.language].typed if taken else {}
    return forms.TextForm({**initial, **typed} if taken else request.POST or None, initial=initial)


def _not_saved(
    request: StaffRequest, text: queries.Text, form: forms.TextForm, taken: queries.Sheet | None
) -> dict[str, object]:
    """What was typed before and not saved, and what differs where somebody else saved meanwhile."""
    where, sheet = (text.kind, text.phase, text.language), unsaved.sheet_of(request)
    newer = _newer(text, taken.seen if taken else request.POST.get("seen_digest", text.digest))
    offers = unsaved.offered(
        request,
        _about(text),
        sheet,
        {text.language: {"source": text.source}},
        words_for=lambda _language, _field: _("Text"),
        newer=lambda seen: _newer(text, seen),
    )
    return {
        "sheet": sheet,
        "unsaved": offers,
        "throw_away": reverse("messaging:throw_away_text", args=where),
        "newer": newer,
        "differs": _changes(text.source, _typed(form, text)) if newer else (),
    }


def _one(request: StaffRequest, text: queries.Text, form: forms.TextForm) -> dict[str, object]:
    where = (text.kind, text.phase, text.language)
    approved = queries.is_approved_beforehand(*where, text.digest)
    may = not approved and request.actor.may("message.approve")
    reason = queries.why_not_approve_text(request.actor, *where) if may else None
    asked = None if approved else queries.text_asked(text)
    template, shipped = read_template(text.source), queries.shipped_text(*where)
    like = queries.reader_like(request.actor, text.kind, text.language)
    return {
        "text": text,
        "form": form,
        "approved": approved,
        "may_approve": may and not reason,
        "why_not": say(Refused(reason)) if reason else "",
        "asked": asked,
        "asker": names_behind({asked.asked_by})[asked.asked_by] if asked else "",
        "may_ask": not (approved or asked) and (reason or not may),
        "event": queries.event_word(text.kind),
        "languages": list(queries.texts_for(text.kind, text.phase)),
        "phases": [(code, label(f"message.phase.{code}")) for code in CONTRACTS],
        "facts": checklist(template, text.phase),
        "odd": [
            (label(name), label(f"text.odd.{one}"))
            for name, found in oddities(template, text.kind, text.language).items()
            for one in found
        ],
        "since_shipped": _changes(shipped.source, text.source) if shipped and not text.shipped else (),
        "versions": _versions(request, text),
        "preview": queries.preview_of_text(*where, _typed(form, text), now(), like),
        "like": like,
        "about": queries.message(request.actor, like.message_id).about if like else "",
    }


def _typed(form: forms.TextForm, text: queries.Text) -> str:
    """What stands in the form, where it can be read: after an error one sees what one wrote."""
    source = str(form["source"].value() or "")
    try:
        template = read_template(source)
    except NotATemplate:
        return text.source
    return source if template.blocks else text.source


def _versions(request: StaffRequest, text: queries.Text) -> list[dict[str, object]]:
    found = queries.versions(request.actor, text.kind, text.phase, text.language)
    names = names_behind(
        {one.row.written_by for one in found} | {one.approval.approved_by for one in found if one.approval}
    )
    return [
        {
            "version": one,
            "author": names[one.row.written_by],
            "approver": names[one.approval.approved_by] if one.approval else "",
        }
        for one in found
    ]


def _changes(before: str, after: str) -> tuple[Changed, ...] | None:
    """What differs; None where it is not known what was there before."""
    return changes(read_template(before), read_template(after)) if before else None


def _uuid(asked: str) -> UUID:
    try:
        return UUID(asked)
    except ValueError as wrong:
        raise Missing("messaging.no_such_version") from wrong


def _as_csv(shelf: list[queries.Shelf]) -> Streamed:
    header = (_("Kind"), _("Phase"), _("Language"), _("State"), _("Approved"))

    def lines() -> Iterator[tuple[object, ...]]:
        for one in shelf:
            for text in one.texts:
                yield (
                    one.kind, label(f"message.phase.{one.phase}"), text.text.language,
                    label(f"text.state.{text.state}"), _("yes") if text.approved else _("no"),
                )  # fmt: skip

    return csv_file("texts", header, lines())
