"""Changing an incident: facts, grade, state, question, effect. The second of two people sees both and decides."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import head
from tidings.incidents.pages.notices import said
from tidings.incidents.words.grading import because
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, TidingsError
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

FACTS = ("title", "what", "cause", "effect", "first_response", "measures")


@require_http_methods(["GET", "POST"])
def facts(request: StaffRequest, number: str) -> HttpResponse:
    """What is known. Where somebody else was first, both stand side by side and nothing is lost."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    stands = {name: getattr(incident, name) for name in FACTS}
    form = forms.FactsForm(request.POST or None, initial={**stands, "seen_version": incident.version})
    both: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        # Where nothing was changed by both, what stands now counts as seen; the lock still guards the moment between.
        seen = form.cleaned_data["seen_version"] if form.disputed(stands) else incident.version
        try:
            given = actions.Facts(**form.touched())
            actions.change_facts(request.actor, incident.pk, given, seen_version=seen)
        except Conflict as first:
            incident = queries.incident(request.actor, number)
            stands = {name: getattr(incident, name) for name in FACTS}
            both = _side_by_side(stands, form.disputed(stands))
            form.look_again(said(first), seen_version=incident.version, **form.now_stands(stands))
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "both": both, "heading": _("What we know")}
    return render(request, "incidents/facts.html", context, status=form.status)


def _look_again(request: StaffRequest, number: str, form: forms.SeenForm, first: Conflict) -> Incident:
    """Somebody else was first: the incident as it stands now, with the form kept as it was typed."""
    incident = queries.incident(request.actor, number)
    form.look_again(said(first), seen_version=incident.version)
    return incident


def _side_by_side(stands: Mapping[str, str], disputed: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": str(label(f"incident.fact.{name}")), "theirs": stands[name], "yours": value}
        for name, value in disputed.items()
    ]


@require_http_methods(["GET", "POST"])
def grade(request: StaffRequest, number: str) -> HttpResponse:
    """Another severity, with the reason where it differs from the proposal."""
    request.actor.require("incident.grade")
    incident = queries.incident(request.actor, number)
    form = forms.GradeForm(
        request.POST or None,
        may_take_back=queries.may_take_back(incident, rules.Severity.LOW, now()),
        initial={
            "severity": incident.severity,
            "safety": incident.safety,
            "legal": incident.legal,
            "seen_version": incident.version,
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_grade(
                request.actor,
                incident.pk,
                given["severity"],
                given["reason"],
                safety=given["safety"],
                legal=given["legal"],
                takes_back=given.get("takes_back", False),
                seen_version=given["seen_version"],
            )
        except Conflict as first:
            incident = _look_again(request, number, form, first)
        except TidingsError as problem:
            form.add_error("reason" if problem.code == "incident.grade_needs_reason" else None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("Change grade"), **_grading(incident)}
    return render(request, "incidents/grade.html", context, status=form.status)


def _grading(incident: Incident) -> dict[str, object]:
    """What the table proposes and why, what each grade promises, and the grades so far."""
    kind = forms.words_for_kind(incident.kind, queries.kinds().get(incident.kind))
    proposal = queries.proposal(incident)
    return {
        "proposal": proposal,
        "because": because(proposal.because, kind),
        "policies": [(policy.severity.code, policy) for policy in queries.policies().values()],
        "history": [
            {"grade": one, "because": because(one.because, kind)}
            for one in incident.grade_changes.order_by("-at")
        ],
    }


@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, number: str) -> HttpResponse:
    """The next step of its life."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    form = forms.MoveForm(
        request.POST or None, state=incident.state, initial={"seen_version": incident.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            _move(request, incident.pk, form.cleaned_data)
        except Conflict as first:
            incident = _look_again(request, number, form, first)
        except TidingsError as problem:
            form.add_error("reason" if problem.code == "incident.reason_needed" else None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("Next step")}
    return render(request, "incidents/change.html", context, status=form.status)


def _move(request: StaffRequest, incident_id: object, given: dict[str, object]) -> None:
    incident = queries.incident(request.actor, incident_id)  # type: ignore[arg-type]
    target, reason, seen = str(given["target"]), str(given["reason"]), int(str(given["seen_version"]))
    if target == rules.State.CLOSED:
        actions.close_incident(request.actor, incident.pk, seen_version=seen)
    elif target == rules.State.MERGED:
        other = queries.incident(request.actor, str(given.get("other", "")))
        actions.dismiss_incident(request.actor, incident.pk, reason, merged_into=other.pk, seen_version=seen)
    elif target == rules.State.DISMISSED:
        actions.dismiss_incident(request.actor, incident.pk, reason, seen_version=seen)
    else:
        actions.move_incident(request.actor, incident.pk, target, reason, seen_version=seen)


@require_http_methods(["GET", "POST"])
def effect(request: StaffRequest, number: str) -> HttpResponse:
    """What it means for the shipments of one reason."""
    request.actor.require("incident.assess")
    incident = queries.incident(request.actor, number)
    first_seen = {"why": request.GET.get("why", ""), "seen_version": incident.version}
    form = forms.EffectForm(request.POST or None, initial=first_seen)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_effect(request.actor, incident.pk, **form.cleaned_data)
        except Conflict as first:
            incident = _look_again(request, number, form, first)
        except TidingsError as problem:
            form.add_error(None, said(problem))
        else:
            return redirect("incidents:show", incident.number)
    context = {**head(incident), "form": form, "heading": _("What it means for shipments")}
    return render(request, "incidents/change.html", context, status=form.status)
