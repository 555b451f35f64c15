"""What is owed follows an incident into the one it is merged into: offers with their answers, promises, the law, customers' links."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tidings.incidents import actions, queries
from tidings.incidents.models import (
    Affected,
    Choice,
    HandPick,
    Incident,
    LegalNotice,
    Offer,
    PersonalPromise,
    Task,
)
from tidings.incidents.queries.choices import answers
from tidings.incidents.rules.choice import Offered, joined
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.incidents.tests.test_choice import answer, offer
from tidings.incidents.tests.test_own_page import page, tell, token
from tidings.kernel.clock import now
from tidings.shipments.models import Shipment

HOUR = timedelta(hours=1)
LANGUAGES = ("en", "nl", "zh-hans")


@pytest.mark.parametrize(
    ("kept", "other", "found"),
    [
        (
            Offered(("wait", "return"), "wait", NOW + HOUR),
            Offered(("wait", "cancel"), "cancel", NOW + 2 * HOUR),
            Offered(("wait", "return", "cancel"), "wait", NOW + 2 * HOUR),
        ),
        (
            Offered(("wait", "return"), "wait", NOW - HOUR, NOW),
            Offered(("wait", "return"), "wait", NOW + HOUR),
            Offered(("wait", "return"), "wait", NOW + HOUR),
        ),
        (
            Offered(("wait", "return"), "wait", NOW - HOUR, NOW - HOUR),
            Offered(("wait", "return"), "wait", NOW - 2 * HOUR),
            Offered(("wait", "return"), "wait", NOW - HOUR, NOW - HOUR),
        ),
    ],
)
def test_two_offers_become_one_in_which_nobody_loses_an_option_or_time(kept, other, found):
    assert joined(kept, other, NOW) == found


@pytest.fixture
def two(db):
    """Two incidents at one hub, of which the first has told its customers."""
    make_hub_of_shipments()
    actor, source = make_opened(kind="delay")
    tell(actor, source)
    _, target = make_opened(kind="weather")
    return actor, Incident.objects.get(pk=source.pk), target


def merge(actor, source: Incident, target: Incident) -> None:
    actions.dismiss_incident(actor, source.pk, "One storm", merged_into=target.pk)


def test_an_offer_its_answers_and_their_tasks_go_along_and_may_be_changed_by_the_old_link(two):
    actor, source, target = two
    made = offer(actor, source)
    answer("C-en", made, "redeliver")
    old = token("C-en")
    merge(actor, source, target)
    made.refresh_from_db()
    [task] = Task.objects.all()
    assert (made.incident_id, made.ended_at, task.incident_id) == (target.pk, None, target.pk)
    assert {one.option for one in answers(make_actor(), made)} == {"redeliver"}
    shown = Client().get(reverse("own:page", args=[old])).text
    assert "You chose: Deliver again" in shown and "What shall we do?" in shown
    Client().post(reverse("own:choose", args=[old]), {"offer": made.pk, "option": "wait"})
    task.refresh_from_db()
    assert task.end == "not_done"


def test_two_offers_for_one_effect_keep_the_answers_of_both_and_no_task_twice(two):
    actor, source, target = two
    first = offer(actor, source, options=("wait", "redeliver"))
    english = Shipment.objects.get(waybill="WB1")
    answer("C-en", first, "redeliver", english.pk)
    answer("C-nl", first, "redeliver")
    old = token("C-en")
    # The same customer answered for the same shipment in the other one too, by the link of that one.
    tell(actor, target)
    second = offer(actor, target, options=("wait", "return"), closes_at=now() + 2 * HOUR)
    answer("C-en", second, "return", english.pk)
    merge(actor, source, target)
    [one] = Offer.objects.filter(ended_at=None)
    assert (one.incident_id, one.options, one.closes_at) == (
        target.pk,
        ["wait", "redeliver", "return"],
        second.closes_at,
    )
    assert {(each.waybill, each.option) for each in answers(make_actor(), one)} == {
        ("WB1", "return"),
        ("WB3", "redeliver"),
    }
    assert {task.text for task in Task.objects.filter(end="")} == {
        "Return to the sender: WB1",
        "Deliver again: WB3",
    }
    [ended] = Task.objects.exclude(end="")
    assert ended.reason == f"{source.number} → {target.number}"
    assert Choice.objects.count() == 3
    shown = Client().get(reverse("own:page", args=[old])).text
    assert str(one.pk) in shown and str(first.pk) not in shown and str(second.pk) not in shown


def test_a_link_of_a_merged_incident_shows_what_both_told_and_what_is_owed_now(two):
    actor, source, target = two
    old = token("C-en")
    merge(actor, source, target)
    shown = Client().get(reverse("own:page", args=[old]))
    assert shown.status_code == 200 and "You hear from us again by" in shown.text
    facts = {
        code: {"status": "The road is open.", "what_changed": "x", "measures": "y"} for code in LANGUAGES
    }
    tell(actor, target, "update", facts)
    shown = Client().get(reverse("own:page", args=[old])).text
    assert "The road is open." in shown and "First notice" in shown
    assert "First notice" in page("C-en").text


def test_promises_and_the_laws_clocks_follow_and_what_was_done_stays_done(db):
    make_place()
    customer = make_customer("C-1")
    make_shipment("WB1", customer, make_place())
    actor, source = make_opened(kind="data_breach", detected_at=NOW - 3 * HOUR)
    _, target = make_opened(kind="system_outage")
    made = actions.promise_customer(actor, source.pk, customer.pk, "Call back", now() + HOUR)
    actions.note_legal(actor, source.pk, "gdpr_people", done_at=NOW, proof="Letter 7")
    before = {one.clock.code for one in queries.legal_clocks(target)}
    merge(actor, source, target)
    assert PersonalPromise.objects.get(pk=made).incident_id == target.pk
    clocks = {one.clock.code: one for one in queries.legal_clocks(Incident.objects.get(pk=target.pk))}
    assert set(clocks) == before | {"gdpr_authority", "gdpr_people"}
    assert clocks["gdpr_authority"].due_by == source.detected_at + timedelta(hours=72)
    assert clocks["gdpr_people"].notice.proof == "Letter 7"
    assert queries.legal_clocks(Incident.objects.get(pk=source.pk)) == []
    actions.note_legal(actor, target.pk, "gdpr_authority", done_at=NOW, proof="Form 1")


def test_of_a_clock_that_both_know_what_proves_it_stays(db):
    make_place()
    actor, source = make_opened(kind="data_breach")
    _, target = make_opened(kind="data_breach")
    owner = LegalNotice(incident=target, code="gdpr_authority", at=NOW, by_kind="person", by="x")
    owner.save(force_insert=True)
    actions.note_legal(actor, source.pk, "gdpr_authority", done_at=NOW, proof="Form 1")
    merge(actor, source, target)
    owner.refresh_from_db()
    assert (owner.done_at, owner.proof) == (NOW, "Form 1")


def test_what_people_added_by_hand_stays_affected_after_the_next_asking(two):
    actor, source, target = two
    elsewhere = Shipment.objects.get(waybill="WB5")
    actions.pick_by_hand(actor, source.pk, [elsewhere.pk], "in", "On the same truck")
    inside = Shipment.objects.get(waybill="WB1")
    actions.pick_by_hand(actor, source.pk, [inside.pk], "out", "Collected before")
    other = make_customer("C-portal")
    picked = HandPick(incident=source, customer_id=other.pk, verdict="in", reason="Uses the portal")
    picked.at, picked.by_kind, picked.by = now(), "person", "x"
    picked.save(force_insert=True)
    merge(actor, source, target)
    actions.find_affected(actor, target.pk)
    there = Affected.objects.filter(incident=target, gone_at=None)
    assert there.filter(shipment_id=elsewhere.pk).exists()
    assert there.filter(shipment_id=inside.pk).exists(), "the target found it itself"
    assert there.filter(shipment_id=None, customer_id=other.pk).exists()
    assert HandPick.objects.filter(incident=target).count() == 2
