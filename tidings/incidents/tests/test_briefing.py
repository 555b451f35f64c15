"""The briefing: our own people hear no later than customers, and no customer ever gets it."""

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_communicator, make_dispatcher, make_unit, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Sending
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
    told,
)
from tidings.messaging.models import Recipient

WORDS = {
    "what_we_say": "The hub is closed.",
    "what_we_do_not_say": "No names.",
    "likely_questions": "When?",
    "may_be_offered": "A call back.",
}


@pytest.mark.parametrize(
    ("phase", "before", "written", "expected"),
    [
        ("first_notice", [], False, True),
        ("update", ["first_notice"], False, True),
        ("update", ["first_notice", "update"], False, False),
        ("update", ["first_notice", "update"], True, True),
        ("correction", ["first_notice"], True, False),
        ("briefing", [], True, False),
    ],
)
def test_a_briefing_goes_with_the_first_of_each_phase_and_when_somebody_wrote_one(
    phase, before, written, expected
):
    assert rules.briefs(phase, before, written=written) is expected


def briefed():
    messages = Sending.objects.filter(phase="briefing").values_list("message_id", flat=True)
    return set(Recipient.objects.filter(message_id__in=messages).values_list("address", flat=True))


@pytest.mark.django_db
def test_who_sees_an_affected_shipment_is_briefed_with_headquarters_agents_and_no_customer():
    branch, elsewhere = make_unit("Venlo", "branch"), make_unit("Lyon", "branch")
    make_shipment("WB1", make_customer("C-1"), make_place(), unit=branch.pk)
    make_communicator(email="venlo@example.org", unit=branch)
    make_communicator(email="lyon@example.org", unit=elsewhere)
    make_agent(email="agent@example.org")
    make_communicator(email="writer@example.org")
    ended = make_agent(email="ended@example.org")
    type(ended).objects.filter(pk=ended.pk).update(is_active=False, ended_at=NOW)
    actor, incident = make_opened(kind="delay")
    message = told(actor, incident)
    assert briefed() == {"venlo@example.org", "agent@example.org"}
    assert set(Recipient.objects.filter(message_id=message).values_list("address", flat=True)) == {
        "c-1@example.org"
    }


@pytest.mark.django_db
def test_the_briefing_goes_no_later_than_the_first_notice_and_each_reads_their_own_language():
    make_hub_of_shipments()
    make_agent(email="agent@example.org", language="nl")
    actor, incident = make_opened(kind="delay")
    told(actor, incident)
    first = Sending.objects.get(phase="first_notice")
    own = Sending.objects.get(phase="briefing")
    assert own.sent_at <= first.sent_at
    assert Recipient.objects.get(message_id=own.message_id).language == "nl"


@pytest.mark.django_db
def test_what_somebody_wrote_goes_instead_of_the_prepared_words_and_needs_no_approval():
    make_hub_of_shipments()
    make_agent(email="agent@example.org")
    actor, incident = make_opened()
    written = actions.write_phase(
        actor, incident.pk, "briefing", dict.fromkeys(("en", "nl", "zh-hans"), WORDS)
    )
    told(actor, incident)
    assert Sending.objects.get(phase="briefing", sent_at__isnull=False).message_id == written


@pytest.mark.django_db
def test_with_nobody_to_brief_customers_are_told_all_the_same():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    told(actor, incident)
    assert not Sending.objects.filter(phase="briefing").exists()
    assert Sending.objects.get(phase="first_notice").recipients == 3


@pytest.mark.django_db
def test_reach_and_closing_count_customers_only():
    make_hub_of_shipments()
    make_agent(email="agent@example.org")
    actor, incident = make_opened(kind="delay")
    message = told(actor, incident)
    Recipient.objects.filter(message_id=message).update(state="unreachable")
    incident = queries.incident(actor, incident.pk)
    assert [phase.phase for phase in queries.reach(incident, NOW)] == ["first_notice"]
    assert queries.is_settled(incident, NOW)


@pytest.mark.django_db
def test_the_briefing_stands_on_the_incidents_page():
    make_hub_of_shipments()
    make_agent(email="agent@example.org")
    actor, incident = make_opened(kind="delay")
    told(actor, incident)
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number]))
    assert "Briefing for our own people" in page.text
    assert "What we do not say" in page.text


@pytest.mark.django_db
def test_a_briefing_may_be_sent_by_itself():
    make_hub_of_shipments()
    make_agent(email="agent@example.org")
    _, incident = make_opened(kind="delay")
    outcome = actions.tell_phase(make_actor(), incident.pk, "briefing")
    assert outcome.sent == 1
    incident.refresh_from_db()
    assert (incident.state, incident.next_update_by, incident.first_notice_at) == ("reported", None, None)


@pytest.mark.django_db
def test_a_briefings_page_addresses_whoever_looks_at_it_and_no_customer():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    message = actions.write_phase(actor, incident.pk, "briefing", {"en": WORDS})
    page = (
        signed_in(make_dispatcher(name="Robin Vermeer"))
        .get(reverse("messaging:message", args=[message]))
        .text
    )
    assert "Dear Robin Vermeer" in page and "Dear customer" not in page
