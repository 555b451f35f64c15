"""The standing cast of incident tests: one hub, a few customers in three languages, their shipments in it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tidings.customers.models import Address, Contact, Customer
from tidings.incidents.actions import Report, open_incident, send_phase, tell_phase, write_phase
from tidings.incidents.models import Incident
from tidings.incidents.queries import incident as incident_of
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.ids import new_id
from tidings.messaging.actions import approve_message, freeze_message
from tidings.messaging.models import Recipient
from tidings.messaging.queries import current_freeze
from tidings.people import rules as people
from tidings.shipments.models import Location, Party, Position, Shipment

NOW = datetime.now(UTC).replace(microsecond=0)
HUB = "NLVEN-H1"
LANGUAGES = ("en", "nl", "zh-hans")


def make_actor(role: str = "dispatcher", units: frozenset[UUID] | None = None) -> Actor:
    """A member of the staff of one role, seeing every unit unless told otherwise."""
    abilities = people.ABILITIES[people.Role(role)]
    return Actor(ActorKind.PERSON, str(new_id()), abilities, units)


def make_place(code: str = HUB, name: str = "Venlo hub") -> Location:
    return Location.objects.get_or_create(code=code, defaults={"name": name, "country": code[:2]})[0]


def make_customer(
    number: str, language: str = "en", *, address: str | None = "mail", time_zone: str = "Europe/Amsterdam"
) -> Customer:
    """A customer with one contact; `address` None leaves its ladder empty, "" leaves out the contact itself."""
    customer = Customer.objects.create(number=number, name=f"Customer {number}")
    if address == "":
        return customer
    contact = Contact.objects.create(
        customer=customer, name=f"Reader {number}", language=language, time_zone=time_zone
    )
    if address:
        value = f"{number.lower()}@example.org" if address == "mail" else address
        Address.objects.create(contact=contact, channel="email", value=value, key=value, position=0)
    return customer


def make_shipment(
    waybill: str,
    customer: Customer | None,
    place: Location,
    *,
    unit: UUID | None = None,
    seen: timedelta | None = None,
) -> Shipment:
    """A shipment that was last seen at `place`, two hours ago unless `seen` says otherwise."""
    shipment = Shipment.objects.create(
        waybill=waybill,
        waybill_key=waybill,
        started_on=(NOW - timedelta(days=2)).date(),
        destination=None,
        estimated_at=NOW + timedelta(days=1),
        unit_id=unit,
    )
    if customer:
        Party.objects.create(shipment=shipment, role="account", customer=customer)
    Position.objects.create(
        shipment=shipment, place=place, happened_at=NOW - (seen or timedelta(hours=2)), code="arrived"
    )
    return shipment


def make_hub_of_shipments() -> dict[str, Customer]:
    """Three customers in three languages: four shipments at the hub, and one that stands elsewhere."""
    hub, elsewhere = make_place(), make_place("DEDUI", "Duisburg")
    cast = {language: make_customer(f"C-{language}", language) for language in ("en", "nl", "zh-hans")}
    make_shipment("WB1", cast["en"], hub)
    make_shipment("WB2", cast["en"], hub)
    make_shipment("WB3", cast["nl"], hub)
    make_shipment("WB4", cast["zh-hans"], hub)
    make_shipment("WB5", cast["nl"], elsewhere)
    return cast


def approve(message: UUID, actor: Actor | None = None) -> None:
    """An approver's yes to the words as they are frozen now."""
    freeze = current_freeze(message)
    approve_message(actor or make_actor("approver"), message, freeze.digest if freeze else "")


def in_every_language(**facts: str) -> dict[str, dict[str, str]]:
    """The same sentences in each language of the cast."""
    return {language: dict(facts) for language in LANGUAGES}


def told(
    actor: Actor,
    incident: Incident,
    phase: str = "first_notice",
    facts: dict[str, dict[str, str]] | None = None,
    corrects: UUID | None = None,
) -> UUID:
    """A phase told, with an approver's yes where one is asked; gives the message."""
    outcome = tell_phase(actor, incident.pk, phase, facts, corrects=corrects)
    if outcome.sent is None:
        approve(outcome.message_id)
        tell_phase(actor, incident.pk, phase)
    return outcome.message_id


def sent_first_notice(actor: Actor, incident: Incident) -> int:
    """The first notice as the prepared text has it, to whoever is affected now; gives to how many it went."""
    message = write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    return send_phase(actor, incident.pk, message)


def make_told(**changes: object) -> tuple[Actor, Incident, UUID]:
    """A delay whose first notice went to the three readers of the hub's four shipments."""
    make_hub_of_shipments()
    actor, incident = make_opened(**{"kind": "delay", **changes})
    message = told(actor, incident)
    return actor, incident_of(actor, incident.pk), message


def readers(message: UUID) -> dict[str, Recipient]:
    """Name to the recipients of a message."""
    return {row.name: row for row in Recipient.objects.filter(message_id=message)}


def shipments_named(*waybills: str) -> list[UUID]:
    """The ids of the shipments with these waybills."""
    return list(Shipment.objects.filter(waybill__in=waybills).values_list("pk", flat=True))


def make_report(**changes: object) -> Report:
    values = {"kind": "accident", "place": HUB, "window_from": NOW - timedelta(hours=1), **changes}
    return Report(**values)  # type: ignore[arg-type]


def make_opened(**changes: object) -> tuple[Actor, Incident]:
    """An incident that was just reported, found with its affected, and the actor who reported it."""
    actor = make_actor()
    return actor, incident_of(actor, open_incident(actor, make_report(**changes)))
