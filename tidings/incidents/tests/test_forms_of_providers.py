"""A rung that carries only texts approved by its provider: who goes to the next rung therefore, and that it is said beforehand."""

import pytest

from tests.cast import make_administrator, make_communicator
from tidings.customers.models import Address
from tidings.incidents.composer import composer
from tidings.incidents.pages.composing import audience_words
from tidings.incidents.tests.cast import (
    NOW,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
    sent_first_notice,
)
from tidings.messaging import queries as messaging
from tidings.messaging.actions.register import register_form
from tidings.messaging.actions.services import Service, set_service
from tidings.messaging.models import FrozenText, Recipient
from tidings.messaging.rules.registered import Form, FormState
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
NUMBER = "+31612345678"


def make_reader(*further: tuple[str, str]) -> str:
    """A contact who reads WhatsApp first; gives the language that they read."""
    customer = make_customer("C-1", address=None)
    contact = customer.contacts.get()
    for position, (channel, value) in enumerate([("whatsapp", NUMBER), *further]):
        Address.objects.create(contact=contact, channel=channel, value=value, key=value, position=position)
    make_shipment("WB1", customer, make_place())
    return contact.language


def use_whatsapp() -> None:
    given = Service("whatsapp", "whatsapp", "whatsapp", {"number_id": "1"})
    set_service(actor_of(make_administrator()), given)


def register(language: str, state: FormState = FormState.APPROVED) -> None:
    text = messaging.texts_for("general", "first_notice")[language]
    form = Form("late_1", "", "", (("1", "{waybill}"),), state)
    register_form(actor_of(make_communicator()), text, "whatsapp", form)


@pytest.mark.parametrize("state", [None, FormState.SUBMITTED, FormState.PAUSED])
def test_without_an_approved_form_the_next_rung_tells_and_the_preview_says_so(state):
    language = make_reader(("email", "a@example.org"))
    use_whatsapp()
    if state:
        register(language, state)
    actor, incident = make_opened(kind="delay")
    built = composer(actor, incident, "first_notice", NOW)
    assert built.by_channel == {"email": 1}
    assert built.without_form == {("whatsapp", language): 1}
    assert "where no form of this text is approved" in audience_words(built)
    sent_first_notice(actor, incident)
    row = Recipient.objects.get()
    assert (row.channel, row.address) == ("email", "a@example.org")
    assert [one["channel"] for one in row.further] == ["call"], (
        "a number is called in the end, never written to there"
    )


def test_an_approved_form_goes_and_nothing_is_said():
    language = make_reader(("email", "a@example.org"))
    use_whatsapp()
    register(language)
    actor, incident = make_opened(kind="delay")
    built = composer(actor, incident, "first_notice", NOW)
    assert built.by_channel == {"whatsapp": 1}
    assert (built.without_form, "no form" in audience_words(built)) == ({}, False)
    sent_first_notice(actor, incident)
    assert Recipient.objects.get().channel == "whatsapp"
    assert '"late_1"' in FrozenText.objects.get(language=language).source


def test_who_has_no_other_rung_is_called():
    make_reader()
    use_whatsapp()
    actor, incident = make_opened(kind="delay")
    assert composer(actor, incident, "first_notice", NOW).by_channel == {"call": 1}
    sent_first_notice(actor, incident)
    assert Recipient.objects.get().channel == "call"


def test_where_no_service_demands_a_form_nothing_changes():
    make_reader(("email", "a@example.org"))
    actor, incident = make_opened(kind="delay")
    built = composer(actor, incident, "first_notice", NOW)
    assert (built.by_channel, built.without_form) == ({"email": 1}, {})
