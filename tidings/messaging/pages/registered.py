"""Registered forms: every text with every provider that demands one, as a list to submit, and one form with its versions."""

from collections.abc import Iterator

from django.contrib import messages as notices
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging import forms, queries
from tidings.messaging.actions.register import register_form, take_out_form
from tidings.messaging.pages.approval import names_behind
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.registered import DEMANDING, FORM_SLOTS, SIGNED, FormState, said_fields
from tidings.messaging.rules.template import read_template
from tidings.ui.export import Streamed, csv_file, xlsx_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say

_ON_A_PAGE = 50
_STATES = ("missing", *(state.value for state in FormState))


@require_safe
def library(request: StaffRequest) -> HttpResponseBase:
    """Every text with every provider in use that demands a form; as a page, or as a list to submit."""
    request.actor.require("message.read")
    service, state = request.GET.get("service", ""), request.GET.get("state", "")
    found = queries.registrations(request.actor, service=service, state=state if state in _STATES else "")
    export = request.GET.get("export", "")
    if export in ("csv", "xlsx"):
        return _as_file(found, export)
    used = queries.services_demanding_forms()
    context = {
        "listing": listing(request, found, per_page=_ON_A_PAGE, counted=True, exports=True),
        "wanted": {"service": service, "state": state},
        "services": [(code, label(f"service.{code}")) for code in used],
        "states": [(code, label(f"registered.state.{code}")) for code in _STATES],
    }
    return render(request, "messaging/registered.html", context)


def _as_file(found: list[queries.Registration], kind: str) -> Streamed:
    header = [
        _("Event"),
        _("Phase"),
        _("Language"),
        _("Service"),
        _("State"),
        _("Id there"),
        _("Signature"),
        _("Fields"),
        _("Our short form"),
        _("Our text has changed since"),
    ]
    make = csv_file if kind == "csv" else xlsx_file
    return make("registered-forms", header, _rows(found))


def _rows(found: list[queries.Registration]) -> Iterator[list[object]]:
    for one in found:
        text, form = one.text, one.form
        short = read_template(text.source).headers.get("short", ())
        yield [
            one.event,
            label(f"message.phase.{text.phase}"),
            text.language,
            label(f"service.{one.service}"),
            label(f"registered.state.{one.state}"),
            form.template if form else "",
            form.signature if form else "",
            said_fields(form.fields) if form else "",
            short[0] if short else "",
            _("yes") if one.outgrown else "",
        ]


@require_http_methods(["GET", "POST"])
def form(request: StaffRequest, kind: str, phase: str, language: str, service: str) -> HttpResponse:
    """One text's form with one provider: to read, to change, and its versions."""
    request.actor.require("text.change" if request.method == "POST" else "message.read")
    text = _text(kind, phase, language, service)
    row = queries.form_in_force(kind, phase, language, service)
    filled = forms.RegisteredFormForm(request.POST or None, row=row)
    if request.method == "POST" and filled.is_valid():
        given = filled.cleaned_data
        try:
            register_form(request.actor, text, service, filled.form(), note=given["note"], seen=given["seen"])
        except TidingsError as problem:
            filled.add_error(None, say(problem))
        else:
            notices.success(request, _("Saved. Only an approved form goes."))
            return redirect("messaging:registered_form", kind, phase, language, service)
    versions = queries.form_versions(kind, phase, language, service)
    names = names_behind({one.set_by for one in versions})
    context = {
        "text": text,
        "row": row,
        "form": filled,
        "service": service,
        "signed": service in SIGNED,
        "event": queries.event_word(kind),
        "short": next(iter(read_template(text.source).headers.get("short", ())), ""),
        "slots": sorted(FORM_SLOTS),
        "outgrown": row is not None and row.text_digest != text.digest,
        "versions": [(one, names[one.set_by]) for one in versions],
    }
    return render(request, "messaging/registered_form.html", context, status=422 if filled.errors else 200)


@require_POST
def take_out(request: StaffRequest, kind: str, phase: str, language: str, service: str) -> HttpResponse:
    """From now on this text has no form with that provider."""
    try:
        text = _text(kind, phase, language, service)
        take_out_form(request.actor, text, service, seen=request.POST.get("seen", ""))
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(request, _("Taken out: this text does not go by this service any more."))
    return redirect("messaging:registered_form", kind, phase, language, service)


def _text(kind: str, phase: str, language: str, service: str) -> queries.Text:
    found = queries.texts_for(kind, phase).get(language) if phase in CONTRACTS else None
    if found is None or service not in DEMANDING:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    return found
