"""Who hears by a client's contract: changed from the customer's page by who may change its contacts; and the client's word in an incident."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.customers.actions import change_contract
from tidings.customers.queries import contract_of, customer
from tidings.incidents import actions, queries
from tidings.incidents.forms.contract import ContractForm, agreed, contract_lines
from tidings.incidents.pages.notices import done, refused, said
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused, TidingsError
from tidings.ui.requests import StaffRequest


@require_http_methods(["GET", "POST"])
def contract(request: StaffRequest, customer_id: UUID) -> HttpResponse:
    """The line for all and the lines for an effect or a message; the most specific holds."""
    request.actor.require("contact.change")
    found = customer(request.actor, customer_id)
    known = contract_of(found)
    form, lines = ContractForm(request.POST or None, lines=known), contract_lines(known, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() & lines.is_valid():
            try:
                change_contract(
                    request.actor,
                    found.pk,
                    agreed(form, lines),
                    version=form.cleaned_data["version"],
                    at=now(),
                )
            except Conflict as conflict:
                refused(request, conflict)
                known = contract_of(customer(request.actor, customer_id))
                form, lines, status = ContractForm(lines=known), contract_lines(known), 409
            except Refused as problem:
                form.add_error(None, said(problem))
            else:
                done(request, _("The contract was changed. Open incidents follow it within the hour, or when somebody looks again."))  # fmt: skip
                return redirect("customers:customer", found.pk)
    context = {"customer": found, "form": form, "lines": lines}
    return render(request, "incidents/contract.html", context, status=status)


@require_POST
def agrees(request: StaffRequest, number: str) -> HttpResponse:
    """A client said that its consignees may be told now."""
    incident = queries.incident(request.actor, number)
    try:
        client = UUID(request.POST.get("customer", ""))
    except ValueError:
        raise Missing("customer.missing") from None
    try:
        actions.note_client_agrees(request.actor, incident.pk, client)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("Noted: whoever waited for this client is told now."))
    return redirect("incidents:show", incident.number)
