"""Who may be told what: the table walked cell by cell, and that what is sent keeps to it."""

from datetime import timedelta

import pytest

from tidings.customers.models import Customer
from tidings.incidents import actions, queries, rules
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected
from tidings.incidents.rules import Effect, Fact
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    approve,
    make_actor,
    make_customer,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel.errors import Refused
from tidings.messaging import texts
from tidings.messaging.actions import freeze_message
from tidings.messaging.models import Message, Recipient
from tidings.messaging.queries import audience_size, current_freeze
from tidings.shipments.models import Location, Party, Position, Shipment

IN_FULL = ("email", "call", "whatsapp", "wechat", "telegram", "webhook", "fax", "letter")
EVERY_CHANNEL = (*IN_FULL, "sms", "voice", "wecom", "other")
CLIENTS = ("account", "shipper", "agent", "seller")
NOT_TOLD = ("consignee", "notify", "unheard of")


@pytest.mark.parametrize("channel", EVERY_CHANNEL)
@pytest.mark.parametrize("fact", Fact)
@pytest.mark.parametrize("role", (*CLIENTS, *NOT_TOLD))
def test_the_table_of_role_fact_and_channel(role: str, fact: Fact, channel: str) -> None:
    assert rules.may_hear(fact, [role], channel) is (role in CLIENTS and channel in IN_FULL)
    assert rules.may_hear(fact, [role], channel, opened=[(role, fact, channel)])


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (["account"], "stolen"),
        (["consignee"], "missing"),
        (["consignee", "notify"], "missing"),
        (["account", "consignee"], "stolen"),
        ([], "missing"),
    ],
)
def test_of_stolen_goods_a_consignee_hears_that_they_are_missing(roles: list[str], told: str) -> None:
    assert rules.effect_told(Effect.STOLEN, roles, "email") == told
    assert rules.effect_told(Effect.STOLEN, roles, "sms") == "missing"
    assert rules.effect_told(Effect.DAMAGED, roles, "sms") == "damaged"


@pytest.mark.parametrize("language", texts.languages())
def test_the_short_words_of_every_language_say_nothing_of_theft(language: str) -> None:
    entries = texts.words(language).entries
    assert entries["effect_short.stolen"] != entries["effect.stolen"]


def _theft(consignee: bool = True, both_roles: bool = False):
    """A stolen shipment of an account customer, told to both; another on which that customer is itself the consignee."""
    hub = make_place()
    client, reader = make_customer("C-1"), make_customer("C-2", "nl")
    client.told = "both"
    client.save(update_fields=["told"])
    stolen = make_shipment("WB1", client, hub)
    if consignee:
        Party.objects.create(shipment=stolen, role="consignee", customer=reader)
    if both_roles:
        second = make_shipment("WB2", client, hub)
        Party.objects.create(shipment=second, role="consignee", customer=client)
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report(kind="theft")))
    actions.set_effect(actor, incident.pk, "stolen", until_at=NOW + timedelta(days=3))
    return actor, incident


@pytest.mark.django_db
def test_the_roles_are_kept_per_shipment_and_customer() -> None:
    _, incident = _theft(both_roles=True)
    found = Affected.objects.filter(incident=incident).values_list("roles", flat=True)
    assert sorted(found) == [["account"], ["account", "consignee"], ["consignee"]]


@pytest.mark.django_db
def test_a_consignee_is_not_told_of_a_theft_and_the_contract_holder_is() -> None:
    actor, incident = _theft()
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    assert actions.send_phase(actor, incident.pk, message) == 2
    told = {row.language: row.lines for row in Recipient.objects.filter(message_id=message)}
    assert [line["effect"] for line in told["en"]] == ["stolen"]
    assert [line["effect"] for line in told["nl"]] == ["missing"]
    assert "expected_at" not in told["nl"][0], "a new time for stolen goods would be no honest one"
    freeze = current_freeze(message)
    assert freeze is not None
    for word in ("stolen", "theft", "gestolen", "diefstal", "盗"):
        assert word not in str(freeze.words)


@pytest.mark.django_db
def test_where_all_may_hear_of_it_the_text_says_what_happened() -> None:
    actor, incident = _theft(consignee=False)
    shown = composer(actor, incident, "first_notice", NOW)
    assert not shown.guarded
    assert "theft" in shown.drafts[0].subject
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    assert Message.objects.get(pk=message).kind == "theft"


@pytest.mark.django_db
def test_the_composer_shows_what_a_consignee_will_read() -> None:
    actor, incident = _theft()
    shown = composer(actor, incident, "first_notice", NOW)
    assert shown.guarded
    for draft in shown.drafts:
        if draft.language == "nl":
            assert not any("gestolen" in text for text in (draft.subject, *draft.paragraphs))


@pytest.mark.django_db
def test_a_consignee_whose_goods_came_late_does_not_read_of_a_theft_in_the_closing() -> None:
    actor, incident = _theft()
    client = Affected.objects.get(incident=incident, roles=["account"]).customer_id
    make_shipment("WB2", Customer.objects.get(pk=client), Location.objects.get(code=HUB))
    actions.find_affected(actor, incident.pk)
    first = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, first)
    approve(first)
    actions.send_phase(actor, incident.pk, first)
    late = Shipment.objects.get(waybill="WB1")
    elsewhere = make_place("DEDUI", "Duisburg")
    at = late.estimated_at + timedelta(hours=2)
    Position.objects.filter(shipment=late).update(place=elsewhere, delivered_at=at)
    actions.find_affected(actor, incident.pk)
    size = audience_size(queries.audience(incident, "closing", NOW))
    assert size == 2, "the consignee, whose goods came too late, gets the closing"
    assert queries.kind_told(incident, "closing") == "loss"


@pytest.mark.django_db
def test_a_consignee_who_comes_in_later_stops_a_text_that_speaks_of_theft() -> None:
    actor, incident = _theft(consignee=False)
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    shipment = Affected.objects.get(incident=incident).shipment_id
    Party.objects.create(shipment_id=shipment, role="consignee", customer=make_customer("C-3", "nl"))
    actions.find_affected(actor, incident.pk)
    with pytest.raises(Refused, match="told_too_openly"):
        actions.send_phase(actor, incident.pk, message)
    assert not Recipient.objects.exists()
