"""Settings: the table role × fact × channel, what the firm opened of it, and what waits for a second administrator."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.incidents import actions, queries, rules
from tidings.incidents.forms.opened import CellForm
from tidings.incidents.pages.notices import done, refused, said
from tidings.incidents.words.opened import cell_words
from tidings.kernel.errors import Missing, TidingsError
from tidings.people.queries import names_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_http_methods(["GET", "POST"])
def table(request: StaffRequest) -> HttpResponse:
    """Who may be told what by which channel, and a form to open a cell."""
    request.actor.require("policy.change")
    form = CellForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.open_cell(request.actor, form.cell(), form.cleaned_data["reason"])
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            done(request, _("This tells more than before: another administrator must confirm it first.") if asked else _("It is told from now on."))  # fmt: skip
            return redirect("incidents:telling")
    opened = queries.opened()
    context = {
        "form": form,
        "facts": [
            {"word": label(f"incident.told_fact.{fact}"), "rows": _rows(fact, opened)} for fact in rules.Fact
        ],
        "opened": _opened(request),
        "closed": _closed(request),
        "asked": _asked(request),
    }
    return render(request, "incidents/telling.html", context, status=422 if form.errors else 200)


@require_POST
def close(request: StaffRequest) -> HttpResponse:
    """Tells a cell no more, at once."""
    told = request.POST
    try:
        cell = rules.Cell(told.get("role", ""), rules.Fact(told.get("fact", "")), told.get("channel", ""))
    except ValueError:
        raise Missing("incident.no_such_cell_ask") from None
    try:
        actions.close_cell(request.actor, cell)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("It is told no more."))
    return redirect("incidents:telling")


@require_POST
def confirm(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """The second administrator's yes."""
    try:
        actions.confirm_cell(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("It holds from now on."))
    return redirect("incidents:telling")


@require_POST
def decline(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """No, or taken back by whoever asked."""
    try:
        actions.decline_cell(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("It stays as it is."))
    return redirect("incidents:telling")


def _rows(fact: rules.Fact, opened: frozenset[rules.Cell]) -> list[dict[str, object]]:
    """Each role with the channels on which it is told this fact: as shipped, and opened by the firm."""
    comma = _(", ")

    def named(role: str, cells: frozenset[rules.Cell], *, shipped: bool) -> str:
        told = [
            channel
            for channel in rules.CHANNELS_TOLD
            if rules.may_hear(fact, (role,), channel, cells)
            and rules.may_hear(fact, (role,), channel) is shipped
        ]
        return comma.join(label(f"channel.{channel}") for channel in told)

    return [
        {
            "role": label(f"party.{role}"),
            "shipped": named(role, opened, shipped=True),
            "opened": named(role, opened, shipped=False),
        }
        for role in rules.MAY_HEAR
    ]


def _opened(request: StaffRequest) -> list[dict[str, object]]:
    rows = queries.opened_rows(request.actor)
    names = names_of([ref for one in rows for ref in (one.by, one.asked_by)])
    return [
        {"row": one, "said": cell_words(one.cell()), "by": names[one.by], "asked_by": names[one.asked_by]}
        for one in rows
    ]


def _closed(request: StaffRequest) -> list[dict[str, object]]:
    return [{"row": one, "said": cell_words(one.cell())} for one in queries.opened_before(request.actor)]


def _asked(request: StaffRequest) -> list[dict[str, object]]:
    asked = queries.opened_asked(request.actor)
    names = names_of([one.asked_by for one in asked])
    return [
        {
            "ask": one,
            "by": names[one.asked_by],
            "said": cell_words(one.cell()),
            "confirms": one.asked_by != request.actor.ref,
        }
        for one in asked
    ]
