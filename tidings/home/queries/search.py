"""What a search finds, in every domain."""

from dataclasses import dataclass

from django.urls import reverse

from tidings.customers import queries as customers
from tidings.customers.queries import Narrowed
from tidings.incidents import queries as incidents
from tidings.incidents.queries import Filter as IncidentFilter
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging
from tidings.messaging.rules.wording import code_of
from tidings.shipments.queries.search import find
from tidings.shipments.rules import number_key

FOUND_EACH = 20


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


def search(actor: Actor, text: str) -> list[Found]:
    """Messages by their code, shipments, incidents and customers that answer to `text`, as far as the actor sees them."""
    if not text:
        return []
    return [
        *_messages(actor, text),
        *_shipments(actor, text),
        *_incidents(actor, text),
        *_customers(actor, text),
    ]


def _messages(actor: Actor, text: str) -> list[Found]:
    """Whom the message with this code went to: what a customer reads out who asks whether it is from us."""
    if not actor.may("message.read"):
        return []
    return [
        Found(
            "message",
            row.name or code_of(row.pk),
            "code",
            code_of(row.pk),
            True,
            reverse("messaging:recipient", args=[row.pk]),
        )
        for row in messaging.recipients_by_code(actor, text)
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
