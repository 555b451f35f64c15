"""What changes customers and their contacts: people on pages here, imports as a set in `staged`, what is said of an address in `dead`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction

from tidings.customers.actions.dead import mark_address_dead, revive_address
from tidings.customers.actions.staged import drop_staged, identify_staged, merge_staged, stage_customers
from tidings.customers.models import (
    Address,
    AddressAsk,
    Contact,
    ContractLine,
    Customer,
    LegalBasis,
    UsedService,
)
from tidings.customers.queries import contract_of, contract_version, customers_of, uses_version, version_of
from tidings.customers.rules import (
    Hearing,
    Use,
    address_key,
    fault_of_address,
    fault_of_contact,
    new_addresses,
    said_uses,
    waits_for_another,
    why_no_contract,
)
from tidings.kernel import audit, live
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import is_demo
from tidings.people.queries import another_may, makers_of

__all__ = [
    "NewContact",
    "Rung",
    "add_contact",
    "change_contact",
    "change_contract",
    "change_services",
    "confirm_address",
    "decline_address",
    "drop_staged",
    "identify_staged",
    "mark_address_dead",
    "merge_staged",
    "revive_address",
    "stage_customers",
]


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung as somebody wants it, in the order of the ladder. `alive` takes the mark of a dead address away."""

    channel: str
    value: str
    alive: bool = False


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person or desk as somebody writes it down; service messages rest on `basis`, known from `source`."""

    name: str
    language: str
    time_zone: str
    ladder: Sequence[Rung]
    basis: str
    source: str


def add_contact(
    actor: Actor, customer_id: UUID, new: NewContact, at: datetime
) -> tuple[UUID, AddressAsk | None]:
    """Writes a contact of a customer down with the basis for service messages; gives its id, and the ladder where that waits for a
    second person, as any new address does. Open incidents of the customer find it by themselves.

    Raises Refused with what `rules.fault_of_contact` finds, Missing("customer.missing") outside the actor's units.
    """
    actor.require("contact.change")
    keys = [(rung.channel, address_key(rung.channel, rung.value)) for rung in new.ladder]
    fault = fault_of_contact(new.name, keys, new.basis, new.source) or _odd_address(new.ladder, ())
    if fault:
        raise Refused(fault)
    with transaction.atomic():
        customer = customers_of(actor).select_for_update().filter(pk=customer_id).first()
        if customer is None:
            raise Missing("customer.missing")
        contact = Contact(
            customer=customer, name=new.name.strip(), language=new.language, time_zone=new.time_zone
        )
        contact.key = str(contact.pk) if customer.contacts.filter(key=contact.key).exists() else contact.key
        contact.save(force_insert=True)
        basis = LegalBasis(contact=contact, purpose="service", basis=new.basis, source=new.source.strip())
        basis.since = at.date()
        basis.save(force_insert=True)
        facts = {**_said(contact), "basis": new.basis}
        personal = {"name": contact.name}
        audit.record(actor, "contact.add", "contact", contact.pk, facts, person=contact.pk, personal=personal)
        asked = _change_ladder(actor, contact, new.ladder, keys)
        if asked is None:
            _tell_change(actor, contact, new.ladder, _said(contact))
    return contact.pk, asked


def change_contact(
    actor: Actor,
    contact_id: UUID,
    *,
    version: str,
    language: str,
    time_zone: str,
    how_much: str,
    ladder: Sequence[Rung],
    quiet_from: time | None = None,
    quiet_until: time | None = None,
) -> AddressAsk | None:
    """Gives a contact its language, zone, wish, quiet hours (of its own zone; None: none) and ladder. An address that stays keeps its end and its death mark.

    A ladder with a new address waits for a second person where there is one: then it gives what waits, and the old one is used
    until somebody else confirms it. What was planned keeps its address either way. `version` is `queries.version_of` of what the person saw. Raises Conflict("contact.changed") when that is no longer so,
    Refused("contact.address_twice") for one address on two rungs, Refused("contact.not_of_…") for one that is none of its channel, Missing("contact.missing") outside the actor's units.
    """
    actor.require("contact.change")
    keys = [(rung.channel, address_key(rung.channel, rung.value)) for rung in ladder]
    if len(set(keys)) < len(keys):
        raise Refused("contact.address_twice")
    if not all(key for _, key in keys):
        raise Refused("contact.address_empty")
    with transaction.atomic():
        contact = _locked(actor, contact_id)
        if version_of(contact) != version:
            raise Conflict("contact.changed")
        odd = _odd_address(ladder, _stands(contact))
        if odd:
            raise Refused(odd)
        was = _said(contact)
        contact.language, contact.time_zone, contact.how_much = language, time_zone, how_much
        contact.quiet_from, contact.quiet_until = quiet_from, quiet_until
        contact.save(update_fields=["language", "time_zone", "how_much", "quiet_from", "quiet_until"])
        asked = _change_ladder(actor, contact, ladder, keys)
        facts = {"was": was, **_said(contact)}
        _tell_change(actor, contact, [] if asked else ladder, {**facts, "waits": bool(asked)})
    return asked


def _odd_address(ladder: Sequence[Rung], stands: Sequence[tuple[str, str]]) -> str | None:
    """The code of what is wrong with the first new address that has not its channel's shape; one that stood before stays."""
    faults = (
        fault_of_address(rung.channel, rung.value)
        for rung in ladder
        if (rung.channel, address_key(rung.channel, rung.value)) not in stands
    )
    return next(filter(None, faults), None)


