"""Pages of incidents: permission, status, the words that matter, and how many queries the list takes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, make_manager, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.composer import composer
from tidings.incidents.models import Incident
from tidings.incidents.pages.incident import refresh_of
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    approve,
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_place,
)
from tidings.messaging.models import Freeze
from tidings.messaging.rules.content import PhaseReach

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatcher():
    return signed_in(make_dispatcher())


def opened(**changes):
    return make_opened(**changes)[1]


def url(name, incident, **more):
    return reverse(f"incidents:{name}", kwargs={"number": incident.number, **more})


def seen(incident, phase):
    """What the composer's form carries."""
    found = composer(make_actor(), queries.incident(make_actor(), incident.pk), phase, NOW).seen
    return {
        "seen_version": found.version,
        "seen_message": found.message,
        "seen_contacts": found.contacts,
    }


def test_an_empty_list_says_what_to_do_first(dispatcher):
    page = dispatcher.get(reverse("incidents:list"))
    assert page.status_code == 200
    assert "No incident is open" in page.text
    assert reverse("incidents:report") in page.text


def test_three_fields_are_enough_to_report(dispatcher):
    make_hub_of_shipments()
    answer = dispatcher.post(
        reverse("incidents:report"),
        {"kind": "accident", "place": HUB.lower(), "window_from": "2026-11-22T05:55"},
    )
    incident = Incident.objects.get()
    assert answer.status_code == 302
    assert answer.url == url("show", incident)
    page = dispatcher.get(answer.url)
    assert "There now" in page.text or "Accident at Venlo hub" in page.text
    assert "Nobody has been told yet." in page.text


def test_a_wrong_place_is_said_beside_its_field_and_nothing_is_lost(dispatcher):
    answer = dispatcher.post(
        reverse("incidents:report"),
        {"kind": "accident", "place": "NOWHERE", "window_from": "2026-11-22T05:55", "what": "Fire in hall 2"},
    )
    assert answer.status_code == 422
    assert "NOWHERE" in answer.text
    assert "Fire in hall 2" in answer.text
    assert not Incident.objects.exists()


def test_the_list_takes_as_many_queries_for_forty_as_for_one(dispatcher, django_assert_max_num_queries):
    make_place()
    opened()
    with django_assert_max_num_queries(
        28
    ) as few:  # about half are the rail's: one for each kind of line it counts
        dispatcher.get(reverse("incidents:list"))
    for _ in range(12):
        opened()
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = dispatcher.get(reverse("incidents:list"))
    assert page.text.count("INC-") >= 13


def test_the_list_narrows_and_exports(dispatcher):
    make_place()
    theft, delay = opened(kind="theft"), opened(kind="delay")
    page = dispatcher.get(reverse("incidents:list"), {"kind": "theft"})
    assert theft.number in page.text
    assert delay.number not in page.text
    export = dispatcher.get(reverse("incidents:list"), {"export": "csv", "sort": "number"})
    lines = export.getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["number", theft.number, delay.number]


def test_the_page_reads_like_the_story_and_shows_the_size_before_anything_is_sent(dispatcher):
    make_hub_of_shipments()
    page = dispatcher.get(url("show", opened(kind="delay")))
    for words in (
        "What we know",
        "Who is affected",
        "What we said",
        "Timeline",
        "Goes to 3 contacts: 3 by e-mail",
    ):
        assert words in page.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your 2 shipments"), ("nl", "WB3"), ("zh-hans", "WB4")]
)
def test_the_composer_shows_each_language_as_its_reader_sees_it(dispatcher, language, words):
    make_hub_of_shipments()
    page = dispatcher.get(url("show", opened(kind="delay")), {"language": language})
    assert f'<div class="mail as-mail" lang="{language}">' in page.text
    assert words in page.text


def test_the_second_dispatcher_sees_both_and_decides(dispatcher):
    make_place()
    incident = opened()
    seen = incident.version
    actions.change_facts(make_actor(), incident.pk, actions.Facts(what="Fire in hall 2"))
    answer = dispatcher.post(url("facts", incident), {"seen_version": seen, "what": "Smoke only"})
    assert answer.status_code == 409
    assert "Fire in hall 2" in answer.text
    assert "Smoke only" in answer.text
    incident.refresh_from_db()
    assert incident.what == "Fire in hall 2"
    again = dispatcher.post(url("facts", incident), {"seen_version": incident.version, "what": "Smoke only"})
    assert again.status_code == 302


def test_a_lower_grade_than_the_floor_is_refused_in_words(dispatcher):
    make_place()
    incident = opened(kind="theft")
    answer = dispatcher.post(
        url("grade", incident), {"severity": "low", "reason": "Empty box", "seen_version": incident.version}
    )
    assert answer.status_code == 422
    assert "may not be graded that low" in answer.text


