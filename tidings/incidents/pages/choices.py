"""What customers may choose in an incident: offering it, how often what was chosen, every answer as a file."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, queries
from tidings.incidents.forms.choice import OfferForm
from tidings.incidents.models import Incident, Offer
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, said
from tidings.incidents.queries import choices as reads
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, TidingsError
from tidings.messaging.queries import names_of_contacts
from tidings.ui.export import csv_file
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_http_methods(["GET", "POST"])
def choices(request: StaffRequest, number: str) -> HttpResponseBase:
    """Every offer with its counts, and a form for the next."""
    incident = queries.incident(request.actor, number)
    if request.GET.get("export") == "csv":
        return _as_csv(request.actor, incident, request.GET.get("offer", ""))
    form = OfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.offer_choice(request.actor, incident.pk, **form.cleaned_data)
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            done(request, _("Customers can choose on their own page now. Tell them in the next message."))
            return redirect("incidents:choices", incident.number)
    moment = now()
    context = {
        **head(incident),
        "heading": _("What customers choose"),
        "form": form,
        "offers": [
            (offer, reads.counted(request.actor, offer), offer.ended_at is None and offer.closes_at > moment)
            for offer in reads.offers(incident)
        ],
        "may_offer": incident.is_open and request.actor.may("message.send"),
    }
    return render(request, "incidents/choices.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: StaffRequest, number: str, offer_id: UUID) -> HttpResponse:
    """No more answers to this offer."""
    incident = queries.incident(request.actor, number)
    actions.withdraw_choice(request.actor, reads.offer(incident, offer_id).pk)
    done(request, _("Withdrawn. What was chosen stays written down."))
    return redirect("incidents:choices", incident.number)


def _as_csv(actor: Actor, incident: Incident, offer_id: str) -> HttpResponseBase:
    offer = next((one for one in reads.offers(incident) if str(one.pk) == offer_id), None)
    if offer is None:
        raise Missing("incident.choice_missing")
    header = (_("Waybill"), _("Chosen"), _("Contact"), _("When"))
    return csv_file(f"{incident.number}-choices", header, _answers(actor, offer))


def _answers(actor: Actor, offer: Offer) -> Iterator[tuple[object, ...]]:
    rows = list(reads.answers(actor, offer))
    names = names_of_contacts(offer.incident.number, [one.contact_id for one in rows])
    for one in rows:
        yield (
            one.waybill,
            label(f"incident.option.{one.option}"),
            names.get(one.contact_id, ""),
            one.at.isoformat(),
        )
