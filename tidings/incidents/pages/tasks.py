"""Tasks of an incident: the list, giving one, ending it, handing it over."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tidings.incidents import actions, forms, queries
from tidings.incidents.models import Incident, Task
from tidings.incidents.pages.doing import may_add, task_rows
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused, said
from tidings.kernel.errors import TidingsError
from tidings.ui.export import csv_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest

HEADER = ("department", "text", "due_by", "owner", "origin", "end", "ended_at", "ended_by", "reason")


@require_GET
def tasks(request: StaffRequest, number: str) -> HttpResponseBase:
    """Every task of the incident, those that wait first."""
    incident = queries.incident(request.actor, number)
    department = request.GET.get("department", "")
    waiting = request.GET.get("waiting") == "1"
    found = queries.tasks_about(incident, department=department, waiting=waiting)
    if request.GET.get("export") == "csv":
        rows = (
            [str(getattr(one, "owner_id" if name == "owner" else name) or "") for name in HEADER]
            for one in found.iterator(chunk_size=500)
        )
        return csv_file(f"{incident.number}-tasks", HEADER, rows)
    page = listing(request, found, counted=True, exports=True)
    context = {
        **head(incident),
        "heading": _("Tasks"),
        "listing": page,
        "rows": task_rows(request, page.rows),
        "department": department,
        "departments": forms.TaskForm(request.actor, incident).fields["department"].choices,  # type: ignore[attr-defined]
        "waiting": waiting,
        "may_add_tasks": may_add(request, incident),
    }
    return render(request, "incidents/tasks.html", context)


@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, number: str) -> HttpResponse:
    """A new task."""
    request.actor.require("incident.task")
    incident = queries.incident(request.actor, number)
    form = forms.TaskForm(request.actor, incident, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.add_task(
                request.actor, incident.pk, told["department"], told["text"], told["due_by"], told["owner"]
            )
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("Give a task")}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def task(request: StaffRequest, number: str, task_id: UUID) -> HttpResponse:
    """One task: ended here, as done or not, or handed over."""
    incident = queries.incident(request.actor, number)
    found = queries.task(request.actor, incident, task_id)
    form = forms.FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_task(request.actor, found.pk, **form.cleaned_data)
        except TidingsError as problem:
            form.add_error("reason" if problem.code == "incident.task_needs_reason" else None, said(problem))
        else:
            return redirect("incidents:tasks", incident.number)
    return _one(request, incident, found, form, forms.HandForm(request.actor, incident))


@require_POST
def hand(request: StaffRequest, number: str, task_id: UUID) -> HttpResponse:
    """Gives the task to another person."""
    incident = queries.incident(request.actor, number)
    found = queries.task(request.actor, incident, task_id)
    form = forms.HandForm(request.actor, incident, request.POST)
    if form.is_valid():
        try:
            actions.hand_task(request.actor, found.pk, form.cleaned_data["owner"])
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect("incidents:task", incident.number, found.pk)
    return _one(request, incident, found, forms.FinishForm(), form)


@require_POST
def done_at_once(request: StaffRequest, number: str, task_id: UUID) -> HttpResponse:
    """Done, in one press from the incident's page."""
    incident = queries.incident(request.actor, number)
    found = queries.task(request.actor, incident, task_id)
    try:
        actions.finish_task(request.actor, found.pk)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("Done: %(task)s") % {"task": found.text})
    return redirect("incidents:show", incident.number)


def _one(
    request: StaffRequest, incident: Incident, found: Task, form: forms.FinishForm, hands: forms.HandForm
) -> HttpResponse:
    context = {
        **head(incident),
        "heading": _("Task"),
        "row": task_rows(request, [found])[0],
        "form": form,
        "hand_form": hands,
    }
    wrong = bool(form.errors or hands.errors)
    return render(request, "incidents/task.html", context, status=422 if wrong else 200)
