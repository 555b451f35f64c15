"""The list of what an incident touches, on a page and as a file."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tidings.incidents import queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.sql import AffectedLine
from tidings.ui.export import csv_file
from tidings.ui.listing import PER_PAGE, Listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

HEADER = ("waybill", "customer", "why", "term", "certainty", "effect", "seen_at", "expected_at", "told_at")


@require_GET
def affected(request: StaffRequest, number: str) -> HttpResponseBase:
    """Every affected shipment with its customer and the reason why it is in."""
    incident = queries.incident(request.actor, number)
    why = request.GET.get("why", "")
    if request.GET.get("export") == "csv":
        return _file(request, incident, why)
    page = max(int(asked) if (asked := request.GET.get("page", "1")).isdecimal() and len(asked) < 7 else 1, 1)
    found = queries.affected_lines(request.actor, incident, why, PER_PAGE + 1, (page - 1) * PER_PAGE)
    total = queries.affected(request.actor, incident, why).count()
    context = {
        **head(incident),
        "heading": _("Affected shipments"),
        "listing": Listing(
            [_affected(one) for one in found[:PER_PAGE]], page, len(found) > PER_PAGE, "", total, True
        ),
        "why": why,
        "reasons": [(one.value, label(f"incident.why.{one.value}")) for one in rules.Why],
    }
    return render(request, "incidents/affected.html", context)


def _file(request: StaffRequest, incident: Incident, why: str) -> HttpResponseBase:
    lines = queries.every_affected_line(request.actor, incident, why)
    rows = ([getattr(one, name) for name in HEADER] for one in lines)
    return csv_file(f"{incident.number}-affected", HEADER, rows)


def _affected(line: AffectedLine) -> dict[str, object]:
    return {
        "line": line,
        "url": reverse("shipments:shipment", args=[line.shipment_id]),
        "why": label(f"incident.why.{line.why}"),
        "certainty": label(f"incident.certainty.{line.certainty}"),
        "effect": label(f"incident.effect.{line.effect}"),
    }
