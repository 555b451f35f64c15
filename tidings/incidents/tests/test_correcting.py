"""A report that was mistaken is put right: kind and detection, with all that follows, and nothing ever gets looser."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.models import Affected, Incident, Misreported, Sending
from tidings.incidents.queries.newly import latest_facts
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    in_every_language,
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_told,
)
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import queries as messaging
from tidings.messaging.queries import SeenAgain

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FACTS = in_every_language(what_we_do="We look for it.")


def again(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def correct(actor, incident, kind=None, detected_at=None, reason="Misread", **more):
    actions.correct_what(actor, incident.pk, actions.What(kind, detected_at), reason, **more)
    return again(incident)


@pytest.fixture
def low():
    make_hub_of_shipments()
    return make_opened(kind="recipient_exception")


def test_a_graver_kind_lifts_the_grade_to_its_floor_and_the_clock_follows(low):
    actor, incident = low
    assert incident.severity == "low"
    found = correct(actor, incident, "theft", reason="The seal was broken")
    assert (found.kind, found.severity, found.version) == ("theft", "medium", incident.version + 1)
    assert found.grade_changes.latest("at").reason == "The seal was broken"
    line = found.timeline.get(code="kind_corrected")
    assert (line.facts, line.text) == (
        {"kind": "theft", "before": "recipient_exception"},
        "The seal was broken",
    )
    assert Misreported.objects.get().kind == "recipient_exception"


def test_an_earlier_detection_brings_every_deadline_forward(low):
    actor, incident = low
    earlier = incident.detected_at - 5 * HOUR
    found = correct(actor, incident, detected_at=earlier)
    assert found.first_notice_by == incident.first_notice_by - 5 * HOUR
    assert set(Affected.objects.filter(incident=incident).values_list("since", flat=True)) == {earlier}
    assert found.timeline.filter(code="detection_corrected").exists()


def test_a_later_detection_gives_no_time_back_also_when_it_is_graded_again(low):
    actor, incident = low
    earlier = incident.detected_at - 5 * HOUR
    found = correct(actor, incident, detected_at=earlier)
    back = correct(actor, found, detected_at=incident.detected_at)
    assert back.detected_at == incident.detected_at
    assert back.first_notice_by == found.first_notice_by
    actions.change_grade(actor, incident.pk, "high", "Medicines")
    assert again(incident).first_notice_by == earlier + 4 * HOUR
    assert queries.counted_from(back) == earlier


def test_the_law_counts_from_the_first_that_was_said_and_asks_what_the_kind_asks(low):
    actor, incident = low
    assert queries.legal_clocks(incident) == []
    found = correct(actor, incident, "data_breach")
    codes = {one.clock.code: one.due_by for one in queries.legal_clocks(found)}
    assert codes["gdpr_authority"] == found.detected_at + 72 * HOUR
    earlier = correct(actor, incident, detected_at=found.detected_at - HOUR)
    later = correct(actor, earlier, detected_at=found.detected_at)
    codes = {one.clock.code: one.due_by for one in queries.legal_clocks(later)}
    assert codes["gdpr_authority"] == found.detected_at + 71 * HOUR


def test_what_was_approved_and_has_not_gone_is_written_anew_and_asked_again():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="accident")
    outcome = actions.tell_phase(actor, incident.pk, "first_notice", FACTS)
    assert outcome.sent is None
    approve(outcome.message_id)
    found = correct(actor, incident, "theft")
    waiting = queries.unsent(found, "first_notice")
    assert waiting and waiting.message_id != outcome.message_id
    assert messaging.kind_of(waiting.message_id) == queries.kind_told(found, "first_notice")
    assert messaging.newest_texts(waiting.message_id)["en"].facts["what_we_do"] == "We look for it."
    assert Sending.objects.get(message_id=outcome.message_id).left_at
    assert not [one for one in messaging.standing_freezes() if one.message_id == outcome.message_id]
    assert actions.tell_phase(actor, incident.pk, "first_notice").sent is None


def test_words_of_the_other_kind_do_not_go_again_nor_to_who_comes_in():
    actor, incident, notice = make_told()
    assert latest_facts(incident) is not None
    found = correct(actor, incident, "theft")
    with pytest.raises(Refused, match="another_kind"):
        actions.send_phase_again(actor, incident.pk, notice, SeenAgain("", 9))
    assert latest_facts(found) is None


def test_what_stands_is_kept_and_what_is_wrong_is_refused(low):
    actor, incident = low
    assert correct(actor, incident, incident.kind, incident.detected_at, "").version == incident.version
    for wrong, code in (
        ({"kind": "earthquake"}, "kind_unknown"),
        ({"detected_at": NOW + 9 * HOUR}, "detected_in_future"),
        ({"kind": "theft", "reason": " "}, "reason_needed"),
    ):
        with pytest.raises(Refused, match=code):
            correct(actor, incident, **wrong)
    with pytest.raises(Conflict, match=r"incident\.changed"):
        correct(actor, incident, "theft", seen_version=incident.version - 1)
    actions.dismiss_incident(actor, incident.pk, "Nothing")
    with pytest.raises(Refused, match="not_open"):
        correct(actor, incident, "theft")
    assert not Misreported.objects.exists()
    with pytest.raises(Refused, match="not_allowed"):
        correct(make_actor("auditor"), incident, "theft")


def test_the_page_shows_what_stands_and_keeps_what_was_typed_when_somebody_was_first(low):
    _actor, incident = low
    client, page = signed_in(make_dispatcher()), reverse("incidents:what", args=[incident.number])
    assert page in client.get(reverse("incidents:show", args=[incident.number])).text
    shown = client.get(page)
    noticed = shown.context["form"]["detected_at"].value()
    typed = {"kind": "theft", "detected_at": f"{noticed:%Y-%m-%dT%H:%M}", "reason": "Seal", "seen_version": 0}
    stale = client.post(page, typed)
    assert stale.status_code == 409 and "Seal" in stale.text
    client.post(page, {**typed, "seen_version": incident.version})
    assert again(incident).kind == "theft"
    assert (
        "not Recipient exception as was reported"
        in client.get(reverse("incidents:show", args=[incident.number])).text
    )
    assert signed_in(make_auditor()).get(page).status_code == 403
