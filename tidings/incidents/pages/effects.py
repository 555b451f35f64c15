"""Saying what an incident means for the shipments of a narrowed list, for one shipment, or for some of its pieces."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tidings.incidents import actions, forms, queries, sql
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, said
from tidings.kernel.errors import Conflict, TidingsError
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest


def narrowed(asked: QueryDict) -> sql.Narrowed:
    """What the address of a list of the affected narrows it to; what is no id finds nothing."""
    found = {name: asked.get(name, "") for name in ("why", "certainty", "effect", "text", "lacks")}
    shipments = [one for text in asked.getlist("shipment") if text and (one := _id(text))]
    return sql.Narrowed(**found, shipments=shipments if asked.getlist("shipment") else None)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
def effects(request: StaffRequest, number: str) -> HttpResponse:
    """The list stands in the address; its size is shown before anything is said of it."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    wanted = narrowed(request.GET)
    shown = queries.affected_lines(request.actor, incident, wanted, 5)
    shipments = queries.affected_found(request.actor, incident, wanted).shipments
    seen = {"seen_version": incident.version, "seen_shipments": shipments}
    one = wanted.shipments is not None and len(wanted.shipments) == 1
    form = forms.MeaningForm(request.POST or None, initial=seen, one_shipment=one)
    if request.method == "POST" and form.is_valid():
        try:
            told = actions.set_effect_of(
                request.actor,
                incident.pk,
                wanted,
                form.meaning(),
                pieces=form.barcodes(),
                seen_shipments=form.cleaned_data["seen_shipments"],
                seen_version=form.cleaned_data["seen_version"],
            )
        except Conflict as first:
            incident = queries.incident(request.actor, number)
            form.look_again(said(first), seen_version=incident.version, seen_shipments=shipments)
        except TidingsError as problem:
            form.add_error("pieces" if one and "piece" in problem.code else None, said(problem))
        else:
            words = ngettext("Said of %(count)s shipment.", "Said of %(count)s shipments.", told)
            done(request, words % {"count": count(told)})
            return redirect("incidents:affected", incident.number)
    context = {
        **head(incident),
        "form": form,
        "heading": _("What it means for these shipments"),
        "shipments": shipments,
        "shown": shown,
    }
    return render(request, "incidents/effects.html", context, status=form.status)
