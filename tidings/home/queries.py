"""What spans domains, read together: what waits for somebody, what a search finds, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from tidings.customers import queries as customers
from tidings.customers.queries import Narrowed
from tidings.incidents import queries as incidents
from tidings.incidents.queries import Filter as IncidentFilter
from tidings.kernel.actor import Actor
from tidings.kernel.models import AuditLine
from tidings.messaging import queries as messaging
from tidings.people import queries as people
from tidings.shipments.queries.search import find
from tidings.shipments.rules import number_key

MOST_WAITING = 200
FOUND_EACH = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the worklist: what is due, on which thing, by when (None: as soon as possible), and whose it is."""

    what: str
    thing: str
    thing_kind: str
    place: str
    severity: str
    due_by: datetime | None
    late: bool
    owner: str
    mine: bool
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a search: what it is, what it is called, by what it was found, and where it stands.

    `exact` says that the text is one of its numbers, whole, however it was spaced.
    """

    kind: str
    title: str
    why: str
    detail: str
    exact: bool
    url: str


def worklist(actor: Actor, now: datetime) -> list[Waiting]:
    """What waits, overdue on top, then by deadline; what has no deadline stands last."""
    waiting = [*_promises(actor, now), *_approvals(actor)]
    return sorted(waiting, key=lambda one: (one.due_by is None, one.due_by, one.thing))


def pressing(actor: Actor, now: datetime) -> tuple[int, int]:
    """How much of the worklist cannot wait, and how much of that is late: two counts, for every page's rail."""
    late = incidents.open_and_late(actor, now)[1] if actor.may("incident.read") else 0
    return late + messaging.waiting_for_approval(actor), late


def search(actor: Actor, text: str) -> list[Found]:
    """Shipments, incidents and customers that answer to `text`, as far as the actor sees them."""
    if not text:
        return []
    return [*_shipments(actor, text), *_incidents(actor, text), *_customers(actor, text)]


def audit_lines(actor: Actor, *, who: str = "", verb: str = "", thing_id: str = "") -> QuerySet[AuditLine]:
    """What was done, newest first; for those who may read it."""
    actor.require("audit.read")
    found = AuditLine.objects.order_by("-id")
    if who:
        found = found.filter(actor_ref=who)
    if verb:
        found = found.filter(verb__startswith=verb)
    if thing_id:
        found = found.filter(thing_id=thing_id)
    return found


def names_behind(lines: Sequence[AuditLine]) -> dict[str, str]:
    """The names of the people on a page of audit lines, in one query."""
    refs = {line.actor_ref for line in lines} | {line.thing_id for line in lines if line.thing == "person"}
    return people.names_of(sorted(refs))


def _promises(actor: Actor, now: datetime) -> list[Waiting]:
    if not actor.may("incident.read"):
        return []
    soonest = incidents.incidents(actor, IncidentFilter()).order_by(*incidents.SORTS["due"])
    found = list(soonest[:MOST_WAITING])
    places = incidents.place_names([one.place for one in found])
    owners = people.names_of([str(one.owner_id) for one in found if one.owner_id])
    lines = []
    for one in found:
        clock = incidents.clock(one, now)
        if clock is None:
            continue
        owner = str(one.owner_id or "")
        lines.append(
            Waiting(
                what=f"incident.phase.{clock.what.value}",
                thing=one.number,
                thing_kind=one.title or f"incident.kind.{one.kind}",
                place=places.get(one.place, one.place),
                severity=one.severity,
                due_by=clock.due_by,
                late=clock.late,
                owner=owners.get(owner, ""),
                mine=bool(owner) and owner == actor.ref,
                url=reverse("incidents:show", args=[one.number]),
            )
        )
    return lines


def _approvals(actor: Actor) -> list[Waiting]:
    if not actor.may("message.approve") or not actor.may("message.read"):
        return []
    found = messaging.messages(actor, waiting=True)[:MOST_WAITING]
    return [
        Waiting(
            what="worklist.approve",
            thing=one.about,
            thing_kind=f"incident.phase.{one.phase}",
            place="",
            severity="",
            due_by=None,
            late=False,
            owner="",
            mine=False,
            url=reverse("messaging:message", args=[one.pk]),
        )
        for one in found
    ]


def _shipments(actor: Actor, text: str) -> list[Found]:
    if not actor.may("shipment.read"):
        return []
    key = number_key(text)
    return [
        Found(
            "shipment",
            one.waybill,
            one.why,
            one.carrier.removeprefix("own") if one.why == "waybill" else one.found,
            one.why not in ("name", "postcode", "master") and number_key(one.found) == key,
            reverse("shipments:shipment", args=[one.shipment_id]),
        )
        for one in find(text, actor, FOUND_EACH)
    ]


def _incidents(actor: Actor, text: str) -> list[Found]:
    if not actor.may("incident.read"):
        return []
    rows = incidents.incidents(actor, IncidentFilter(text=text, state=""))[:FOUND_EACH]
    return [
        Found(
            "incident",
            row.title or row.number,
            "number",
            row.number,
            row.number == text.upper(),
            reverse("incidents:show", args=[row.number]),
        )
        for row in rows
    ]


def _customers(actor: Actor, text: str) -> list[Found]:
    if not actor.may("customer.read"):
        return []
    rows = customers.customer_rows(actor, Narrowed(text=text), limit=FOUND_EACH)
    return [
        Found(
            "customer",
            row.name,
            "number",
            row.number,
            row.number == text,
            reverse("customers:customer", args=[row.pk]),
        )
        for row in rows
    ]
