"""Lines of the worklist for who is called in, who leads a team, and who confirms what somebody else would loosen."""

from datetime import datetime

from django.urls import reverse

from tidings.customers import queries as customers
from tidings.home.queries.waiting import Waiting
from tidings.incidents import queries as incidents
from tidings.kernel.actor import Actor


def calls_in(actor: Actor, now: datetime) -> list[Waiting]:
    """Teams that this reader is called into, until they answer."""
    if not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.called_in",
            thing=one.incident.number,
            thing_kind=f"incident.department.{one.department}",
            severity=one.incident.severity,
            due_by=one.answer_by,
            late=one.answer_by < now,
            owner=actor.ref,
            mine=True,
            url=reverse("incidents:answer_call", args=[one.incident.number, one.pk]),
        )
        for one in incidents.called_in(actor)
    ]


def team_gaps(actor: Actor, now: datetime) -> list[Waiting]:
    """Departments of which nobody comes, for who leads the team."""
    if not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.team_gap",
            thing=one.incident.number,
            thing_kind=f"incident.department.{one.department}",
            severity=one.incident.severity,
            url=reverse("incidents:show", args=[one.incident.number]),
        )
        for one in incidents.team_gaps(actor, now)
    ]


def addresses(actor: Actor) -> list[Waiting]:
    """Ladders with a new address that somebody else asked for."""
    if not actor.may("contact.change") or not actor.may("customer.read"):
        return []
    return [
        Waiting(
            what="worklist.address",
            thing=one.contact.customer.number,
            thing_kind=one.contact.name,
            place=one.contact.customer.name,
            url=reverse("customers:customer", args=[one.contact.customer_id]),
        )
        for one in customers.addresses_asked(actor)
    ]


def policies(actor: Actor) -> list[Waiting]:
    """What another administrator wants to loosen: a policy, a row of the grading table, a kind's floor."""
    if not actor.may("policy.change"):
        return []
    grading = [
        Waiting(
            what="worklist.grading",
            thing=one.kind or one.severity,
            thing_kind=f"incident.kind.{one.kind}" if one.kind else f"incident.severity.{one.severity}",
            url=reverse("incidents:kinds" if one.what == "save_kind" else "incidents:grading"),
        )
        for one in incidents.grading_asked(actor)
        if one.asked_by != actor.ref
    ]
    cells = [
        Waiting(
            what="worklist.telling",
            thing=one.role,
            thing_kind=f"party.{one.role}",
            url=reverse("incidents:telling"),
        )
        for one in incidents.opened_asked(actor)
        if one.asked_by != actor.ref
    ]
    return (
        grading
        + cells
        + [
            Waiting(
                what="worklist.policy",
                thing=one.severity,
                thing_kind=f"incident.severity.{one.severity}",
                url=reverse("incidents:policies"),
            )
            for one in incidents.policies_asked(actor)
            if one.asked_by != actor.ref
        ]
    )
