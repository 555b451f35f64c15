"""The standing cast of the shipment tests: one carrier, three places, customers in three languages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tidings.customers.models import Address, Contact, Customer
from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.ids import new_id
from tidings.kernel.partitions import ensure_months
from tidings.shipments.audience import Fragment, told
from tidings.shipments.models import Event, Location, Party, Position, Shipment

IMPORTER = Actor(ActorKind.COMMAND, "import", frozenset({"shipment.import"}))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def hours(count: float) -> datetime:
    """So many hours after noon of the day on which the tests play."""
    return NOON + timedelta(hours=count)


def make_place(code: str = "NLRTM", country: str = "NL", **more: Any) -> Location:
    return Location.objects.get_or_create(code=code, defaults={"name": code, "country": country, **more})[0]


def make_customer(
    number: str = "K-1", language: str = "en", address: str | None = "", **more: Any
) -> Customer:
    """A customer with one contact; `address` None leaves the contact without any rung."""
    customer = Customer.objects.create(number=number, name=more.pop("name", f"Firm {number}"), **more)
    contact = Contact.objects.create(customer=customer, name=f"Desk {number}", language=language)
    if address is not None:
        value = address or f"{number.lower()}@example.org"
        Address.objects.create(contact=contact, channel="email", value=value, key=value, position=0)
    return customer


def make_shipment(waybill: str = "W1", parties: dict[str, Customer] | None = None, **more: Any) -> Shipment:
    shipment = Shipment.objects.create(
        waybill=waybill, waybill_key=waybill, started_on=more.pop("started_on", date(2026, 11, 18)), **more
    )
    for role, customer in (parties or {}).items():
        Party.objects.create(shipment=shipment, role=role, customer=customer)
    return shipment


def make_event(shipment: Shipment, place: Location, at: datetime, kind: str = "actual", **more: Any) -> UUID:
    """Writes an event, and moves the shipment's position as the import does. Gives the event's natural hash."""
    ensure_months("shipments_event", at.date(), at.date())
    code = more.pop("code", "arrived")
    event = Event.objects.create(
        happened_at=at, natural_hash=new_id(), shipment=shipment, place=place, kind=kind, code=code, **more
    )
    if kind == "actual":
        seen = Position.objects.filter(shipment=shipment).first()
        if seen is None or seen.happened_at <= at:
            Position.objects.update_or_create(
                shipment=shipment,
                defaults={
                    "place": place,
                    "happened_at": at,
                    "code": code,
                    "delivered_at": at if code == "delivered" else None,
                },
            )
    return event.natural_hash


def contacts(found: Fragment, at: datetime) -> Fragment:
    """Who hears of the shipments found, with the first usable rung of each contact, as a domain above joins them."""
    who = told(found)
    sql = f"""
        SELECT t.*, l.contact_id, l.name, l.language, l.channel, l.address
        FROM ({who.sql}) t LEFT JOIN ({LADDER}) l ON l.customer_id = t.customer_id
    """
    return Fragment(sql, {**who.params, "at_now": at, "at_channels": ["email"], **ANY_TEXT})
