"""The list of shipments, and its export."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from tidings.kernel.clock import now
from tidings.shipments.forms.listing import FilterForm
from tidings.shipments.queries.rows import SORTS, Filter, Row, every_row, shipment_rows
from tidings.shipments.words import LABELS
from tidings.ui.export import csv_file, xlsx_file
from tidings.ui.requests import StaffRequest

PER_PAGE = 50


def shipments(request: StaffRequest) -> HttpResponseBase:
    request.actor.require("shipment.read")
    form = FilterForm(request.actor, request.GET or None)
    narrow = form.narrowed() if form.is_bound else Filter()
    sort = request.GET.get("sort", "started")
    # Sorting by promise reads everything that is left: only where a place or a client leaves little.
    by_promise = narrow.state in ("open", "late") and bool(narrow.place or narrow.client)
    if sort not in SORTS or (sort == "promised" and not by_promise):
        sort = "started"
    export = request.GET.get("export")
    if export in ("csv", "xlsx"):
        made = csv_file if export == "csv" else xlsx_file
        return made(
            "shipments", _header(), _cells(every_row(request.actor, narrow, now(), sort=sort), _words())
        )
    after = request.GET.get("after", "")
    rows = shipment_rows(request.actor, narrow, now(), sort=sort, after=after, limit=PER_PAGE + 1)
    shown = rows[:PER_PAGE]
    values = {
        "form": form,
        "rows": shown,
        "next": shown[-1].key if len(rows) > PER_PAGE else "",
        "after": after,
        "sort": sort,
        "by_promise": by_promise,
        "narrowed": narrow != Filter(),
    }
    return _page(request, values)


def _page(request: StaffRequest, values: dict[str, object]) -> HttpResponse:
    part = "shipments/_list.html" if request.htmx else "shipments/list.html"
    answer = render(request, part, values)
    answer.headers["Vary"] = "HX-Request"
    return answer


def _header() -> list[str]:
    return [
        _("Waybill"),
        _("Carrier"),
        _("Service"),
        _("Ship date"),
        _("Client"),
        _("From"),
        _("To"),
        _("State"),
        _("Last seen at"),
        _("Last seen"),
        _("Last event"),
        _("Promised"),
        _("Estimated"),
        _("Delivered"),
    ]


def _words() -> dict[str, str]:
    """The reader's words, fixed before the answer is on its way: by then the request and its language are over."""
    return {code: str(word) for code, word in LABELS.items()}


def _cells(rows: Iterator[Row], words: dict[str, str]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            row.waybill,
            row.carrier,
            row.service,
            row.started_on,
            row.client,
            row.origin,
            row.destination,
            words[f"shipment.{row.state}"],
            row.seen_at,
            row.seen_on,
            words.get(f"event.{row.seen_code}", row.seen_code),
            row.promised_at,
            row.estimated_at,
            row.delivered_at,
        ]