def test_sending_asks_for_approval_where_no_text_was_approved(dispatcher):
    make_hub_of_shipments()
    incident = opened(kind="delay")
    answer = dispatcher.post(
        url("send", incident, phase="first_notice"), seen(incident, "first_notice"), follow=True
    )
    assert "waits for the approval of another person" in answer.text
    incident.refresh_from_db()
    assert incident.first_notice_at is None


def test_an_approver_approves_and_a_dispatcher_sends(dispatcher):
    make_hub_of_shipments()
    incident = opened(kind="accident")
    dispatcher.post(url("send", incident, phase="first_notice"), seen(incident, "first_notice"))
    approver = signed_in(make_manager())
    page = approver.get(url("show", incident))
    message = incident.sendings.get().message_id
    decide = reverse("messaging:decide", args=[message])
    assert f'href="{decide}"' in page.text
    read = approver.get(decide).text
    assert "Approve for 3 contacts" in read and "those of a real reader" in read
    digest = {"digest": Freeze.objects.get().digest}
    approver.post(reverse("messaging:approve", args=[message]), digest)
    answer = dispatcher.post(
        url("send", incident, phase="first_notice"), seen(incident, "first_notice"), follow=True
    )
    assert "On its way to 3 contacts" in answer.text
    assert "Reach: First notice" in answer.text
    told = dispatcher.get(reverse("messaging:message", args=[message])).text
    assert f'href="{url("show", incident)}">{incident.number}</a>' in told  # and back


def test_own_sentences_in_one_language_are_missing_in_the_others(dispatcher):
    make_hub_of_shipments()
    incident = opened(kind="delay")
    answer = dispatcher.post(
        url("write", incident, phase="first_notice"),
        {"en.what_happened": "The hall burned down."},
        follow=True,
    )
    assert "draft" in answer.text
    page = dispatcher.get(url("show", incident), {"language": "nl"})
    assert "What happened: missing" in page.text


def test_the_affected_are_listed_with_their_reason_and_exported(dispatcher):
    make_hub_of_shipments()
    incident = opened()
    page = dispatcher.get(url("affected", incident))
    assert page.text.count("There now") >= 4
    export = dispatcher.get(url("affected", incident), {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert [line.split(",")[0] for line in export.splitlines()] == ["waybill", "WB1", "WB2", "WB3", "WB4"]


@pytest.mark.parametrize("name", ["facts", "grade", "move", "question", "effect"])
def test_every_change_has_its_page_and_an_auditor_may_not_open_it(dispatcher, name):
    make_place()
    incident = opened()
    assert dispatcher.get(url(name, incident)).status_code == 200
    auditor = signed_in(make_auditor())
    assert auditor.get(url("show", incident)).status_code == 200
    assert auditor.get(url(name, incident)).status_code == 403


def test_who_did_not_sign_in_sees_nothing(client):
    make_place()
    incident = opened()
    assert client.get(url("show", incident)).status_code == 302


def test_the_worklist_shows_what_is_owed_next_with_the_late_on_top(dispatcher):
    make_place()
    later = opened(kind="delay")
    late = opened(kind="theft", detected_at=NOW - timedelta(hours=9))
    page = dispatcher.get(reverse("home:worklist")).text
    assert page.index(late.number) < page.index(later.number)
    assert "late by" in page


def test_a_worklist_without_anything_owed_says_so(dispatcher):
    assert "Nothing waits for you" in dispatcher.get(reverse("home:worklist")).text


def test_a_customers_page_says_what_they_were_told_and_whether_it_arrived(dispatcher):
    customer = make_hub_of_shipments()["nl"]
    incident = opened(kind="accident")
    page = reverse("customers:customer", args=[customer.pk])
    assert "What we said to them" not in dispatcher.get(page).text
    approve(actions.tell_phase(make_actor(), incident.pk, "first_notice").message_id)
    actions.tell_phase(make_actor(), incident.pk, "first_notice")
    said = dispatcher.get(page).text.partition("What we said to them")[2].lower()
    assert incident.number.lower() in said and "first notice" in said and "under way" in said, said[:900]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (PhaseReach(in_time=5), ""),
        (PhaseReach(in_time=5, under_way=1), "every 4s"),
        (PhaseReach(overdue=1), "every 4s"),
        (PhaseReach(in_time=90_000, under_way=1), "every 20s"),
        (PhaseReach(in_time=90_000), ""),
    ],
)
def test_a_page_asks_for_a_large_reach_less_often(shown, expected):
    assert refresh_of(shown) == expected