def _change_ladder(
    actor: Actor, contact: Contact, ladder: Sequence[Rung], keys: Sequence[tuple[str, str]]
) -> AddressAsk | None:
    stands = _stands(contact)
    added = bool(new_addresses(stands, keys))
    another = added and another_may(actor, "contact.change", contact.customer.unit_id)
    if waits_for_another(added, another=another, demo=is_demo()):
        return _ask(actor, contact, ladder, stands)
    if stands != list(keys):
        _end_asks(actor, contact, "replaced")
    _climb(contact, ladder, keys)
    return None


def confirm_address(actor: Actor, contact_id: UUID, ask_id: UUID) -> None:
    """A second person's yes: the ladder that somebody else asked for is used from now on, in what is planned from now on.

    Raises Refused("contact.confirm_as_yourself") for a key or a command, Refused("contact.not_both") for the asker,
    Missing("contact.no_such_ask"), Conflict("contact.ask_outdated") when the ladder changed meanwhile.
    """
    actor.require("contact.change")
    if actor.kind is not ActorKind.PERSON:
        raise Refused("contact.confirm_as_yourself")
    with transaction.atomic():
        contact = _locked(actor, contact_id)
        asked = _open_ask(contact, ask_id)
        if actor.ref in {asked.asked_by, *makers_of([asked.asked_by])}:
            raise Refused("contact.not_both")
        if contact.ended_at is not None or [list(one) for one in _stands(contact)] != asked.before:
            raise Conflict("contact.ask_outdated")
        ladder = [Rung(channel, value, alive) for channel, value, alive in asked.ladder]
        _end_asks(actor, contact, "confirmed")
        _climb(contact, ladder, [(rung.channel, address_key(rung.channel, rung.value)) for rung in ladder])
        _tell_change(actor, contact, ladder, {"asked_by": asked.asked_by})


def decline_address(actor: Actor, contact_id: UUID, ask_id: UUID) -> None:
    """Ends a wish for another ladder without granting it; the asker may take their own back. Raises Missing("contact.no_such_ask")."""
    actor.require("contact.change")
    with transaction.atomic():
        contact = _locked(actor, contact_id)
        asked = _open_ask(contact, ask_id)
        _end_asks(actor, contact, "declined")
        audit.record(actor, "contact.decline", "contact", contact_id, {"asked": str(asked.pk)})


def _ask(actor: Actor, contact: Contact, ladder: Sequence[Rung], stands: list[tuple[str, str]]) -> AddressAsk:
    _end_asks(actor, contact, "replaced")
    made = AddressAsk(
        contact=contact,
        before=[list(one) for one in stands],
        ladder=[[rung.channel, rung.value, rung.alive] for rung in ladder],
        asked_by=actor.ref,
        asked_at=now(),
    )
    made.save(force_insert=True)
    live.notify_worklists()
    audit.record(
        actor,
        "contact.ask",
        "contact",
        contact.pk,
        {"asked": str(made.pk), "channels": [rung.channel for rung in ladder]},
        person=contact.pk,
        personal={"ladder": [[rung.channel, rung.value] for rung in ladder]},
    )
    return made


def _open_ask(contact: Contact, ask_id: UUID) -> AddressAsk:
    found = AddressAsk.objects.filter(pk=ask_id, contact=contact, ended_at__isnull=True).first()
    if found is None:
        raise Missing("contact.no_such_ask")
    return found


def _end_asks(actor: Actor, contact: Contact, outcome: str) -> None:
    AddressAsk.objects.filter(contact=contact, ended_at__isnull=True).update(
        ended_at=now(), ended_by=actor.ref, outcome=outcome, before=[], ladder=[]
    )
    live.notify_worklists()


def _stands(contact: Contact) -> list[tuple[str, str]]:
    return list(contact.addresses.order_by("position", "id").values_list("channel", "key"))


def _tell_change(actor: Actor, contact: Contact, ladder: Sequence[Rung], facts: dict[str, Any]) -> None:
    if ladder:
        facts = {**facts, "channels": [rung.channel for rung in ladder]}
    personal = {"ladder": [[rung.channel, rung.value] for rung in ladder]}
    audit.record(actor, "contact.change", "contact", contact.pk, facts, person=contact.pk, personal=personal)


