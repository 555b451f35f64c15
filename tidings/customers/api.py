"""Customers for programs: finding them, and one with its contacts."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator

from tidings.customers import actions, queries
from tidings.customers.models import Contact
from tidings.customers.rules import language_code
from tidings.kernel.clock import now
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Word, example


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone") from None
    return name


router = Router(tags=["customers"])


class CustomerOut(Schema):
    """A party we know; `told` is the contract's word on who hears."""

    id: UUID
    number: str
    name: str
    kind: str
    country: str
    told: str
    ended_at: datetime | None


class CustomersOut(Schema):
    """A page of customers by number; ask for what comes `after` the last one."""

    items: list[CustomerOut]
    has_next: bool


class AddressOut(Schema):
    """One rung of a ladder; a dead one says since when and why."""

    channel: str
    value: str
    ends_at: datetime | None
    dead_since: datetime | None
    dead_why: str


class AskedRungOut(Schema):
    """One rung of a ladder that somebody asked for."""

    channel: str
    value: str


class AskedLadderOut(Schema):
    """A ladder that waits for a second person; until then the contact's `addresses` are used."""

    asked_by: str
    asked_at: datetime
    addresses: list[AskedRungOut]


class ContactOut(Schema):
    """A person or desk, with one language, one time zone and a ladder of addresses; `asked` is another ladder that waits."""

    id: UUID
    key: str
    name: str
    language: str
    time_zone: str
    how_much: str
    ended_at: datetime | None
    addresses: list[AddressOut]
    asked: AskedLadderOut | None


class RungIn(Schema):
    """One rung of a ladder, in the order in which they are tried."""

    channel: Literal[
        "email",
        "sms",
        "call",
        "voice",
        "whatsapp",
        "wechat",
        "telegram",
        "wecom",
        "webhook",
        "other",
        "fax",
        "letter",
    ]
    value: Word


class ContactIn(Schema):
    """A person or desk to be told; service messages rest on `basis`, known from `source`."""

    name: Word
    language: Word = "en"
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    addresses: list[RungIn]
    basis: Literal["contract", "legitimate_interest"]
    source: Word

    model_config = example(
        name="Night desk",
        language="nl",
        time_zone="Europe/Amsterdam",
        addresses=[{"channel": "email", "value": "night@example.org"}],
        basis="contract",
        source="Contract 2026-11",
    )


class UsedServiceOut(Schema):
    """A service that a customer uses; a standing `pickup` has its place and the days of the week (1 is Monday; none: every day)."""

    service: str
    place: str
    weekdays: list[int]
    source: str
    since: date


class WholeCustomerOut(CustomerOut):
    """A customer with its contacts and the services that it uses."""

    contacts: list[ContactOut]
    services: list[UsedServiceOut]


@router.get("/customers", response=CustomersOut, summary="Find customers")
def customers(
    request: StaffRequest,
    text: Word = "",
    kind: Word = "",
    after: Word = "",
    per_page: Annotated[int, Field(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """By number; `text` is words of the name or a whole number. Needs customer.read."""
    narrowed = queries.Narrowed(text=text, kind=kind)
    found = queries.customer_rows(request.actor, narrowed, after, per_page + 1)
    return {"items": found[:per_page], "has_next": len(found) > per_page}


@router.get("/customers/{customer_id}", response=WholeCustomerOut, summary="One customer")
def customer(request: StaffRequest, customer_id: UUID) -> dict[str, Any]:
    """With every contact and its ladder, and the services it uses. Needs customer.read."""
    found = queries.customer(request.actor, customer_id)
    contacts = [_contact(one) for one in queries.contacts_of(found.pk)]
    services = queries.services_of(found.pk)
    return {**CustomerOut.from_orm(found).dict(), "contacts": contacts, "services": services}


@router.post("/customers/{customer_id}/contacts", response={201: ContactOut}, summary="Add a contact")
def add_contact(request: StaffRequest, customer_id: UUID, given: ContactIn) -> Status[dict[str, Any]]:
    """With its ladder, the basis for service messages and its source. Where another person could confirm the address it waits, as `asked`;
    then open incidents of the customer tell it by themselves. Needs contact.change, and customer.read for what it answers."""
    ladder = [actions.Rung(rung.channel, rung.value) for rung in given.addresses]
    new = actions.NewContact(
        given.name,
        language_code(given.language),
        given.time_zone,
        ladder,
        given.basis,
        given.source,
    )
    made, _asked = actions.add_contact(request.actor, customer_id, new, now())
    return Status(201, _contact(queries.contact(request.actor, made)))


def _contact(one: Contact) -> dict[str, Any]:
    built = {"addresses": list(one.addresses.all()), "asked": _asked(one)}
    return {**{name: getattr(one, name) for name in ContactOut.model_fields if name not in built}, **built}


def _asked(one: Contact) -> dict[str, Any] | None:
    waiting = next(iter(one.asks.all()), None)
    if waiting is None:
        return None
    wanted = [{"channel": channel, "value": value} for channel, value, _alive in waiting.ladder]
    return {"asked_by": waiting.asked_by, "asked_at": waiting.asked_at, "addresses": wanted}
