"""The team of an incident: calling it in with one press, calling in one person, answering, and a hotline of its own."""

from collections.abc import Callable
from uuid import UUID

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused, said
from tidings.kernel.errors import TidingsError
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_POST
def call_all(request: StaffRequest, number: str) -> HttpResponse:
    """Everybody whom policy and roster propose."""
    incident = queries.incident(request.actor, number)
    try:
        called = actions.call_in(request.actor, incident.pk)
    except TidingsError as problem:
        refused(request, problem)
    else:
        sentence = ngettext("%(number)s person is called in.", "%(number)s people are called in.", called)
        done(request, sentence % {"number": count(called)})
    return redirect("incidents:show", incident.number)


@require_http_methods(["GET", "POST"])
def call_one(request: StaffRequest, number: str) -> HttpResponse:
    """Somebody for a department, whom the roster does not name."""
    request.actor.require("incident.task")
    incident = queries.incident(request.actor, number)
    form = forms.CallForm(request.actor, incident, request.POST or None)

    def act() -> None:
        told = form.cleaned_data
        actions.call_in(request.actor, incident.pk, {told["department"]: told["person"]})

    return _form(request, incident, form, _("Call somebody in"), act)


@require_http_methods(["GET", "POST"])
def answer(request: StaffRequest, number: str, member_id: UUID) -> HttpResponse:
    """“I am coming” or “I cannot”, by who was called."""
    incident = queries.incident(request.actor, number)
    member = queries.team_call(incident, member_id)
    first = {"answer": member.answer or None, "comes_at": member.comes_at, "note": member.note}
    form = forms.AnswerForm(request.POST or None, initial=first)

    def act() -> None:
        told = form.cleaned_data
        actions.answer_call(
            request.actor,
            member_id,
            coming=told["answer"] == "coming",
            comes_at=told["comes_at"],
            note=told["note"],
        )

    heading = _("You are called in: %(department)s") % {
        "department": label(f"incident.department.{member.department}")
    }
    return _form(request, incident, form, heading, act, label(f"incident.duty.{member.department}"))


@require_http_methods(["GET", "POST"])
def hotline(request: StaffRequest, number: str) -> HttpResponse:
    """A number of its own."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    held = queries.hotline(incident)
    names = ("number", "announcement", "hours", "staff")
    first = {name: getattr(held, name) for name in names} if held else {}
    form = forms.HotlineForm(request.POST or None, initial=first)

    def act() -> None:
        actions.set_hotline(request.actor, incident.pk, **form.cleaned_data)

    return _form(request, incident, form, _("Hotline of its own"), act)


def _form(
    request: StaffRequest,
    incident: Incident,
    form: django_forms.Form,
    heading: str,
    act: Callable[[], None],
    lead: str = "",
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": heading, "lead": lead}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)
