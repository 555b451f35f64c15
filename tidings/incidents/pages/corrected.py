"""Changing what an incident is, where its report was mistaken."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tidings.incidents import actions, forms, queries
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import said
from tidings.kernel.errors import Conflict, TidingsError
from tidings.ui.requests import StaffRequest

_FIELDS = {"incident.detected_in_future": "detected_at", "incident.kind_unknown": "kind"}


@require_http_methods(["GET", "POST"])
def what(request: StaffRequest, number: str) -> HttpResponse:
    """Its kind and when it was noticed, with what follows from a change, and why."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    stands = {"kind": incident.kind, "detected_at": incident.detected_at}
    form = forms.WhatForm(request.POST or None, initial={**stands, "seen_version": incident.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        # Shown to the minute: a time left alone keeps its seconds.
        noticed = given["detected_at"] if "detected_at" in form.changed_data else None
        try:
            actions.correct_what(
                request.actor,
                incident.pk,
                actions.What(given["kind"], noticed),
                given["reason"],
                seen_version=given["seen_version"],
            )
        except Conflict as first:
            incident = queries.incident(request.actor, number)
            form.look_again(said(first), seen_version=incident.version)
        except TidingsError as problem:
            form.add_error(_FIELDS.get(problem.code), said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {
        **head(incident),
        "form": form,
        "heading": _("Change what it is"),
        "lead": _(
            "Grade and deadlines follow, and never get looser. What is written and has not gone is written anew, with your "
            "sentences, and needs its approval again."
        ),
    }
    return render(request, "incidents/change.html", context, status=form.status)
