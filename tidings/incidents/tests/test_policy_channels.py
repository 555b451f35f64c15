"""A policy says by which channels customers are written to, and whether only a confirmed contact counts."""

from dataclasses import replace

import pytest
from django.db.models import F

from tests.cast import make_administrator
from tidings.customers.models import Address
from tidings.incidents import actions, rules
from tidings.incidents.rules.policies import rungs_for
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.kernel.actor import Actor
from tidings.kernel.installation import start_demo
from tidings.messaging.models import Recipient, Relay
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
HIGH = rules.SHIPPED_POLICIES[rules.Severity.HIGH]


def with_policy(**terms: object) -> None:
    boss: Actor = actor_of(make_administrator())
    actions.change_policy(boss, replace(HIGH, **terms), "As agreed")


def with_sms() -> None:
    """Everybody has a number before the mail address, and there is a service for it."""
    Relay.objects.create(code="texts", channel="sms", service="twilio")
    for mail in list(Address.objects.filter(channel="email")):
        Address.objects.filter(contact_id=mail.contact_id).update(position=F("position") + 1)
        Address.objects.create(
            contact_id=mail.contact_id, channel="sms", value="+31612345678", key="+31612345678", position=0
        )


@pytest.mark.parametrize(
    ("chosen", "sent", "left"),
    [
        ((), ["email", "sms"], ["email", "sms"]),
        (("email",), ["email", "sms"], ["email"]),
        (("sms", "voice"), ["email", "sms"], ["sms"]),
        (("voice",), ["email", "sms"], []),
    ],
)
def test_of_what_we_can_send_by_a_policy_leaves_what_it_names(chosen, sent, left):
    assert rungs_for(replace(HIGH, channels=frozenset(chosen)), sent) == left


def test_without_a_policy_of_its_own_everybody_is_told_on_their_first_rung():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    with_sms()
    desk, incident = make_opened(kind="delay", severity="high")
    actions.tell_phase(desk, incident.pk, "first_notice")
    assert set(Recipient.objects.values_list("channel", flat=True)) == {"sms"}


def test_by_mail_only_means_by_mail_only_and_then_by_a_person():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    with_sms()
    with_policy(channels=frozenset({"email"}))
    desk, incident = make_opened(kind="delay", severity="high")
    actions.tell_phase(desk, incident.pk, "first_notice")
    assert set(Recipient.objects.values_list("channel", flat=True)) == {"email"}
    further = {rung["channel"] for row in Recipient.objects.all() for rung in row.further}
    assert further == {"call"}, "the number is called, not written to"


def test_where_only_a_confirmed_contact_counts_everybody_must_confirm():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    with_policy(confirm=True)
    desk, incident = make_opened(kind="delay", severity="high")
    actions.tell_phase(desk, incident.pk, "first_notice")
    assert set(Recipient.objects.values_list("needs_confirmed", flat=True)) == {True}


def test_a_lowered_grade_does_not_make_less_count():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    with_policy(confirm=True)
    desk, incident = make_opened(kind="delay", severity="high")
    actions.change_grade(desk, incident.pk, "medium", "Not so bad")
    actions.tell_phase(desk, incident.pk, "first_notice")
    assert set(Recipient.objects.values_list("needs_confirmed", flat=True)) == {True}
