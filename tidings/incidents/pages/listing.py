"""The list of incidents, and reporting a new one."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tidings.incidents import actions, forms, queries
from tidings.incidents.pages.notices import refused
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, TidingsError
from tidings.kernel.ids import new_id
from tidings.ui.export import csv_file
from tidings.ui.listing import listing, ordering, sort_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say

HEADER = (
    "number", "title", "kind", "severity", "state", "place", "detected_at", "first_notice_by", "first_notice_at", "next_update_by",
)  # fmt: skip


@require_GET
def incidents(request: StaffRequest) -> HttpResponseBase:
    """The list: what is open, unless the reader asks for more."""
    wanted = queries.Filter(
        text=request.GET.get("text", "").strip(),
        state=request.GET.get("state", "open"),
        kind=request.GET.get("kind", ""),
        severity=request.GET.get("severity", ""),
    )
    found = queries.incidents(request.actor, wanted)
    if request.GET.get("export") == "csv":
        found = found.order_by(*ordering(queries.SORTS, sort_of(request, queries.SORTS, "-opened")))
        lines = ([getattr(one, name) for name in HEADER] for one in found.iterator(chunk_size=500))
        return csv_file("incidents", HEADER, lines)
    page = listing(request, found, sorts=queries.SORTS, default="-opened", counted=True, exports=True)
    places = queries.place_names([one.place for one in page.rows])
    at, kinds = now(), queries.kinds()
    rows = [
        {
            "incident": one,
            "title": forms.title_of(one, places.get(one.place, one.place), kinds),
            "place": places.get(one.place, one.place),
            "clock": queries.clock(one, at),
            "state": label(f"incident.state.{one.state}"),
        }
        for one in page.rows
    ]
    context = {
        "listing": page,
        "rows": rows,
        "wanted": wanted,
        "narrowed": bool(wanted.text or wanted.kind or wanted.severity or wanted.state != "open"),
        "states": [("open", _("Open")), ("", _("All")), *forms.state_choices()],
        "kinds": forms.kind_choices(kinds),
        "severities": forms.severity_choices(),
    }
    return render(request, "incidents/list.html", context)


@require_http_methods(["GET", "POST"])
def report(request: StaffRequest) -> HttpResponse:
    """Three fields suffice; the affected are found in the same moment."""
    request.actor.require("incident.report")
    form = forms.ReportForm(
        request.actor, request.POST or None, initial={"window_from": now(), "key": new_id()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            incident_id = actions.open_incident(request.actor, _report(form.cleaned_data))
        except Conflict as twice:
            refused(request, twice)
            return redirect("incidents:show", str(twice.facts["number"]))
        except TidingsError as problem:
            form.add_error(_field_of(problem), say(problem))
        else:
            return redirect("incidents:show", queries.incident(request.actor, incident_id).number)
    status = 422 if form.errors else 200
    return render(request, "incidents/report.html", {"form": form, "places": queries.places()}, status=status)


_FACTS = ("what", "cause", "effect", "first_response")


def _report(given: dict[str, object]) -> actions.Report:
    told = {name: value for name, value in given.items() if name not in _FACTS and value}
    facts = actions.Facts(**{name: str(given[name]) for name in _FACTS})
    return actions.Report(**told, facts=facts)  # type: ignore[arg-type]


def _field_of(problem: TidingsError) -> str | None:
    """The field that an error is about."""
    known = {
        "shipments.no_such_place": "place",
        "incident.kind_unknown": "kind",
        "incident.window_backwards": "window_until",
        "incident.detected_in_future": "detected_at",
        "incident.below_floor": "severity",
    }
    return known.get(problem.code)
