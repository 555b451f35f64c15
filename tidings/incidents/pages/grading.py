"""Settings: the grading table, the firm's own kinds of incident, and what of both waits for a second administrator."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, forms, queries
from tidings.incidents.pages.notices import done, refused, said
from tidings.incidents.rules import SEVERITIES
from tidings.incidents.rules.grading import FLOORS, GradingRow
from tidings.incidents.words.grading import because
from tidings.kernel.errors import Missing, TidingsError
from tidings.people.queries import names_of
from tidings.ui.requests import StaffRequest


@require_http_methods(["GET", "POST"])
def table(request: StaffRequest) -> HttpResponse:
    """The rows in force, the floors that none may undercut, and a form for one more."""
    request.actor.require("policy.change")
    form = forms.GradingRowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.add_grading_row(request.actor, form.row())
        except TidingsError as problem:
            form.add_error("severity" if problem.code == "incident.row_below_floor" else None, said(problem))
        else:
            done(request, _asks() if asked else _("The row counts from now on."))
            return redirect("incidents:grading")
    own = {one.code: SEVERITIES[one.floor] for one in queries.own_kinds() if not one.retired_at}
    context = {
        "form": form,
        "rows": [_shown(row) for row in queries.grading_rows()],
        "floors": [
            {"kind": forms.words_for_kind(code, queries.kinds().get(code)), "severity": floor.code}
            for code, floor in {**FLOORS, **own}.items()
            if floor > min(floor.__class__)
        ],
        "shipped": not queries.has_own_grading(),
        "asked": _asked(request, "add_row", "end_row"),
    }
    return render(request, "incidents/grading.html", context, status=422 if form.errors else 200)


@require_POST
def remove(request: StaffRequest) -> HttpResponse:
    """Takes a row out, named by what it says."""
    told = request.POST
    try:
        row = GradingRow(
            SEVERITIES[told.get("severity", "")],
            told.get("kind", ""),
            int(told.get("customers") or 0),
            int(told.get("value_cents") or 0),
            told.get("currency", ""),
            told.get("safety") == "True",
            told.get("legal") == "True",
        )
    except (KeyError, ValueError):
        raise Missing("incident.no_such_row") from None
    try:
        asked = actions.end_grading_row(request.actor, row)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _asks() if asked else _("The row counts no more."))
    return redirect("incidents:grading")


@require_http_methods(["GET", "POST"])
def kinds(request: StaffRequest, code: str = "") -> HttpResponse:
    """The firm's own kinds, and a form for one: a new one, or the one of this code."""
    request.actor.require("policy.change")
    known = {one.code: one for one in queries.own_kinds()}
    if code and code not in known:
        raise Missing("incident.kind_unknown", kind=code)
    form = forms.KindForm(request.POST or None, kind=known.get(code))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            asked = actions.save_kind(request.actor, code or told["code"], form.names(), told["floor"])
        except TidingsError as problem:
            form.add_error("code" if problem.code == "incident.kind_code_unfit" else None, said(problem))
        else:
            done(request, _asks() if asked else _("The kind can be reported from now on."))
            return redirect("incidents:kinds")
    rows = [{"kind": one, "name": forms.words_for_kind(one.code, one.names)} for one in known.values()]
    context = {
        "form": form,
        "rows": rows,
        "chosen": known.get(code),
        "asked": _asked(request, "save_kind"),
    }
    return render(request, "incidents/kinds.html", context, status=422 if form.errors else 200)


@require_POST
def retire(request: StaffRequest, code: str) -> HttpResponse:
    """Offers a kind no more."""
    try:
        actions.retire_kind(request.actor, code)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("The kind is offered no more; incidents of it keep it."))
    return redirect("incidents:kinds")


@require_POST
def confirm(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """The second administrator's yes."""
    try:
        actions.confirm_grading(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("It counts from now on."))
    return redirect(_back(request))


@require_POST
def decline(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """No, or taken back by whoever asked."""
    try:
        actions.decline_grading(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("It stays as it is."))
    return redirect(_back(request))


def _back(request: StaffRequest) -> str:
    return "incidents:kinds" if request.POST.get("from") == "kinds" else "incidents:grading"


def _asks() -> str:
    return _("This proposes less than before: another administrator must confirm it first.")


def _asked(request: StaffRequest, *what: str) -> list[dict[str, object]]:
    asked = [one for one in queries.grading_asked(request.actor) if one.what in what]
    names = names_of([one.asked_by for one in asked])
    return [
        {
            "ask": one,
            "by": names[one.asked_by],
            "said": _named(one.row()),
            "confirms": one.asked_by != request.actor.ref,
        }
        for one in asked
    ]


def _named(row: GradingRow) -> str:
    kind = forms.words_for_kind(row.kind, queries.kinds().get(row.kind)) if row.kind else ""
    return because(row.as_facts(), kind)


def _shown(row: GradingRow) -> dict[str, object]:
    return {"row": row, "severity": row.severity.code, "said": _named(row)}
