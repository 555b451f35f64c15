"""Lines of the worklist for what an incident owes beside its next message: to newcomers, to who is affected no more, and to the law."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from tidings.home.queries.waiting import Waiting
from tidings.incidents import queries as incidents
from tidings.kernel.actor import Actor
from tidings.ui.moments import Counted


def came_untold(actor: Actor, now: datetime) -> list[Waiting]:
    """Who came in and was not told, with the reason why it does not go by itself, and the place where somebody sends it."""
    if not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.untold",
            thing=one.incident.number,
            thing_kind=_customers(one.customers),
            kind=one.incident.title or f"incident.kind.{one.incident.kind}",
            because=one.word,
            severity=one.incident.severity,
            due_by=one.due_by,
            late=one.late,
            owner=str(one.incident.owner_id or ""),
            mine=str(one.incident.owner_id) == actor.ref,
            url=_where(one.incident.number, one.why.value),
        )
        for one in incidents.newcomers(actor, now)
    ]


def _where(number: str, why: str) -> str:
    page = reverse("incidents:show", args=[number])
    return f"{page}#affected-part" if why == "large_change" else f"{page}?phase=first_notice#composer"


def all_clears(actor: Actor) -> list[Waiting]:
    """Who was told and is affected no more: the all-clear is a person's to send."""
    if not actor.may("message.write") or not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.all_clear",
            thing=one.incident.number,
            thing_kind=_customers(one.customers),
            kind=one.incident.title or f"incident.kind.{one.incident.kind}",
            severity=one.incident.severity,
            owner=str(one.incident.owner_id or ""),
            mine=str(one.incident.owner_id) == actor.ref,
            url=f"{reverse('incidents:show', args=[one.incident.number])}?phase=all_clear#composer",
        )
        for one in incidents.to_clear(actor)
    ]


def law(actor: Actor, now: datetime) -> list[Waiting]:
    """The law's clocks that nobody noted as done."""
    if not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.law",
            thing=one.incident.number,
            thing_kind=f"incident.law.{one.running.clock.code}",
            kind=one.incident.title or f"incident.kind.{one.incident.kind}",
            severity=one.incident.severity,
            due_by=one.running.due_by,
            late=one.late,
            owner=one.owner,
            mine=bool(one.owner) and one.owner == actor.ref,
            url=reverse("incidents:legal", args=[one.incident.number, one.running.clock.code])
            if actor.may("incident.assess")
            else reverse("incidents:show", args=[one.incident.number]),
        )
        for one in incidents.waiting_law(actor, now)
    ]


def _customers(count: int) -> str:
    return ngettext("%(count)s customer", "%(count)s customers", count) % {"count": Counted(count)}
