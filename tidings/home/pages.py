"""What spans domains on a page: the worklist, the search, the settings, what was done, the keys."""

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tidings.home import actions, queries
from tidings.home.forms import InstallationForm
from tidings.kernel import live, sealer
from tidings.kernel.clock import now
from tidings.kernel.models import AuditLine
from tidings.ui.export import csv_file
from tidings.ui.listing import listing
from tidings.ui.rail import rail_for
from tidings.ui.requests import StaffRequest
from tidings.ui.settings_index import settings_for
from tidings.ui.words import label


def worklist(request: StaffRequest) -> HttpResponseBase:
    mine, what = request.GET.get("mine") == "1", request.GET.get("what", "")
    everything = queries.worklist(request.actor, now())
    waiting = [one for one in everything if (one.mine or not mine) and what in ("", one.what)]
    if request.GET.get("export") == "csv":
        rows = (
            [label(one.what), one.thing, one.place, label(one.severity), one.due_by, one.owner]
            for one in waiting
        )
        return csv_file(
            "worklist", [_("What"), _("Thing"), _("Place"), _("Severity"), _("Due"), _("Whose")], rows
        )
    shown = listing(request, waiting, counted=True, exports=True)
    kinds = sorted(((code, label(code)) for code in {one.what for one in everything}), key=lambda one: one[1])
    context = {"listing": shown, "mine": mine, "what": what, "kinds": kinds, "now": now()}
    return render(request, "home/worklist.html", context)


def changes(_request: StaffRequest) -> HttpResponseBase:
    """Server-sent events whenever something on somebody's worklist may have changed: what, the list itself says."""
    if not connection.in_atomic_block:
        connection.close()  # back to the pool now: otherwise it is the stream's until that ends
    return live.stream([live.WORKLIST])


def search(request: StaffRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:200]
    found = queries.search(request.actor, text)
    exact = [one for one in found if one.exact]
    if len(exact) == 1 and not request.htmx:
        return redirect(exact[0].url)
    part = "home/_found.html" if request.htmx else "home/search.html"
    answer = render(request, part, {"text": text, "found": found})
    answer.headers["Vary"] = "HX-Request"
    return answer


def settings_index(request: StaffRequest) -> HttpResponse:
    request.actor.require("installation.read")
    return render(request, "home/settings.html", {"entries": settings_for(request.actor)})


def installation(request: StaffRequest) -> HttpResponse:
    request.actor.require("installation.read")
    first = {"firm_name": request.installation.firm_name, "time_zone": request.installation.time_zone}
    form = InstallationForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        actions.name_firm(request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("home:installation")
    return render(request, "home/installation.html", {"form": form})


def audit(request: StaffRequest) -> HttpResponseBase:
    verb, thing_id = request.GET.get("verb", "").strip(), request.GET.get("thing", "").strip()
    who = request.GET.get("who", "").strip()
    lines = queries.audit_lines(request.actor, who=who, verb=verb, thing_id=thing_id)
    if request.GET.get("export") == "csv":
        header = [
            _("When"),
            pgettext("who did it", "Who"),
            _("What"),
            _("Thing"),
            _("Reference"),
            _("Facts"),
            _("Number in the chain"),
        ]
        return csv_file("audit", header, (_audit_cells(line) for line in lines.iterator()))
    shown = listing(request, lines, exports=True)
    names = queries.names_behind(request.actor, shown.rows)
    rows = [(line, names[line.actor_ref], names.get(line.thing_id, line.thing_id)) for line in shown.rows]
    values = {
        "listing": shown,
        "rows": rows,
        "verb": verb,
        "thing": thing_id,
        "who": who,
        "head": sealer.head(),
    }
    return render(request, "home/audit.html", values)


def keys(request: StaffRequest) -> HttpResponse:
    lines = [line for line in rail_for(request, request.actor) if line.key]
    return render(request, "home/keys.html", {"lines": lines})


def _audit_cells(line: AuditLine) -> list[object]:
    return [line.at.isoformat(), line.actor_ref, line.verb, line.thing, line.thing_id, line.payload, line.seq]
