"""Whom a message is for: nobody is missed, nobody is told what is not for them, and what is shown adds up."""

import pytest

from tidings.customers.models import Address
from tidings.incidents import actions, queries
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected, Incident
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    make_actor,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
    sent_first_notice,
    shipments_named,
)
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db


def test_who_has_a_telephone_before_the_mail_address_is_told_by_mail():
    customer = make_customer("C-1")
    contact = customer.contacts.get()
    Address.objects.filter(contact=contact).update(position=1)
    Address.objects.create(
        contact=contact, channel="sms", value="+31600000000", key="31600000000", position=0
    )
    make_shipment("WB1", customer, make_place())
    actor, incident = make_opened(kind="delay")
    sent_first_notice(actor, incident)
    [reach] = queries.reach(incident, NOW)
    assert (reach.under_way, reach.unreachable) == (1, 0)
    assert Recipient.objects.get().address == "c-1@example.org"


@pytest.mark.parametrize(
    ("rungs", "refuses", "state", "channel", "reason", "further"),
    [
        ([("call", "+31600000001"), ("email", "a@example.org")], False, "call_list", "call", "", [("email", "a@example.org")]),
        ([("sms", "+31600000001"), ("email", "a@example.org")], False, "waiting", "email", "", [("call", "+31600000001")]),
        ([("sms", "+31600000001")], False, "call_list", "call", "no_channel:sms", []),
        ([("sms", "+31600000001")], True, "unreachable", None, "no_channel:sms", []),
        ([("wechat", "zhang")], False, "unreachable", None, "no_channel:wechat", []),
        ([], False, "unreachable", None, "no_address", []),
    ],
)  # fmt: skip
def test_the_first_usable_rung_is_taken_at_planning_and_the_preview_promises_no_other(
    rungs, refuses, state, channel, reason, further
):
    customer = make_customer("C-1", address=None)
    contact = customer.contacts.get()
    for position, (on, value) in enumerate(rungs):
        Address.objects.create(contact=contact, channel=on, value=value, key=value, position=position)
    if refuses:
        Address.objects.create(
            contact=contact, channel="call", value="+31600000001", key="31600000001", position=9,
            dead_since=NOW, dead_why="refuses_calls",
        )  # fmt: skip
    make_shipment("WB1", customer, make_place())
    actor, incident = make_opened(kind="delay")
    promised = composer(actor, incident, "first_notice", NOW).by_channel
    sent_first_notice(actor, incident)
    row = Recipient.objects.get()
    assert (row.state, row.channel, row.reason) == (state, channel, reason)
    assert [(one["channel"], one["address"]) for one in row.further] == further
    assert promised == {channel: 1}
    [reach] = queries.reach(incident, NOW)
    assert (reach.under_way, reach.unreachable) == ((0, 1) if state == "unreachable" else (1, 0))


def test_who_is_unaffected_after_all_is_neither_told_nor_unreachable_and_hears_when_that_changes():
    hub = make_place()
    make_shipment("WB1", make_customer("C-1"), hub)
    make_shipment("WB2", make_customer("C-2", address=""), hub)
    make_shipment("WB3", make_customer("C-3"), hub)
    actor, incident = make_opened(kind="delay")
    Affected.objects.exclude(shipment_id__in=shipments_named("WB3")).update(why="was_there")
    actions.set_effect(actor, incident.pk, "unaffected", why="was_there")
    assert sent_first_notice(actor, incident) == 1
    [reach] = queries.reach(incident, NOW)
    assert (reach.total, reach.unreachable) == (1, 0)
    actions.set_effect(actor, incident.pk, "delayed", why="was_there")
    assert not queries.is_settled(incident, NOW)
    assert sent_first_notice(actor, incident) == 1


def test_an_incident_is_not_settled_while_somebody_who_came_in_later_is_untold():
    make_place()
    actor, incident = make_opened(kind="delay")
    make_shipment("WB1", make_customer("C-1"), make_place())
    actions.find_affected(actor, incident.pk)
    Incident.objects.filter(pk=incident.pk).update(first_notice_at=NOW)
    assert not queries.is_settled(queries.incident(actor, incident.pk), NOW)


def test_a_closed_question_is_not_changed():
    make_place()
    actor, incident = make_opened(kind="delay")
    actions.dismiss_incident(actor, incident.pk, "A false alarm")
    with pytest.raises(Refused) as refused:
        actions.change_question(actor, incident.pk, HUB, NOW, None)
    assert refused.value.code == "incident.not_open"


def test_the_preview_shows_a_unit_no_reader_of_another():
    ours, theirs = new_id(), new_id()
    hub = make_place()
    make_shipment("WB1", make_customer("C-1"), hub, unit=ours)
    make_shipment("WB2", make_customer("C-2", "nl"), hub, unit=theirs)
    _, incident = make_opened()
    branch = make_actor(units=frozenset({ours}))
    shown = composer(branch, incident, "first_notice", NOW)
    assert shown.contacts == 2
    assert not any("Reader" in text for draft in shown.drafts for text in draft.paragraphs)
    assert not any("WB" in text for draft in shown.drafts for text in (draft.subject, *draft.paragraphs))
