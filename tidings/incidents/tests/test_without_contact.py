"""Affected customers without a usable contact are counted as they stand now, listed, and told once somebody adds a contact."""

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_auditor, make_dispatcher, signed_in
from tidings.customers import actions as customers
from tidings.customers.models import Address, Contact, Customer, LegalBasis
from tidings.incidents import actions, queries, rules
from tidings.incidents.sql import Narrowed
from tidings.incidents.tests.cast import make_actor, make_customer, make_place, make_shipment, make_told, told
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db


def unreachable(incident):
    return {one.phase: one.unreachable for one in queries.reach(incident, now())}


def lacking(actor, incident, what):
    lines = queries.affected_lines(actor, incident, Narrowed(lacks=what), 50)
    assert queries.affected_found(actor, incident, Narrowed(lacks=what)).shipments == len(lines)
    assert len(list(queries.every_affected_line(actor, incident, Narrowed(lacks=what)))) == len(lines)
    return {line.waybill for line in lines}


@pytest.fixture
def cast():
    """A told delay; afterwards a customer without a contact came in, one without an address, and one who is well."""
    actor, incident, _message = make_told()
    hub = make_place()
    make_shipment("WB7", make_customer("C-7", address=""), hub)
    make_shipment("WB8", make_customer("C-8", address=None), hub)
    make_shipment("WB9", make_customer("C-9"), hub)
    actions.find_affected(actor, incident.pk)
    return actor, queries.incident(actor, incident.pk)


def new(name="Night desk", address="night@example.org", basis="contract", source="Contract"):
    ladder = [customers.Rung("email", address)] if address else []
    return customers.NewContact(name, "nl", "Europe/Amsterdam", ladder, basis, source)


def test_who_came_in_without_a_contact_counts_at_once_and_no_more_once_there_is_one(cast):
    actor, incident = cast
    assert unreachable(incident) == {"first_notice": 1}
    customers.add_contact(actor, Customer.objects.get(number="C-7").pk, new(), now())
    assert unreachable(incident) == {"first_notice": 0}
    told(actor, incident)
    assert lacking(actor, incident, "told") == set()


def test_the_list_narrows_to_whom_we_cannot_reach_and_to_who_was_not_told(cast):
    actor, incident = cast
    assert lacking(actor, incident, "contact") == {"WB7", "WB8"}
    assert lacking(actor, incident, "told") == {"WB7", "WB8", "WB9"}
    client, page = signed_in(make_dispatcher()), reverse("incidents:affected", args=[incident.number])
    shown = client.get(page, {"lacks": "contact"}).text
    assert "WB7" in shown and "WB9" not in shown and "WB1" not in shown
    add = reverse("customers:add_contact", args=[Customer.objects.get(number="C-7").pk])
    assert add in shown
    auditor = signed_in(make_auditor())
    assert add not in auditor.get(page, {"lacks": "contact"}).text
    assert b"WB8" in b"".join(client.get(page, {"lacks": "contact", "export": "csv"}).streaming_content)
    assert "?lacks=contact" in client.get(reverse("incidents:show", args=[incident.number])).text


def test_what_is_said_of_the_narrowed_list_is_said_of_nobody_else(cast):
    actor, incident = cast
    wanted = Narrowed(lacks="contact")
    assert actions.set_effect_of(actor, incident.pk, wanted, rules.Meaning("lost")) == 2


def test_what_has_ended_keeps_its_number(cast):
    actor, incident = cast
    incident.state = "closed"
    incident.save()
    incident.sendings.update(without_contact=1)
    customers.add_contact(actor, Customer.objects.get(number="C-7").pk, new(), now())
    assert unreachable(incident) == {"first_notice": 1}


def test_a_contact_is_written_down_with_its_basis_and_leaves_a_line():
    customer = make_customer("C-1")
    made, _asked = customers.add_contact(make_actor(), customer.pk, new(), now())
    contact = Contact.objects.get(pk=made)
    assert (contact.name, contact.language, contact.customer_id) == ("Night desk", "nl", customer.pk)
    basis = LegalBasis.objects.get(contact=contact)
    assert (basis.purpose, basis.basis, basis.source) == ("service", "contract", "Contract")
    assert Address.objects.get(contact=contact).value == "night@example.org"
    line = AuditLine.objects.get(verb="contact.add")
    assert line.payload and "night@" not in line.payload and "Night" not in line.payload


def test_where_somebody_else_could_confirm_it_a_new_contact_waits_like_any_new_address(cast):
    actor, incident = cast
    first, second = (actor_of(_known(make_agent())) for _one in range(2))
    made, asked = customers.add_contact(first, Customer.objects.get(number="C-7").pk, new(), now())
    assert asked is not None and not Address.objects.filter(contact_id=made).exists()
    assert lacking(actor, incident, "contact") == {"WB7", "WB8"}
    customers.confirm_address(second, made, asked.pk)
    assert lacking(actor, incident, "contact") == {"WB8"}


def _known(user):
    user.last_login = now()
    user.save()
    return user


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (new(name=" "), "name_needed"),
        (new(address=""), "address_needed"),
        (new(basis="consent"), "basis_unknown"),
        (new(source=" "), "source_needed"),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(wrong, code):
    customer = make_customer("C-1", address="")
    with pytest.raises(Refused, match=code):
        customers.add_contact(make_actor(), customer.pk, wrong, now())
    assert not Contact.objects.exists()


def test_only_who_may_change_contacts_of_that_customer_adds_one():
    customer = make_customer("C-1", address="")
    with pytest.raises(Refused, match="not_allowed"):
        customers.add_contact(make_actor("auditor"), customer.pk, new(), now())
    elsewhere = make_actor("agent", units=frozenset())
    assert isinstance(elsewhere, Actor)
    with pytest.raises(Missing):
        customers.add_contact(elsewhere, customer.pk, new(), now())


def test_the_page_takes_mail_or_telephone_and_shows_who_was_added():
    customer = make_customer("C-1", address="")
    desk = signed_in(make_agent())
    page = reverse("customers:add_contact", args=[customer.pk])
    assert page in desk.get(reverse("customers:customer", args=[customer.pk])).text
    typed = {
        "name": "Night desk",
        "language": "nl",
        "time_zone": "Europe/Amsterdam",
        "basis": "contract",
        "source": "Called",
    }
    neither = desk.post(page, typed)
    assert neither.status_code == 422 and "e-mail address or a telephone number" in neither.text
    assert desk.post(page, {**typed, "telephone": "12"}).status_code == 422
    shown = desk.post(page, {**typed, "telephone": "+31 6 1234 5678"}, follow=True).text
    assert "Night desk was added." in shown
    assert Address.objects.get().channel == "call"
    assert signed_in(make_auditor()).get(page).status_code == 403
