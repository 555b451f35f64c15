"""Newcomers stand on the worklist with their own clock and the reason why they are not told; so does who waits for an all-clear."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.home.queries import pressing, worklist
from tidings.incidents import actions, jobs, queries, rules
from tidings.incidents.models import Affected, HeldChange, Incident
from tidings.incidents.rules.newly import Untold, why_untold
from tidings.incidents.tests.cast import in_every_language, make_actor, make_told, told
from tidings.incidents.tests.test_living import come, leave
from tidings.kernel.clock import now
from tidings.ui.rail import Counting
from tidings.ui.words import label

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("large", "resolved", "facts", "in_hand", "minutes", "why"),
    [
        (False, False, True, "", 1, "gathering"),
        (False, False, True, "", 4, "gathering"),
        (False, False, True, "", 6, "refused"),
        (True, True, False, "in_hand", 6, "large_change"),
        (False, True, False, "in_hand", 6, "resolved"),
        (False, False, False, "in_hand", 1, "corrected"),
        (False, False, True, "approval", 1, "approval"),
        (False, False, True, "sent_back", 60, "sent_back"),
    ],
)
def test_why_newcomers_are_not_told(large, resolved, facts, in_hand, minutes, why):
    found = why_untold(
        large_change=large,
        resolved=resolved,
        facts=facts,
        in_hand=in_hand,
        waited=minutes * MINUTE,
        gathered=rules.SHIPPED_BRAKE.gathered,
    )
    assert found == why


def lines(what: str):
    return [one for one in worklist(make_actor(), now()) if one.what == what]


def why(incident) -> tuple[int, str]:
    found = queries.newcomers_of(make_actor(), incident, now())
    assert found is not None
    [line] = lines("worklist.untold")
    assert line.due_by == found.due_by and line.because == found.word
    return found.customers, found.why.value


def long_ago(incident) -> None:
    """As if who came in had been in for a day and more."""
    Affected.objects.filter(incident=incident, told_at=None).update(
        found_at=F("found_at") - timedelta(hours=30), since=F("since") - timedelta(hours=30)
    )


@pytest.mark.django_db
def test_newcomers_have_a_line_with_their_own_clock_until_they_are_told():
    _, incident, _ = make_told(severity="medium")
    come("WB9", "WB10")
    assert why(incident) == (2, "gathering")
    since = Affected.objects.filter(incident=incident, told_at=None).earliest("since").since
    [line] = lines("worklist.untold")
    assert line.due_by == max(since, incident.detected_at) + timedelta(hours=24)
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "2 customers not told yet" in page
    Affected.objects.filter(incident=incident).update(found_at=F("found_at") - rules.SHIPPED_BRAKE.gathered)
    jobs.tell_newly()
    assert lines("worklist.untold") == []


@pytest.mark.django_db
def test_the_line_says_why_it_does_not_go_by_itself():
    actor, incident, message = make_told(severity="medium")
    come("WB9")
    actions.write_phase(actor, incident.pk, "first_notice", in_every_language(what_we_do="We look."))
    assert why(incident) == (1, "in_hand")
    held = HeldChange.objects.create(incident=incident, came=30, went=0, told_went=0, at=now())
    assert why(incident) == (1, "large_change")
    [line] = lines("worklist.untold")
    assert line.url.endswith("#affected-part")
    held.delete()
    incident.sendings.filter(sent_at=None).delete()
    right = in_every_language(what_was_wrong="It is open.", what_is_right="It is closed.")
    told(actor, incident, "correction", right, corrects=message)
    assert why(incident) == (1, "corrected")
    actions.move_incident(actor, incident.pk, "resolved")
    incident.refresh_from_db()
    assert why(incident) == (1, "resolved")
    assert "the incident is resolved" in signed_in(make_dispatcher()).get("/").text


@pytest.mark.django_db
def test_what_should_have_gone_by_itself_and_did_not_was_refused_and_counts_as_late():
    _, incident, _ = make_told(severity="medium")
    come("WB9")
    before = pressing(Counting(make_actor(), now()))
    long_ago(incident)
    earlier = F("detected_at") - timedelta(hours=40)
    Incident.objects.update(detected_at=earlier, first_notice_by=earlier)
    incident.refresh_from_db()
    assert why(incident) == (1, "refused")
    assert pressing(Counting(make_actor(), now())) == (before[0] + 1, before[1] + 1)


@pytest.mark.django_db
def test_who_was_told_and_is_affected_no_more_waits_for_a_person():
    actor, incident, _ = make_told(severity="medium")
    assert lines("worklist.all_clear") == []
    leave("WB3")
    [line] = lines("worklist.all_clear")
    assert line.thing_kind == "1 customer" and line.url.endswith("?phase=all_clear#composer")
    told(actor, incident, "all_clear", in_every_language(what_it_means="It moves again."))
    assert lines("worklist.all_clear") == []


def test_every_reason_has_its_words():
    assert all(label(f"incident.newly.{one}") != f"incident.newly.{one}" for one in Untold)
