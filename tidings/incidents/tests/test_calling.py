"""Calling a customer: what may not be said, the order, and a number that turns out to be wrong."""

import pytest
from django.db import connection

from tidings.customers.models import Address
from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.incidents import actions, queries, rules
from tidings.incidents.jobs import mark_refused
from tidings.incidents.models import Affected
from tidings.incidents.panels import of_call
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.messaging import actions as messaging
from tidings.messaging.models import Recipient
from tidings.messaging.rules.calling import CALLED_FIRST
from tidings.messaging.rules.delivery import MUST_CONFIRM

pytestmark = pytest.mark.django_db


def told_by_telephone():
    customer = make_customer("C-1", address=None)
    contact = customer.contacts.get()
    Address.objects.create(contact=contact, channel="sms", value="+31 970 1", key="319701", position=0)
    make_shipment("WB1", customer, make_place())
    actor, incident = make_opened(kind="delay")
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    messaging.freeze_message(actor, message)
    approve(message)
    actions.send_phase(actor, incident.pk, message)
    return contact


def test_people_are_called_in_the_order_in_which_effects_are_told():
    assert tuple(effect.value for effect in rules.GRAVEST_FIRST) == CALLED_FIRST
    assert set(CALLED_FIRST[: len(MUST_CONFIRM)]) == MUST_CONFIRM, "the gravest shipment alone decides"


@pytest.mark.parametrize(
    ("roles", "closed"),
    [(["account"], ()), (["consignee"], tuple(rules.Fact)), (["shipper", "consignee"], ())],
)
def test_whoever_calls_sees_what_may_not_be_said(roles, closed):
    told_by_telephone()
    Affected.objects.update(roles=roles)
    recipient = Recipient.objects.get()
    assert queries.not_to_say(recipient.pk) == closed
    shown = of_call.build(make_actor("agent"), recipient.pk)
    assert len(shown["facts"]) == len(closed)
    assert of_call.build(make_actor("auditor"), recipient.pk) is None


@pytest.mark.parametrize(
    ("outcome", "sms_works"), [("wrong_number", False), ("refuses_calls", True)]
)  # fmt: skip
def test_a_number_at_fault_is_not_called_for_the_next_message(outcome, sms_works):
    contact = told_by_telephone()
    agent = make_actor("agent")
    messaging.end_call(agent, messaging.take_call(agent).pk, outcome)
    mark_refused()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT channel FROM ({LADDER}) l", {"at_now": NOW, "at_channels": ["email"], **ANY_TEXT}
        )
        assert cursor.fetchall() == [(None,)]
    assert (Address.objects.get(contact=contact, channel="sms").dead_since is None) == sms_works