def _said(contact: Contact) -> dict[str, str]:
    begins, ends = contact.quiet_from, contact.quiet_until
    return {
        "language": contact.language,
        "time_zone": contact.time_zone,
        "how_much": contact.how_much,
        "quiet": f"{begins:%H:%M}-{ends:%H:%M}" if begins and ends else "",
    }


def change_services(
    actor: Actor, customer_id: UUID, uses: Sequence[Use], *, source: str, version: str, at: datetime
) -> None:
    """Gives a customer the services that it uses. One that stays keeps its source and its date, one that is new has `source`, and
    one that is not among them ends.

    `version` is `queries.uses_version` of what the person saw. Raises Conflict("customer.services_changed") when that is no longer
    so, Refused("customer.services_source") for a new one without a source, Missing("customer.missing") outside the actor's units.
    """
    actor.require("contact.change")
    with transaction.atomic():
        customer = customers_of(actor).select_for_update().filter(pk=customer_id).first()
        if customer is None:
            raise Missing("customer.missing")
        known = list(customer.services.filter(ended_at__isnull=True))
        if uses_version(known) != version:
            raise Conflict("customer.services_changed")
        _use(customer, known, uses, source.strip(), at)
        facts = {"was": said_uses(one.use() for one in known), "services": said_uses(uses)}
        audit.record(actor, "customer.services", "customer", customer_id, facts)


def _use(
    customer: Customer, known: Sequence[UsedService], uses: Sequence[Use], source: str, at: datetime
) -> None:
    wanted = {(use.service, use.place): use for use in uses}
    for one in known:
        use = wanted.pop((one.service, one.place), None)
        if use is None:
            one.ended_at = at
            one.save(update_fields=["ended_at"])
        elif use.weekdays != one.use().weekdays:
            one.weekdays = list(use.weekdays)
            one.save(update_fields=["weekdays"])
    if wanted and not source:
        raise Refused("customer.services_source")
    for use in wanted.values():
        UsedService(
            customer=customer,
            service=use.service,
            place=use.place,
            weekdays=list(use.weekdays),
            source=source,
            since=at.date(),
        ).save(force_insert=True)


def change_contract(
    actor: Actor, customer_id: UUID, lines: Sequence[Hearing], *, version: str | None, at: datetime
) -> None:
    """Gives a client's contract these lines on who hears; one that is not among them ends.

    `version` is `queries.contract_version` of what the person saw; None asks for no such check. Raises
    Conflict("customer.contract_changed") when that is no longer so, Refused with the code of `rules.why_no_contract`, and
    Missing("customer.missing") outside the actor's units.
    """
    actor.require("contact.change")
    wrong = why_no_contract(lines)
    if wrong:
        raise Refused(wrong)
    with transaction.atomic():
        customer = customers_of(actor).select_for_update().filter(pk=customer_id).first()
        if customer is None:
            raise Missing("customer.missing")
        known = contract_of(customer)
        if version is not None and contract_version(known) != version:
            raise Conflict("customer.contract_changed")
        if set(known) == set(lines):
            return
        _agree(customer, known, lines, at)
        facts = {"was": [_about(one) for one in known], "contract": [_about(one) for one in lines]}
        audit.record(actor, "customer.contract", "customer", customer_id, facts)


def _agree(customer: Customer, known: Sequence[Hearing], lines: Sequence[Hearing], at: datetime) -> None:
    for gone in set(known) - set(lines):
        ContractLine.objects.filter(
            customer=customer, effect=gone.effect, phase=gone.phase, ended_at__isnull=True
        ).update(ended_at=at)
    for one in lines:
        if one.about == ("", ""):
            customer.told, customer.told_after = one.told, one.after
            customer.save(update_fields=["told", "told_after"])
        elif one not in known:
            made = ContractLine(customer=customer, effect=one.effect, phase=one.phase, told=one.told)
            made.after, made.since = one.after, at
            made.save(force_insert=True)


def _about(line: Hearing) -> str:
    minutes = "" if line.after is None else f" {line.after}"
    return f"{line.effect or '*'} {line.phase or '*'} {line.told}{minutes}"


def _locked(actor: Actor, contact_id: UUID) -> Contact:
    found = (
        Contact.objects.select_for_update()
        .filter(pk=contact_id, customer_id__in=customers_of(actor).values("pk"))
        .first()
    )
    if found is None:
        raise Missing("contact.missing")
    return found


def _climb(contact: Contact, ladder: Sequence[Rung], keys: Sequence[tuple[str, str]]) -> None:
    known = {(rung.channel, rung.key): rung for rung in contact.addresses.all()}
    for gone in known.keys() - set(keys):
        known[gone].delete()
    for position, (rung, key) in enumerate(zip(ladder, keys, strict=True)):
        address = known.get(key) or Address(contact=contact, channel=key[0], key=key[1])
        address.value, address.position = rung.value.strip(), position
        if rung.alive:
            address.dead_since, address.dead_why = None, ""
        address.save()
