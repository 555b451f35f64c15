"""The end of an incident: what it still needs, with the way to it; its review; corrective measures and their check."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Affected, Review, Task
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.errors import Conflict, Missing, Refused

pytestmark = pytest.mark.django_db
WEEK, QUARTER = NOW + timedelta(days=7), NOW + timedelta(days=90)


@pytest.fixture
def incident():
    make_place()
    return make_opened(kind="delay")[1]


def resolved(incident):
    for state in ("responding", "resolved"):
        actions.move_incident(make_actor(), incident.pk, state)
    incident.refresh_from_db()
    return incident


def page(name, incident, **more):
    return reverse(f"incidents:{name}", kwargs={"number": incident.number, **more})


def test_the_review_gives_cause_and_measures_and_keeps_every_version(incident):
    desk = make_actor()
    for text in ("Short circuit", "Short circuit in a charger"):
        actions.write_review(desk, incident.pk, actions.Lessons(text, "Chargers replaced", "Yearly check"))
    incident.refresh_from_db()
    assert (incident.cause, incident.measures) == ("Short circuit in a charger", "Chargers replaced")
    assert queries.review(incident).prevention == "Yearly check"
    assert Review.objects.count() == 2
    with pytest.raises(Conflict, match=r"incident\.changed"):
        actions.write_review(desk, incident.pk, actions.Lessons("x", "y"), seen_version=1)


def test_a_customer_without_a_contact_keeps_it_open_until_somebody_says_why():
    make_shipment("WB1", make_customer("C-1", address=""), make_place())
    incident = make_opened(kind="delay")[1]
    assert "unexplained" in queries.missing_for_closing(incident, NOW)
    with pytest.raises(Refused, match="reason_needed"):
        actions.record_unreachable(make_actor(), incident.pk, " ")
    assert actions.record_unreachable(make_actor(), incident.pk, "No address in any system") == 1
    assert "unexplained" not in queries.missing_for_closing(incident, NOW)
    make_shipment("WB2", make_customer("C-2", address=""), make_place())
    actions.find_affected(make_actor(), incident.pk)
    assert "unexplained" in queries.missing_for_closing(incident, NOW)


def test_nobody_is_recorded_as_unreachable_where_all_have_a_contact():
    make_hub_of_shipments()
    incident = make_opened(kind="delay")[1]
    with pytest.raises(Refused, match="nobody_unreachable"):
        actions.record_unreachable(make_actor(), incident.pk, "Why not")


def test_the_page_lists_what_is_missing_with_the_way_to_it(incident):
    resolved(incident)
    client = signed_in(make_dispatcher())
    shown = client.get(page("close", incident)).text
    for way in ("?phase=first_notice#composer", "?phase=closing#composer", page("review", incident)):
        assert way in shown
    refused = client.post(page("close", incident), {"seen_version": incident.version}, follow=True)
    assert "cannot be closed yet" in refused.text
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_with_nothing_missing_one_press_closes_it_and_it_reopens_with_a_reason():
    make_place()
    incident = resolved(make_opened(kind="recipient_exception")[1])
    actions.write_review(make_actor(), incident.pk, actions.Lessons("Nobody at home", "Delivered next day"))
    incident.refresh_from_db()
    client = signed_in(make_dispatcher())
    assert "Everything is there" in client.get(page("close", incident)).text
    client.post(page("close", incident), {"seen_version": incident.version})
    incident.refresh_from_db()
    assert incident.state == "closed"
    with pytest.raises(Refused, match="reason_needed"):
        actions.move_incident(make_actor(), incident.pk, "reopened")
    actions.move_incident(make_actor(), incident.pk, "reopened", "It happened again")
    incident.refresh_from_db()
    assert incident.state == "reopened" and incident.is_open


def test_a_lesson_is_a_task_whose_effect_somebody_checks(incident):
    desk = make_actor()
    with pytest.raises(Refused, match="check_before_due"):
        actions.add_corrective(desk, incident.pk, "it", "Spare line", QUARTER, WEEK)
    task = actions.add_corrective(desk, incident.pk, "it", "Spare line", WEEK, QUARTER)
    assert incident.timeline.filter(code="task_added").count() == 1
    with pytest.raises(Missing):
        actions.check_task(desk, task, True)
    assert queries.waiting_checks(desk, NOW) == []
    actions.finish_task(desk, task)
    assert [(one.pk, late) for one, late in queries.waiting_checks(desk, NOW)] == [(task, False)]
    assert queries.waiting_checks(desk, QUARTER + timedelta(days=1))[0][1]
    with pytest.raises(Refused, match="check_needs_reason"):
        actions.check_task(desk, task, False)
    actions.check_task(desk, task, False, "The line was never switched over")
    assert Task.objects.get().worked is False
    assert queries.waiting_checks(desk, NOW) == []
    with pytest.raises(Missing):
        actions.check_task(desk, task, True)


def test_review_and_measures_have_their_pages(incident):
    client = signed_in(make_dispatcher())
    told = {"cause": "Ice", "measures": "Salt", "went_well": "Calm", "seen_version": incident.version}
    shown = client.post(page("review", incident), told, follow=True).text
    assert "The review is written down." in shown and "Calm" in shown
    stale = client.post(page("review", incident), told)
    assert stale.status_code == 409 and "Ice" in stale.text
    lesson = {
        "department": "it",
        "text": "Spare line",
        "due_by": "2026-12-08T10:00",
        "check_by": "2027-03-01T10:00",
    }
    assert "Spare line" in client.post(page("corrective", incident), lesson, follow=True).text
    task = Task.objects.get()
    actions.finish_task(make_actor(), task.pk)
    refused = client.post(page("check_task", incident, task_id=task.pk), {"worked": "did_not_work"})
    assert refused.status_code == 422
    shown = client.post(page("check_task", incident, task_id=task.pk), {"worked": "worked"}, follow=True).text
    assert "it worked" in shown
    auditor = signed_in(make_auditor())
    assert "Ice" in auditor.get(page("review", incident)).text
    assert auditor.get(page("corrective", incident)).status_code == 403


@pytest.fixture
def storm():
    """A storm, and two hubs that it closed: one customer has goods in both."""
    both = make_customer("C-1")
    make_shipment("WB1", both, make_place())
    make_shipment("WB2", both, make_place("DEDUI", "Duisburg"))
    make_shipment("WB3", make_customer("C-2"), make_place("DEDUI", "Duisburg"))
    make_place("NLRTM", "Rotterdam")
    return (
        make_opened(kind="weather", place="NLRTM", title="Storm Ida")[1],
        make_opened(kind="weather")[1],
        make_opened(kind="weather", place="DEDUI")[1],
    )


def test_the_incident_above_shows_what_it_sums_up_to_each_customer_once(storm):
    above, *hubs = storm
    for hub in hubs:
        actions.set_parent(make_actor(), hub.pk, above.pk)
    above.refresh_from_db()
    found = queries.family(make_actor(), above)
    assert [one.pk for one in found.children] == [hub.pk for hub in hubs]
    assert (found.shipments, found.customers, found.told) == (3, 2, 0)
    shown = signed_in(make_dispatcher()).get(page("show", above)).text
    assert "Together 3 shipments of 2 customers" in shown
    below = signed_in(make_dispatcher()).get(page("show", hubs[0])).text
    assert "Storm Ida" in below


def test_an_incident_never_stands_below_itself(storm):
    above, hub, other = storm
    actions.set_parent(make_actor(), hub.pk, above.pk)
    actions.set_parent(make_actor(), other.pk, hub.pk)
    for wrong in (above, other, hub):
        with pytest.raises(Refused, match="parent_below"):
            actions.set_parent(make_actor(), above.pk if wrong is not hub else hub.pk, wrong.pk)
    client = signed_in(make_dispatcher())
    hub.refresh_from_db()
    client.post(page("parent", hub), {"parent": "", "seen_version": hub.version})
    hub.refresh_from_db()
    assert hub.parent_id is None


def test_merging_carries_the_affected_their_clock_the_promise_and_open_tasks(storm):
    _, source, target = storm
    desk = make_actor()
    actions.tell_phase(desk, source.pk, "first_notice")
    source.refresh_from_db()
    sent = source.first_notice_at is not None
    Affected.objects.filter(incident=source).update(told_at=NOW)
    source.next_update_by = NOW + timedelta(hours=1)
    source.save()
    actions.add_task(desk, source.pk, "operations", "Reroute", WEEK)
    actions.dismiss_incident(desk, source.pk, "One storm", merged_into=target.pk)
    target.refresh_from_db()
    carried = Affected.objects.filter(incident=target, gone_at=None)
    assert {(one.customer_id, one.told_at is not None) for one in carried} >= {
        (one.customer_id, True) for one in Affected.objects.filter(incident=source)
    }
    assert target.next_update_by == NOW + timedelta(hours=1)
    clock = queries.clock(target, NOW)
    assert clock and (clock.what, clock.due_by) == (rules.Phase.UPDATE, NOW + timedelta(hours=1))
    assert Task.objects.get().incident_id == target.pk
    assert not source.sendings.filter(sent_at=None, left_at=None).exists() or sent
    actions.find_affected(desk, target.pk)
    assert Affected.objects.filter(incident=target, gone_at=None).count() == 3
    assert queries.family(desk, target).merged == [queries.incident(desk, source.pk)]


def test_nobody_is_told_a_first_notice_twice_after_merging(storm):
    _, source, target = storm
    Affected.objects.filter(incident=source).update(told_at=NOW)
    actions.dismiss_incident(make_actor(), source.pk, "One storm", merged_into=target.pk)
    told = queries.audience_parts(
        make_actor(), queries.incident(make_actor(), target.pk), "first_notice", NOW
    )
    assert sum(part.contacts for part in told) == 2  # both customers have goods in the target's own hub
    Affected.objects.filter(incident=target, told_at=None).update(told_at=NOW)
    told = queries.audience_parts(
        make_actor(), queries.incident(make_actor(), target.pk), "first_notice", NOW
    )
    assert sum(part.contacts for part in told) == 0


def test_an_exercise_is_not_merged_into_the_real_thing(storm):
    drill = make_opened(kind="weather", drill=True)[1]
    with pytest.raises(Refused, match="drill_and_real"):
        actions.dismiss_incident(make_actor(), drill.pk, "Alike", merged_into=storm[0].pk)
