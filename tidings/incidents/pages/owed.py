"""What is owed beside the messages: promises to single customers, and the law's clocks of an incident."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tidings.customers.queries import customer_by_number
from tidings.incidents import actions, forms, queries
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import said
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, TidingsError
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_http_methods(["GET", "POST"])
def promise(request: StaffRequest, number: str) -> HttpResponse:
    """A promise to one customer, in one line."""
    request.actor.require("incident.report")
    incident = queries.incident(request.actor, number)
    form = forms.PromiseForm(request.actor, incident, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        found = customer_by_number(request.actor, told["customer"].strip())
        if found is None:
            form.add_error("customer", _("There is no customer with this number within what you may see."))
        else:
            try:
                actions.promise_customer(
                    request.actor, incident.pk, found.pk, told["text"], told["due_by"], told["owner"]
                )
            except TidingsError as problem:
                form.add_error(None, said(problem))
            else:
                return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("Promise to a customer")}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def end(request: StaffRequest, number: str, promise_id: UUID) -> HttpResponse:
    """Kept, or broken with what came of it."""
    incident = queries.incident(request.actor, number)
    open_ones = queries.waiting_promises(request.actor, now(), incident=incident)
    found = next((one for one in open_ones if one.promise.pk == promise_id), None)
    if found is None:
        raise Missing("incident.no_such_promise")
    form = forms.EndPromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.end_promise(request.actor, promise_id, told["end"] == "kept", told["note"])
        except TidingsError as problem:
            form.add_error("note" if problem.code == "incident.promise_needs_note" else None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": found.promise.text}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def legal(request: StaffRequest, number: str, code: str) -> HttpResponse:
    """Whose one of the law's clocks is, and when it was done."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    stands = queries.legal_clock(incident, code).notice
    first = {name: getattr(stands, name) for name in ("done_at", "proof")} if stands else {}
    owner = str(stands.owner_id or "") if stands else ""
    form = forms.LegalForm(request.actor, incident, request.POST or None, initial={**first, "owner": owner})
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_legal(request.actor, incident.pk, code, **form.cleaned_data)
        except TidingsError as problem:
            form.add_error("proof" if problem.code == "incident.proof_needed" else None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": label(f"incident.law.{code}")}
    return render(request, "incidents/change.html", context, status=422 if form.errors else 200)
