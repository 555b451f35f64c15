"""The holding notice: when it may go, to whom, what remains owed, and that another person reviews it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_approver, make_dispatcher, signed_in
from tidings.home.queries import worklist
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import HoldingReview, Incident, Sending, TimelineLine
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Missing, Refused
from tidings.messaging.actions import approve_text
from tidings.messaging.models import Recipient
from tidings.messaging.queries import texts_for

WHY = "The approver on duty does not answer."
DETECTED = NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("second_person", "answers", "expected"),
    [
        (False, None, timedelta(0)),
        (True, None, timedelta(hours=4)),
        (True, timedelta(hours=1), timedelta(hours=1)),
        (True, timedelta(hours=6), timedelta(hours=4)),
    ],
)
def test_whoever_is_asked_has_time_to_answer_but_no_longer_than_the_first_notice(
    second_person, answers, expected
):
    found = rules.holding_from(
        second_person=second_person,
        answer_by=answers if answers is None else DETECTED + answers,
        first_by=DETECTED + timedelta(hours=4),
        detected_at=DETECTED,
    )
    assert found - DETECTED == expected


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [ActorKind.KEY, ActorKind.COMMAND, ActorKind.SYSTEM])
def test_nothing_but_a_person_decides_to_go_without_an_approver(kind):
    actor, incident = overdue()
    with pytest.raises(Refused) as refused:
        held(replace(actor, kind=kind), incident)
    assert refused.value.code == "api.people_approve"
    assert not Sending.objects.exists()


def approved_beforehand(kind: str) -> None:
    for language, text in texts_for(kind, "holding").items():
        approve_text(make_actor("approver"), kind, "holding", language, text.digest)


def overdue(kind: str = "accident") -> tuple[Actor, Incident]:
    """A high incident that nobody has been told of although its first notice is late."""
    make_hub_of_shipments()
    approved_beforehand(kind)
    return make_opened(kind=kind, detected_at=NOW - timedelta(hours=6))


def held(actor: Actor, incident: Incident) -> UUID:
    return actions.tell_phase(actor, incident.pk, "holding", reason=WHY).message_id


@pytest.mark.django_db
def test_while_an_approver_has_time_nothing_is_held():
    make_hub_of_shipments()
    approved_beforehand("accident")
    actor, incident = make_opened(kind="accident")
    with pytest.raises(Refused) as refused:
        held(actor, incident)
    assert refused.value.code == "incident.holding_too_early"
    assert not Sending.objects.exists()


@pytest.mark.django_db
def test_where_no_second_person_is_asked_it_goes_at_once():
    make_hub_of_shipments()
    approved_beforehand("delay")
    actor, incident = make_opened(kind="delay")
    assert Recipient.objects.filter(message_id=held(actor, incident)).count() == 3


@pytest.mark.django_db
def test_without_a_reason_it_does_not_go():
    actor, incident = overdue()
    with pytest.raises(Refused) as refused:
        actions.tell_phase(actor, incident.pk, "holding", reason="  ")
    assert refused.value.code == "incident.holding_needs_reason"
    assert not Recipient.objects.exists()


@pytest.mark.django_db
def test_a_text_that_nobody_approved_beforehand_is_not_sent():
    make_hub_of_shipments()
    actor, incident = make_opened(detected_at=NOW - timedelta(hours=6))
    with pytest.raises(Refused) as refused:
        held(actor, incident)
    assert refused.value.code == "incident.holding_not_prepared"
    assert not Sending.objects.exists()


@pytest.mark.django_db
def test_nobody_writes_sentences_of_their_own_into_it():
    actor, incident = overdue()
    with pytest.raises(Refused) as refused:
        actions.write_phase(actor, incident.pk, "holding", {"en": {"what_happened": "All is well."}})
    assert refused.value.code == "incident.holding_as_prepared"


@pytest.mark.django_db
def test_the_first_notice_remains_owed_to_the_same_readers():
    actor, incident = overdue()
    message = held(actor, incident)
    incident.refresh_from_db()
    clock = queries.clock(incident, NOW)
    assert clock is not None
    assert (clock.what, clock.late, incident.first_notice_at) == ("first_notice", True, None)
    parts = queries.audience_parts(actor, incident, "first_notice", NOW)
    assert sum(part.contacts for part in parts) == Recipient.objects.filter(message_id=message).count() == 3


@pytest.mark.django_db
def test_it_goes_once_to_each_and_again_only_to_who_came_in():
    actor, incident = overdue()
    held(actor, incident)
    with pytest.raises(Refused, match="nobody_to_tell"):
        held(actor, incident)
    make_shipment("WB9", make_customer("C-new"), make_place())
    actions.find_affected(actor, incident.pk)
    names = Recipient.objects.filter(message_id=held(actor, incident)).values_list("name", flat=True)
    assert list(names) == ["Reader C-new"]


@pytest.mark.django_db
def test_who_was_told_by_it_counts_as_told():
    actor, incident = overdue()
    held(actor, incident)
    with pytest.raises(Refused) as refused:
        actions.dismiss_incident(actor, incident.pk, "Nothing happened.")
    assert refused.value.code == "incident.customers_were_told"
    actions.set_effect(actor, incident.pk, "unaffected")
    parts = queries.audience_parts(actor, incident, "all_clear", NOW)
    assert sum(part.contacts for part in parts) == 3


@pytest.mark.django_db
def test_another_person_reviews_it_afterwards_and_once():
    actor, incident = overdue()
    message = held(actor, incident)
    sender = Actor(actor.kind, actor.ref, actor.abilities | {"message.approve"}, None)
    with pytest.raises(Refused) as refused:
        actions.review_holding(sender, incident.pk, message, "Fine.")
    assert refused.value.code == "incident.review_of_ones_own"
    approver = make_actor("approver")
    assert [line.thing for line in worklist(approver, NOW) if line.what == "worklist.review_holding"] == [
        incident.number
    ]
    actions.review_holding(approver, incident.pk, message, "Right to send it.")
    assert HoldingReview.objects.get().by == approver.ref
    assert TimelineLine.objects.get(code="holding_reviewed").text == "Right to send it."
    assert not [line for line in worklist(approver, NOW) if line.what == "worklist.review_holding"]
    with pytest.raises(Missing):
        actions.review_holding(approver, incident.pk, message, "Again.")


@pytest.mark.django_db
def test_the_page_asks_for_a_reason_and_shows_what_is_to_review():
    _actor, incident = overdue()
    page = signed_in(make_dispatcher())
    address = reverse("incidents:show", args=[incident.number])
    shown = page.get(address, {"phase": "holding"})
    assert 'name="reason"' in shown.text
    assert "The first notice remains owed" in shown.text
    found = queries.incident(make_actor(), incident.pk)
    seen = {"seen_version": found.version, "seen_message": "", "seen_contacts": 3, "reason": WHY}
    page.post(reverse("incidents:send", args=[incident.number, "holding"]), seen)
    assert WHY in page.get(address).text
    review = signed_in(make_approver())
    assert "What you found" in review.get(address).text
    sent = Sending.objects.get(phase="holding")
    review.post(reverse("incidents:review", args=[incident.number, sent.message_id]), {"found": "Right."})
    assert HoldingReview.objects.get().found == "Right."
