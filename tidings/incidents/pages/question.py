"""The question of who is affected: built on a page, its answer counted and what it would change shown before it is saved."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tidings.customers.queries import ids_seen
from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import done, refused, said
from tidings.incidents.sql import Change, Found
from tidings.kernel.errors import Conflict, Refused, TidingsError
from tidings.people.queries import names_of
from tidings.shipments.queries.imports import freshness
from tidings.shipments.queries.parts import ids_named
from tidings.ui.moments import count
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say


@require_http_methods(["GET", "POST"])
def question(request: StaffRequest, number: str) -> HttpResponse:
    """Every press shows the page again with what was typed; only the last one, after what it would change was seen, saves."""
    request.actor.require("incident.scope")
    incident = queries.incident(request.actor, number)
    if request.method == "GET":
        return _page(request, incident, forms.QuestionBuilder.of(queries.question(incident)))
    builder = forms.QuestionBuilder.typed(request.POST)
    if request.POST.get("do") not in ("look", "save"):
        return _page(request, incident, builder)
    if not builder.is_valid():
        return _page(request, incident, builder, status=422)
    asking = builder.question()
    if request.POST["do"] == "look":
        return _preview(request, incident, builder, asking)
    try:
        found = actions.ask_question(request.actor, incident.pk, asking, **_seen(request))
    except Conflict as first:
        incident = queries.incident(request.actor, number)
        return _preview(request, incident, builder, asking, said(first), 409)
    except TidingsError as problem:
        return _page(request, incident, builder, problem=say(problem), status=422)
    done(request, _found(request, incident, found))
    return redirect("incidents:show", incident.number)


def _found(request: StaffRequest, incident: Incident, found: Found) -> str:
    words = _("%(shipments)s shipments are affected.") % {"shipments": count(found.shipments)}
    alone = queries.without_shipment(request.actor, incident)
    if not alone:
        return words
    more = ngettext(
        "%(count)s customer is affected without a shipment.",
        "%(count)s customers are affected without a shipment.",
        alone,
    )
    return f"{words} {more % {'count': count(alone)}}"


def _seen(request: StaffRequest) -> dict[str, int]:
    """The version and how many told ones would go, as the preview showed them; without a preview nothing fits."""
    seen = {name: request.POST.get(name, "") for name in ("seen_version", "seen_told")}
    return {name: int(value) if value.isascii() and value.isdigit() else 0 for name, value in seen.items()}


def _preview(
    request: StaffRequest,
    incident: Incident,
    builder: forms.QuestionBuilder,
    asking: rules.Question,
    problem: object = "",
    status: int = 200,
) -> HttpResponse:
    fault = rules.fault_of(asking)
    if fault:
        return _page(request, incident, builder, problem=say(Refused(fault)), status=422)
    try:
        change = queries.change_by(request.actor, incident, asking)
    except TidingsError as unknown:
        return _page(request, incident, builder, problem=say(unknown), status=422)
    return _page(request, incident, builder, change=change, problem=problem, status=status)


def _page(
    request: StaffRequest,
    incident: Incident,
    builder: forms.QuestionBuilder,
    *,
    change: Change | None = None,
    problem: object = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **head(incident),
        "heading": _("Who is affected"),
        "builder": builder,
        "change": change,
        "sure": [(label(f"incident.certainty.{one.certainty}"), one) for one in change.sure]
        if change
        else [],
        "problem": problem,
        "kinds": [(kind.value, label(f"incident.term.{kind.value}")) for kind in rules.TermKind],
        "sources": freshness(),
        "places": queries.places(),
    }
    return render(request, "incidents/question.html", context, status=status)


@require_http_methods(["GET", "POST"])
def by_hand(request: StaffRequest, number: str) -> HttpResponse:
    """What people added and took out, with why; and adding to it."""
    request.actor.require("incident.scope")
    incident = queries.incident(request.actor, number)
    first = {
        "numbers": request.GET.get("waybill", ""),
        "verdict": "out" if "waybill" in request.GET else "in",
        "seen_version": incident.version,
    }
    form = forms.PickForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and _picked(request, incident, form):
        return redirect("incidents:by_hand", incident.number)
    picked = queries.picked(request.actor, incident)
    customers = queries.picked_customers(request.actor, incident)
    names = names_of([*(one.by for one in picked), *(one.by for one in customers)])
    context = {
        **head(incident),
        "form": form,
        "heading": _("Added and taken out by hand"),
        "picked": [(one, names[one.by]) for one in picked],
        "customers": [(one, names[one.by]) for one in customers],
    }
    return render(request, "incidents/by_hand.html", context, status=form.status)


def _picked(request: StaffRequest, incident: Incident, form: forms.PickForm) -> bool:
    typed, numbers = form.typed(), form.typed_customers()
    found, known = ids_named(request.actor, typed), ids_seen(request.actor, numbers)
    unknown = [one for one in typed if one not in found]
    if unknown:
        words = _("No shipment has the waybill %(waybill)s.")
        form.add_error("numbers", words % {"waybill": ", ".join(unknown[:10])})
    nobody = [one for one in numbers if one not in known]
    if nobody:
        words = _("No customer has the number %(number)s.")
        form.add_error("customers", words % {"number": ", ".join(nobody[:10])})
    if unknown or nobody:
        return False
    shipments = [one for ids in found.values() for one in ids]
    given = form.cleaned_data
    said_of = (given["verdict"], given["reason"])
    try:
        seen = given["seen_version"]
        if shipments:
            actions.pick_by_hand(request.actor, incident.pk, shipments, *said_of, seen_version=seen)
            seen = None  # it has just changed by this press
        if known:
            customers = list(known.values())
            actions.pick_customers(request.actor, incident.pk, customers, *said_of, seen_version=seen)
    except Conflict as first:
        form.look_again(said(first), seen_version=queries.incident(request.actor, incident.number).version)
        return False
    except TidingsError as problem:
        form.add_error(None, said(problem))
        return False
    return True


@require_POST
def take_back(request: StaffRequest, number: str) -> HttpResponse:
    """One shipment, or one customer without any, is again as the question says."""
    incident = queries.incident(request.actor, number)
    known = {
        str(one.customer_id): one.customer_id for one in queries.picked_customers(request.actor, incident)
    }
    customer = known.get(request.POST.get("customer", ""))
    held = {str(one.shipment_id): one.shipment_id for one in queries.picked(request.actor, incident)}
    chosen = held.get(request.POST.get("shipment", ""))
    try:
        if customer:
            actions.pick_customers(request.actor, incident.pk, [customer], "", "")
        else:
            actions.pick_by_hand(request.actor, incident.pk, [chosen] if chosen else [], "", "")
    except TidingsError as problem:
        refused(request, problem)
    return redirect("incidents:by_hand", incident.number)


@require_POST
def let_go(request: StaffRequest, number: str) -> HttpResponse:
    """The change that waits goes."""
    incident = queries.incident(request.actor, number)
    try:
        found = actions.let_change_go(request.actor, incident.pk)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _found(request, incident, found))
    return redirect("incidents:show", incident.number)
