"""The list of what an incident touches, on a page and as a file."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tidings.incidents import queries, rules, sql
from tidings.incidents.models import Incident
from tidings.incidents.pages.effects import narrowed
from tidings.incidents.pages.incident import head
from tidings.incidents.sql import AffectedLine
from tidings.incidents.words import shipments_of_customers
from tidings.kernel.clock import now
from tidings.ui.export import csv_file
from tidings.ui.listing import PER_PAGE, Listing
from tidings.ui.moments import Counted
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

HEADER = (
    "waybill", "customer", "why", "term", "certainty", "effect", "held_by", "must_do", "do_by", "pieces", "seen_at",
    "expected_at", "told_at",
)  # fmt: skip


@require_GET
def affected(request: StaffRequest, number: str) -> HttpResponseBase:
    """Every affected shipment with its customer and the reason why it is in."""
    incident = queries.incident(request.actor, number)
    wanted = narrowed(request.GET)
    if request.GET.get("export") == "csv":
        return _file(request, incident, wanted)
    page = max(int(asked) if (asked := request.GET.get("page", "1")).isdecimal() and len(asked) < 7 else 1, 1)
    found = queries.affected_lines(request.actor, incident, wanted, PER_PAGE + 1, (page - 1) * PER_PAGE)
    size = queries.affected_found(request.actor, incident, wanted)
    context = {
        **head(incident),
        "heading": _("Affected shipments"),
        "listing": Listing(
            [_affected(one) for one in found[:PER_PAGE]], page, len(found) > PER_PAGE, "", None, True
        ),
        "wanted": wanted,
        "is_narrowed": wanted != sql.Narrowed(),
        "shipments": size.shipments,
        "affected_words": shipments_of_customers(Counted(size.shipments), Counted(size.customers)),
        "without_shipment": size.without_shipment,
        "chosen": _chosen(request),
        "reasons": [(one.value, label(f"incident.why.{one.value}")) for one in rules.Why],
        "certainties": [(one.value, label(f"incident.certainty.{one.value}")) for one in rules.Certainty],
        "lacks": [(one, label(f"incident.lacking.{one}")) for one in sql.LACKS],
        "without_contact": queries.without_contact(incident, now()),
        "effects": [(one.value, label(f"incident.effect.{one.value}")) for one in rules.GRAVEST_FIRST],
    }
    return render(request, "incidents/affected.html", context)


def _chosen(request: StaffRequest) -> str:
    """The part of the address that says how the list is narrowed."""
    asked = request.GET.copy()
    for name in ("page", "export"):
        asked.pop(name, None)
    return asked.urlencode()


def _file(request: StaffRequest, incident: Incident, wanted: sql.Narrowed) -> HttpResponseBase:
    lines = queries.every_affected_line(request.actor, incident, wanted)
    rows = ([_cell(getattr(one, name)) for name in HEADER] for one in lines)
    return csv_file(f"{incident.number}-affected", HEADER, rows)


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value


def _affected(line: AffectedLine) -> dict[str, object]:
    return {
        "line": line,
        "url": reverse("shipments:shipment", args=[line.shipment_id])
        if line.shipment_id
        else reverse("customers:customer", args=[line.customer_id]),
        "why": label(f"incident.why.{line.why}"),
        "certainty": label(f"incident.certainty.{line.certainty}"),
        "effect": label(f"incident.effect.{line.effect}"),
        "held_by": label(f"incident.held_by.{line.held_by}") if line.held_by else "",
        "must_do": label(f"incident.must_do.{line.must_do}") if line.must_do else "",
    }
