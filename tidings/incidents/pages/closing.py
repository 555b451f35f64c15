"""The end of an incident: its review, what still keeps it from being closed with links, corrective measures; and its family."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused, said
from tidings.incidents.queries.survey import survey
from tidings.incidents.rules.survey import MARKS
from tidings.incidents.words.counted import lacks
from tidings.incidents.words.survey import SURVEY_QUESTIONS
from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_ASKED_FOR = (rules.Phase.FIRST_NOTICE, rules.Phase.CLOSING, rules.Phase.UPDATE, rules.Phase.RESTORED)
"""Where people may still be owed a phase, in the order that closing asks for them."""


def _survey(incident: Incident) -> dict[str, object]:
    found = survey(incident)
    marked = {"informed": found.informed, "solved": found.solved}
    questions = [(question, marked[name]) for name, question in SURVEY_QUESTIONS.items()]
    return {"survey": found, "survey_questions": questions, "marks": MARKS}


@require_http_methods(["GET", "POST"])
def close(request: StaffRequest, number: str) -> HttpResponse:
    """Exactly what is missing, each with the way to it; with nothing missing, one press."""
    incident = queries.incident(request.actor, number)
    if request.method == "POST":
        try:
            actions.close_incident(
                request.actor, incident.pk, seen_version=int(request.POST.get("seen_version") or 0)
            )
        except TidingsError as problem:
            refused(request, problem)
            return redirect("incidents:close", incident.number)
        return redirect("incidents:show", incident.number)
    lacking = queries.people_lacking(incident, now())
    missing = queries.missing_for_closing(incident, now(), lacking)
    context = {
        **head(incident),
        "heading": _("Close the incident"),
        "missing": [{"word": _lacks_word(code, lacking), "url": _way_to(incident, code)} for code in missing],
        "resolved": incident.state == "resolved",
        "unexplained": queries.unexplained(incident, now()),
        "unreachable_form": forms.UnreachableForm(),
    }
    return render(request, "incidents/close.html", context)


def _lacks_word(code: str, lacking: Mapping[str, int]) -> str:
    kind, _dot, phase = code.partition(".")
    return lacks(phase, lacking[phase]) if kind == "people" else label(f"incident.lacks.{code}")


def _way_to(incident: Incident, code: str) -> str:
    """Where a person mends what is missing."""
    show = reverse("incidents:show", args=[incident.number])
    kind, _dot, phase = code.partition(".")
    if kind in ("phase", "people"):
        return f"{show}?phase={phase}#composer"
    if code in ("cause", "measures"):
        return reverse("incidents:review", args=[incident.number])
    if code == "unexplained":
        return "#unreachable"
    owing = [one.phase for one in queries.reach(incident, now()) if one.waited_for]
    named = next((phase for phase in owing if phase in _ASKED_FOR), "")
    if named:
        return reverse("incidents:people", args=[incident.number, named]) + "?part=under_way"
    return reverse("incidents:affected", args=[incident.number])


@require_POST
def unreachable(request: StaffRequest, number: str) -> HttpResponse:
    """Says why those without a contact were not told."""
    incident = queries.incident(request.actor, number)
    try:
        actions.record_unreachable(request.actor, incident.pk, request.POST.get("reason", ""))
    except TidingsError as problem:
        refused(request, problem)
    return redirect("incidents:close", incident.number)


@require_http_methods(["GET", "POST"])
def review(request: StaffRequest, number: str) -> HttpResponse:
    """What it taught; lessons become corrective measures."""
    request.actor.require("incident.read")
    incident = queries.incident(request.actor, number)
    newest = queries.review(incident)
    first = {name: getattr(newest, name, "") for name in ("prevention", "went_well", "to_improve")}
    stands = {"cause": incident.cause, "measures": incident.measures, "seen_version": incident.version}
    form = forms.ReviewForm(request.POST or None, initial={**first, **stands})
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        seen = told.pop("seen_version")
        try:
            actions.write_review(request.actor, incident.pk, actions.Lessons(**told), seen_version=seen)
        except TidingsError as problem:
            form.look_again(said(problem), seen_version=queries.incident(request.actor, number).version)
        else:
            done(request, _("The review is written down."))
            return redirect("incidents:review", incident.number)
    context = {
        **head(incident),
        "heading": _("Review"),
        "form": form,
        "phases": [
            {"word": label(f"incident.phase.{one.phase}"), "reach": one}
            for one in queries.reach(incident, now())
        ],
        "newest": newest,
        **_survey(incident),
        "promises": [
            (_("To all customers"), queries.promises_to_all(incident, now())),
            (_("To single customers"), queries.promises_to_single(incident, now())),
        ],
        "measures": queries.tasks_about(incident).filter(check_by__isnull=False),
    }
    return render(request, "incidents/review.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
def corrective(request: StaffRequest, number: str) -> HttpResponse:
    """A lesson as a task, with the day of its check."""
    request.actor.require("incident.task")
    incident = queries.incident(request.actor, number)
    form = forms.CorrectiveForm(request.actor, incident, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.add_corrective(
                request.actor,
                incident.pk,
                told["department"],
                told["text"],
                told["due_by"],
                told["check_by"],
                told["owner"],
            )
        except TidingsError as problem:
            form.add_error("check_by" if problem.code == "incident.check_before_due" else None, said(problem))
        else:
            return redirect("incidents:review", incident.number)
    context = {**head(incident), "form": form, "heading": _("Corrective measure")}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def check(request: StaffRequest, number: str, task_id: UUID) -> HttpResponse:
    """Whether it worked."""
    request.actor.require("incident.task")
    incident = queries.incident(request.actor, number)
    task = queries.task(request.actor, incident, task_id)
    form = forms.CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.check_task(request.actor, task.pk, form.cleaned_data["worked"], form.cleaned_data["note"])
        except TidingsError as problem:
            form.add_error("note" if problem.code == "incident.check_needs_reason" else None, said(problem))
        else:
            return redirect("incidents:review", incident.number)
    context = {**head(incident), "form": form, "heading": task.text}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def parent(request: StaffRequest, number: str) -> HttpResponse:
    """Which incident this one is part of."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    above = queries.family(request.actor, incident).parent
    first = {"parent": above.number if above else "", "seen_version": incident.version}
    form = forms.ParentForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            chosen = queries.incident(request.actor, told["parent"]) if told["parent"].strip() else None
            actions.set_parent(
                request.actor,
                incident.pk,
                chosen.pk if chosen else None,
                seen_version=told["seen_version"],
            )
        except TidingsError as problem:
            form.add_error("parent", said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("Part of another incident")}
    return render(request, "incidents/change.html", context, status=form.status)
