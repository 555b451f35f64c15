"""Settings: what each severity demands, every version of it, and what waits for a second administrator."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.pages.notices import done, refused, said
from tidings.incidents.rules.policies import changes
from tidings.kernel.errors import Missing, TidingsError
from tidings.people.queries import names_of
from tidings.people.rules import DEPARTMENTS
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label


@require_GET
def policies(request: StaffRequest) -> HttpResponse:
    """What each severity demands now; who may change it finds the way there."""
    request.actor.require("incident.read")
    context = {
        "policies": [_shown(policy) for policy in queries.policies().values()],
        "asked": _asked(request),
        "may_change": request.actor.may("policy.change"),
    }
    return render(request, "incidents/policies.html", context)


@require_http_methods(["GET", "POST"])
def policy(request: StaffRequest, severity: str) -> HttpResponse:
    """One severity's policy. A tighter one holds at once; a looser one waits for another administrator."""
    request.actor.require("policy.change")
    if severity not in rules.SEVERITIES:
        raise Missing("incident.severity_unknown", severity=severity)
    stands = queries.policies()[rules.SEVERITIES[severity]]
    form = forms.PolicyForm(request.POST or None, policy=stands, version=queries.policy_version(severity))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            asked = actions.change_policy(
                request.actor, form.wanted(), told["reason"], seen_version=told["seen_version"]
            )
        except TidingsError as problem:
            form.add_error("required" if problem.code == "incident.policy_too_loose" else None, said(problem))
        else:
            done(request, _("This loosens the policy: another administrator must confirm it first.") if asked else _("The policy holds from now on."))  # fmt: skip
            return redirect("incidents:policies")
    history = queries.policy_history(severity)
    names = names_of([ref for one in history for ref in (one.by, one.asked_by)])
    context = {
        "severity": severity,
        "form": form,
        "history": [
            {
                "version": one,
                "policy": _shown(one.terms()),
                "by": names[one.by],
                "asked_by": names[one.asked_by],
            }
            for one in history
        ],
        "shipped": _shown(rules.SHIPPED_POLICIES[rules.SEVERITIES[severity]]),
    }
    return render(request, "incidents/policy.html", context, status=422 if form.errors else 200)


@require_POST
def confirm(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """The second administrator's yes."""
    try:
        actions.confirm_policy(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("The policy holds from now on."))
    return redirect("incidents:policies")


@require_POST
def decline(request: StaffRequest, ask_id: UUID) -> HttpResponse:
    """No, or taken back by whoever asked."""
    try:
        actions.decline_policy(request.actor, ask_id)
    except TidingsError as problem:
        refused(request, problem)
    else:
        done(request, _("The policy stays as it is."))
    return redirect("incidents:policies")


def _shown(policy: rules.Policy) -> dict[str, object]:
    comma = _(", ")

    def kinds(codes: Iterable[str]) -> str:
        return comma.join(forms.words_for_kind(one, queries.kinds().get(one)) for one in sorted(codes))

    return {
        "team": comma.join(
            label(f"incident.department.{code}") for code in DEPARTMENTS if code in policy.team
        ),
        "approvers": comma.join(label(f"approval.kind.{one}") for one in sorted(policy.approvers)),
        "legal_kinds": kinds(policy.legal_kinds),
        "management_kinds": kinds(policy.management_kinds),
        "code": policy.severity.code,
        "policy": policy,
        "required": comma.join(
            label(f"incident.phase.{phase.value}") for phase in rules.Phase if phase in policy.required
        ),
        "channels": comma.join(label(f"channel.{one}") for one in sorted(policy.channels)),
        "overrides": comma.join(label(f"incident.channel.{one}") for one in sorted(policy.overrides_quiet)),
    }


def _asked(request: StaffRequest) -> list[dict[str, object]]:
    asked, held = queries.policies_asked(request.actor), queries.policies()
    names = names_of([one.asked_by for one in asked])
    may = request.actor.may("policy.change")
    return [
        {
            "ask": one,
            "by": names[one.asked_by],
            "before": _shown(held[rules.SEVERITIES[one.severity]]),
            "after": _shown(one.terms()),
            "lines": [
                label(f"incident.policy.{line}")
                for line in changes(held[rules.SEVERITIES[one.severity]], one.terms())
            ],
            "confirms": may and one.asked_by != request.actor.ref,
            "declines": may,
        }
        for one in asked
    ]
