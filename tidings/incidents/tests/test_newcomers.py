"""Who comes in after others were told: the newest facts, a clock of their own, and one approval for all of them at most."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tidings.customers.models import Contact, Customer
from tidings.incidents import actions, jobs, queries
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.rules.newly import latest_told
from tidings.incidents.tests.cast import (
    approve,
    make_actor,
    make_hub_of_shipments,
    make_place,
    make_report,
    make_shipment,
)
from tidings.incidents.tests.test_living import come, readers, time_passes
from tidings.kernel import feed
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.installation import start_demo
from tidings.messaging import queries as messaging
from tidings.messaging.actions import send_back
from tidings.messaging.models import Freeze, Recipient
from tidings.messaging.rules.content import same_words
from tidings.shipments.models import Shipment

LANGUAGES = ("en", "nl", "zh-hans")


def in_every_language(**facts: str) -> dict[str, dict[str, str]]:
    return {language: dict(facts) for language in LANGUAGES}


FIRST = in_every_language(what_we_do="We look for another hub.")
NEWS = in_every_language(
    status="The hall is open again.", what_changed="Vans leave at noon.", measures="A second shift works."
)


@pytest.mark.parametrize(
    ("first", "since", "found"),
    [
        ({"en": {"what_we_do": "a"}}, [], {"en": {"what_we_do": "a"}}),
        (
            {"en": {"what_we_do": "a", "what_you_can_do": "b"}},
            [{"en": {"status": "c", "what_you_can_do": "d", "survey": "e", "measures": " "}}],
            {"en": {"what_we_do": "a", "what_you_can_do": "d", "status": "c"}},
        ),
        (
            {"en": {}},
            [{"en": {"what_it_means": "a"}}, {"en": {"what_works": "b", "what_it_means": "c"}}],
            {"en": {"what_it_means": "c", "what_works": "b"}},
        ),
    ],
)
def test_a_newcomer_hears_the_newest_of_every_fact(first, since, found):
    assert latest_told(first, since) == found


def test_the_same_words_with_other_times_are_the_same_words():
    one = {"subject": ["a"], "paragraphs": [["status", ["b"]]], "moments": {"next_by": "1"}, "year": 2026}
    assert same_words({"en": one, "nl": one}, {"en": {**one, "moments": {"next_by": "2"}}})
    assert not same_words({"en": one}, {"en": {**one, "paragraphs": [["status", ["c"]]]}})
    assert not same_words({"en": one}, {"en": one, "nl": one})


def tell(incident: Incident, phase: str, facts) -> UUID:
    actor = make_actor()
    outcome = actions.tell_phase(actor, incident.pk, phase, facts)
    if outcome.sent is None:
        approve(outcome.message_id)
        actions.tell_phase(actor, incident.pk, phase)
    return outcome.message_id


@pytest.fixture
def told(db) -> Incident:
    """A high incident, of which own sentences need a second person; its first notice went."""
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    actor = make_actor()
    incident = queries.incident(
        actor, actions.open_incident(actor, make_report(kind="delay", severity="high"))
    )
    tell(incident, "first_notice", FIRST)
    return queries.incident(actor, incident.pk)


def newcomers(incident: Incident, *waybills: str) -> None:
    come(*waybills)
    time_passes(incident)
    jobs.tell_newly()


def heard(address: str) -> str:
    row = Recipient.objects.filter(address=address).latest("pk")
    freeze = messaging.current_freeze(row.message_id)
    assert freeze is not None
    preview = messaging.told_to(freeze, row)
    assert preview is not None
    return "\n".join(preview.paragraphs)


def asked() -> int:
    """How many first notices an approver was ever asked about."""
    return Freeze.objects.filter(message__phase="first_notice", approval_needed=True).count()


def test_the_very_words_that_were_approved_go_again_without_asking(told):
    newcomers(told, "WB9")
    assert "We look for another hub." in heard("c-wb9@example.org")
    assert asked() == 1
    again = Freeze.objects.get(approval_needed=False, message__phase="first_notice")
    assert again.same_as is not None and again.same_as.approval.approved_by


def test_who_comes_in_after_an_update_hears_its_facts_too_with_a_clock_of_their_own(told):
    tell(told, "update", NEWS)
    newcomers(told, "WB9")
    approve(Sending.objects.get(sent_at=None, left_at=None).message_id)
    jobs.tell_newly()
    said = heard("c-wb9@example.org")
    for words in (*FIRST["en"].values(), *NEWS["en"].values()):
        assert words in said
    customer = Contact.objects.get(name="Reader C-WB9").customer_id
    since = Affected.objects.get(customer_id=customer).since
    due_by = Recipient.objects.get(address="c-wb9@example.org").due_by
    assert due_by == max(since, told.detected_at) + timedelta(hours=4)


def promise_passes(incident: Incident) -> datetime:
    """As if what was promised to everybody had been due an hour ago."""
    passed = now() - timedelta(hours=1)
    Sending.objects.filter(incident=incident).update(promised_by=passed)
    Incident.objects.filter(pk=incident.pk).update(next_update_by=passed)
    return passed


def promise_to(address: str) -> datetime:
    """What the newest message to one reader promised."""
    message = Recipient.objects.filter(address=address).latest("pk").message_id
    promised = Sending.objects.get(message_id=message).promised_by
    assert promised is not None
    return promised


def test_a_newcomer_is_promised_what_the_others_were(told):
    newcomers(told, "WB9")
    assert promise_to("c-wb9@example.org") == told.next_update_by
    told.refresh_from_db()
    assert promise_to("c-wb9@example.org") == told.next_update_by


def test_telling_newcomers_does_not_make_an_overdue_promise_vanish(told):
    passed = promise_passes(told)
    newcomers(told, "WB9")
    assert promise_to("c-wb9@example.org") > now()
    told.refresh_from_db()
    assert told.next_update_by == passed
    clock = queries.clock(told, now())
    assert clock is not None and clock.late
    assert queries.open_and_late(make_actor(), now()) == (1, 1)


def test_a_grade_changed_after_newcomers_were_told_gives_no_time_back(told):
    passed = promise_passes(told)
    newcomers(told, "WB9")
    actions.change_grade(make_actor(), told.pk, "critical", "It burns.")
    told.refresh_from_db()
    assert told.next_update_by == passed


def test_an_update_is_in_time_for_who_was_promised_a_later_one_and_late_for_the_others(told):
    passed = promise_passes(told)
    newcomers(told, "WB9")
    promised = promise_to("c-wb9@example.org")
    message = tell(told, "update", NEWS)
    due_by = dict(Recipient.objects.filter(message_id=message).values_list("address", "due_by"))
    assert due_by.pop("c-wb9@example.org") == promised
    assert set(due_by.values()) == {passed} and len(due_by) == 3
    told.refresh_from_db()
    assert told.next_update_by and told.next_update_by > now(), "an update promises the next one to all"


def test_who_was_promised_two_moments_is_owed_the_earlier(told):
    passed = promise_passes(told)
    make_shipment("WB9", Customer.objects.get(number="C-en"), make_place(), seen=timedelta(hours=3))
    feed.put("shipments", Shipment.objects.filter(waybill="WB9").values_list("pk", flat=True))
    jobs.follow()
    time_passes(told)
    jobs.tell_newly()
    assert promise_to("c-en@example.org") > now()
    message = tell(told, "update", NEWS)
    assert Recipient.objects.get(message_id=message, address="c-en@example.org").due_by == passed


def test_several_newcomers_are_one_request(told):
    tell(told, "update", NEWS)
    newcomers(told, "WB9")
    newcomers(told, "WB10")
    newcomers(told, "WB11")
    assert asked() == 2, "the first notice, and what newcomers hear"
    assert not {"c-wb9@example.org", "c-wb10@example.org"} & readers()
    approve(Sending.objects.get(sent_at=None, left_at=None).message_id)
    jobs.tell_newly()
    assert {"c-wb9@example.org", "c-wb10@example.org", "c-wb11@example.org"} <= readers()
    newcomers(told, "WB12")
    assert "c-wb12@example.org" in readers() and asked() == 2


def test_a_newer_update_takes_the_place_of_what_still_waits(told):
    tell(told, "update", NEWS)
    newcomers(told, "WB9")
    newer = in_every_language(status="All is normal.", what_changed="x", measures="y")
    tell(told, "update", newer)
    jobs.tell_newly()
    waiting = Sending.objects.get(sent_at=None, left_at=None)
    assert messaging.newest_texts(waiting.message_id)["en"].facts["status"] == "All is normal."
    approve(waiting.message_id)
    jobs.tell_newly()
    said = heard("c-wb9@example.org")
    assert "All is normal." in said and "A second shift works." not in said


def test_what_an_approver_sent_back_is_left_to_people(told):
    tell(told, "update", NEWS)
    newcomers(told, "WB9")
    waiting = Sending.objects.get(sent_at=None, left_at=None)
    freeze = messaging.current_freeze(waiting.message_id)
    assert freeze is not None
    send_back(make_actor("approver"), waiting.message_id, freeze.digest, "Say when.")
    newcomers(told, "WB10")
    assert Sending.objects.get(sent_at=None, left_at=None).pk == waiting.pk
    assert "c-wb9@example.org" not in readers()


def test_nobody_hears_by_itself_what_was_put_right_since(told):
    wrong = tell(told, "update", NEWS)
    right = in_every_language(what_was_wrong="It is not open.", what_is_right="It opens tomorrow.")
    actor = make_actor()
    outcome = actions.tell_phase(actor, told.pk, "correction", right, corrects=wrong)
    approve(outcome.message_id)
    actions.tell_phase(actor, told.pk, "correction")
    newcomers(told, "WB9")
    assert not Sending.objects.filter(sent_at=None, left_at=None).exists()
    assert "c-wb9@example.org" not in readers()


def test_an_approval_of_the_same_words_is_void_once_somebody_touched_them(told):
    come("WB9")
    time_passes(told)
    Freeze.objects.update(words={})
    jobs.tell_newly()
    assert "c-wb9@example.org" not in readers()
    assert Sending.objects.filter(sent_at=None, left_at=None).count() == 1, "it is asked about instead"


def test_whoever_presses_gets_no_approval_by_what_was_approved_before(told):
    come("WB9")
    outcome = actions.tell_phase(make_actor(), told.pk, "first_notice", FIRST)
    assert outcome.sent is None
    with pytest.raises((Refused, Conflict)):
        actions.send_phase(make_actor(), told.pk, outcome.message_id)
