"""The second person: who must look before a grave message goes, and that what goes is what was looked at."""

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, jobs, queries
from tidings.incidents.composer import composer
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import (
    LANGUAGES,
    NOW,
    approve,
    in_every_language,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel import feed
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.messaging import actions as messaging
from tidings.messaging import queries as texts
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db

OWN_WORDS = in_every_language(what_we_do="Own words.")


def opened(severity: str) -> tuple[Actor, Incident]:
    """A delay at the hub, whose shipped texts are approved beforehand."""
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    return make_opened(kind="delay", severity=severity)


def fifty_come() -> None:
    ids = [make_shipment(f"X{n}", make_customer(f"Y{n}"), make_place()).pk for n in range(50)]
    feed.put("shipments", ids)
    jobs.follow()


def regraded(incident: Incident, severity: str) -> Incident:
    actions.change_grade(make_actor("manager"), incident.pk, severity, "It looks different now")
    return queries.incident(make_actor(), incident.pk)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_grade_raised_after_writing_asks_for_a_second_person(frozen: bool) -> None:
    writer, incident = opened("medium")
    message = actions.write_phase(writer, incident.pk, "first_notice", OWN_WORDS)
    if frozen:
        messaging.freeze_message(writer, message, audience=queries.audience(incident, "first_notice", NOW))
    incident = regraded(incident, "critical")
    shown = composer(writer, incident, "first_notice", NOW)
    assert shown.waits and not shown.approved
    assert actions.tell_phase(writer, incident.pk, "first_notice", seen=shown.seen).sent is None
    assert not Recipient.objects.exists()
    with pytest.raises(Refused, match="author_may_not_approve"):
        approve(message, Actor(writer.kind, writer.ref, make_actor("approver").abilities))
    approve(message)
    assert actions.tell_phase(writer, incident.pk, "first_notice").sent == 3


def test_what_was_frozen_before_the_grade_was_raised_does_not_go_past_the_composer() -> None:
    writer, incident = opened("medium")
    message = actions.write_phase(writer, incident.pk, "first_notice", OWN_WORDS)
    messaging.freeze_message(writer, message)
    regraded(incident, "critical")
    with pytest.raises(Refused, match="not_approved"):
        actions.send_phase(writer, incident.pk, message)
    assert not Recipient.objects.exists()


def test_a_grade_lowered_dodges_no_approval() -> None:
    writer, incident = opened("critical")
    incident = regraded(incident, "medium")
    assert actions.tell_phase(writer, incident.pk, "first_notice", OWN_WORDS).sent is None
    assert not Recipient.objects.exists()


def test_nobody_approves_their_own_text_beforehand_and_sends_it_alone() -> None:
    boss = make_actor("manager")
    _, incident = opened("critical")
    for language in LANGUAGES:
        text = texts.texts_for("delay", "first_notice")[language]
        source = text.source.replace("subject: ", "subject: Whatever I like ")
        messaging.set_text(boss, "delay", "first_notice", language, source, seen_digest=text.digest)
        with pytest.raises(Refused, match="author_may_not_approve"):
            messaging.approve_text(boss, "delay", "first_notice", language, text.digest)
    assert actions.tell_phase(boss, incident.pk, "first_notice").sent is None


def test_more_people_than_the_page_showed_are_not_told_by_its_button() -> None:
    writer, incident = opened("medium")
    shown = composer(writer, incident, "first_notice", NOW)
    assert (shown.contacts, shown.seen.contacts) == (3, 3)
    fifty_come()
    with pytest.raises(Conflict) as outgrown:
        actions.tell_phase(writer, incident.pk, "first_notice", seen=shown.seen)
    assert outgrown.value.code == "incident.more_get_it_now"
    assert (outgrown.value.facts["seen"], outgrown.value.facts["now"]) == (3, 53)
    assert not incident.sendings.exists() and not Recipient.objects.exists()
    again = composer(writer, incident, "first_notice", NOW)
    assert actions.tell_phase(writer, incident.pk, "first_notice", seen=again.seen).sent == 53


def test_the_page_says_how_many_it_is_now_and_keeps_what_was_written() -> None:
    writer, incident = opened("medium")
    actions.write_phase(writer, incident.pk, "first_notice", OWN_WORDS)
    client, show = signed_in(make_dispatcher()), reverse("incidents:show", args=[incident.number])
    seen = client.get(show).context["composer"].seen
    fifty_come()
    press = reverse("incidents:send", args=[incident.number, "first_notice"])
    fields = {
        "seen_version": seen.version,
        "seen_message": seen.message,
        "seen_contacts": seen.contacts,
    }
    page = client.post(press, fields, follow=True).text
    assert "would go to 53 contacts now" in page and "you saw 3" in page
    assert "Send to 53 contacts" in page and "Own words." in page
    assert not Recipient.objects.exists()


def test_fewer_people_than_the_page_showed_are_no_reason_to_wait() -> None:
    writer, incident = opened("medium")
    seen = queries.Seen(incident.version, "", 4)
    assert actions.tell_phase(writer, incident.pk, "first_notice", seen=seen).sent == 3


def test_a_message_that_was_written_anew_is_not_sent_any_more() -> None:
    writer, incident = opened("medium")
    left = actions.write_phase(writer, incident.pk, "first_notice", {})
    messaging.freeze_message(writer, left)
    actions.write_phase(writer, incident.pk, "first_notice", {})
    with pytest.raises(Missing, match="message_missing"):
        actions.send_phase(writer, incident.pk, left)
    assert not Recipient.objects.exists()
