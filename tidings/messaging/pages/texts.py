"""Texts kept ready per kind, phase and language: the list, one of them to read or change, approving it beforehand."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused, TidingsError
from tidings.messaging import actions, forms, queries
from tidings.messaging.rules.content import CONTRACTS
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say


@require_safe
def library(request: StaffRequest) -> HttpResponse:
    """Every text that is ready, by kind and phase."""
    request.actor.require("message.read")
    phase = request.GET.get("phase", "first_notice")
    shelf = queries.text_shelf(phase if phase in CONTRACTS else "first_notice")
    context = {
        "shelf": shelf,
        "phase": phase,
        "phases": [(code, label(f"message.phase.{code}")) for code in CONTRACTS],
    }
    return render(request, "messaging/texts.html", context)


@require_http_methods(["GET", "POST"])
def text(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """One text: as it stands, and the form to change it."""
    request.actor.require("message.read")
    found = queries.texts_for(kind, phase).get(language) if phase in CONTRACTS else None
    if found is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    initial = {"source": found.source, "seen_digest": found.digest}
    form = forms.TextForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_text(
                request.actor,
                kind,
                phase,
                language,
                form.cleaned_data["source"],
                seen_digest=form.cleaned_data["seen_digest"],
            )
        except TidingsError as problem:
            form.add_error("source", say(problem))
        else:
            notices.success(
                request, _("Saved. An approver must approve it before it goes without a second look.")
            )
            return redirect("messaging:text", kind, phase, language)
    approved = queries.is_approved_beforehand(kind, phase, language, found.digest)
    may = not approved and request.actor.may("message.approve")
    reason = queries.why_not_approve_text(request.actor, kind, phase, language) if may else None
    context = {
        "text": found,
        "form": form,
        "approved": approved,
        "may_approve": may and not reason,
        "why_not": say(Refused(reason)) if reason else "",
        "event": queries.event_word(kind),
        "preview": queries.preview_of_text(kind, phase, language, found.source, now()),
    }
    return render(request, "messaging/text.html", context, status=422 if form.errors else 200)


@require_POST
def approve(request: StaffRequest, kind: str, phase: str, language: str) -> HttpResponse:
    """A person's yes beforehand: filling the slots of this text needs no second approval then."""
    try:
        actions.approve_text(request.actor, kind, phase, language, request.POST.get("digest", ""))
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(request, _("Approved beforehand."))
    return redirect("messaging:text", kind, phase, language)
