"""The health of an address: what kills it, what never does, and what the contact's page says of it."""

import pytest
from django.urls import reverse

from tests.cast import make_agent, signed_in
from tidings.conversations.tests.cast import bounce, came, return_path, told_one
from tidings.conversations.tests.test_actions import COMPLAINT
from tidings.customers.models import Address, Contact
from tidings.incidents.jobs import mark_refused
from tidings.messaging.models import Recipient, RefusedAddress
from tidings.messaging.rules.bounces import Kind, read_arrival
from tidings.messaging.rules.refusals import Refusal, verdict_of
from tidings.messaging.tests.test_bounces import BO, nobody, report

RATE = (
    "550 Domain frequency limited [MExKOVFmNnpi 192.0.2.1].",
    "550 Ip frequency limited",
    "550 Sender frequency limited",
    "550 Connection frequency limited",
    "550 Mailbox unavailable or access denied",
    "421 HL:ICC 163 smtp10,D8CowAB 192.0.2.1",
    "421 HL:IFC 126 smtp2",
    "451 MI:DMC 163 smtp1,C8 http://mail.163.com/help/help_spam_16.htm",
    "451 MI:SFQ 126 smtp4,jdKowAD",
    "450 RP:DRC 163 smtp7",
    "451 DT:SPM ,please try again 163 smtp8",
    "554 DT:SPM 163 smtp14,EsCowEA",
    "421-4.7.28 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail",
    "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume",
    "421 4.7.0 [TS03] All messages from 192.0.2.1 will be permanently deferred",
    "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
    "452 4.3.2 Connection rate limit exceeded.",
    "550 5.7.1 too many messages from you, try later",
    "421 4.7.0 too many concurrent connections",
)


def test_ten_thousand_rate_refusals_kill_no_address() -> None:
    """To our face, and as bounces that relays write when they give up; 500 of each text of every provider."""
    for number in range(10_000):
        said = RATE[number % len(RATE)].replace("192.0.2.1", f"192.0.2.{number % 250}")
        code, _, text = said.replace("-", " ", 1).partition(" ") if said[3:4] == "-" else said.partition(" ")
        assert verdict_of(int(code), text).refusal is not Refusal.ADDRESS, said
        if number < 2_000:
            read = read_arrival(report("failed", "5.0.0" if code[0] == "5" else "4.0.0", said), nobody)
            assert read.kind in (Kind.BLOCKED, Kind.SOFT) and not read.blames(BO), said


@pytest.mark.django_db
@pytest.mark.parametrize("said", RATE)
def test_a_bounce_for_our_speed_ends_the_rung_and_leaves_the_address_alive(said: str) -> None:
    _actor, _incident, row = told_one()
    assert came(bounce(row, said)).outcome == "applied"
    mark_refused()
    assert not RefusedAddress.objects.exists()
    assert Address.objects.get(contact_id=row.contact_id).dead_since is None
    assert Recipient.objects.get(pk=row.pk).standing == "refused"


def shown(row: Recipient) -> str:
    customer = Contact.objects.get(pk=row.contact_id).customer_id
    return str(signed_in(make_agent()).get(reverse("customers:customer", args=[customer])).content.decode())


@pytest.mark.django_db
def test_a_dead_address_says_why_and_since_when_and_asks_to_be_corrected() -> None:
    _actor, _incident, row = told_one()
    came(bounce(row))
    mark_refused()
    page = shown(row)
    assert "Not used since" in page and "there is no such address" in page
    assert "Ask the customer for the right one" in page


@pytest.mark.django_db
def test_a_complaint_stands_on_the_contact_who_is_still_told() -> None:
    _actor, _incident, row = told_one()
    came(COMPLAINT.format(to=return_path(row)).encode())
    mark_refused()
    page = shown(row)
    assert "Still used, since there is no other" in page and "called our mail spam" in page
    assert "Not used since" not in page
