"""Corrections and all-clears: exactly those who got what was wrong, exactly those who were told and are affected no more."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import Address, Contact
from tidings.incidents import actions, queries
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    in_every_language,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
    make_told,
    readers,
    told,
)
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.messaging.models import Message, Recipient, Result
from tidings.shipments.models import Position, Shipment

pytestmark = pytest.mark.django_db

RIGHT = in_every_language(what_was_wrong="We wrote Tuesday.", what_is_right="It is Thursday.")


def corrected(actor: Actor, incident: Incident, wrong: UUID) -> UUID:
    return told(actor, incident, "correction", RIGHT, wrong)


def leave(waybill: str, *, delivered: timedelta | None = None) -> None:
    """The shipment turns out never to have been at the hub; `delivered` counts from when it was expected."""
    shipment = Shipment.objects.get(waybill=waybill)
    elsewhere = make_place("DEDUI", "Duisburg")
    at = shipment.estimated_at + delivered if delivered is not None else None
    Position.objects.filter(shipment=shipment).update(place=elsewhere, delivered_at=at)


def test_a_correction_goes_to_exactly_those_who_got_what_was_wrong():
    actor, incident, wrong = make_told()
    make_shipment("WB9", make_customer("C-new"), make_place())
    actions.find_affected(actor, incident.pk)
    message = corrected(actor, incident, wrong)
    assert set(readers(message)) == set(readers(wrong)) == {"Reader C-en", "Reader C-nl", "Reader C-zh-hans"}
    assert Sending.objects.get(message_id=message).corrects == wrong


def test_a_correction_shows_the_shipments_of_the_wrong_message_as_they_stand_now():
    actor, incident, wrong = make_told()
    actions.set_effect(actor, incident.pk, "damaged")
    leave("WB1")
    actions.find_affected(actor, incident.pk)
    lines = readers(corrected(actor, incident, wrong))["Reader C-en"].lines
    assert [(line["waybill"], line["effect"]) for line in lines] == [
        ("WB2", "damaged"),
        ("WB1", "unaffected"),
    ]


def test_who_was_never_reached_by_the_wrong_message_needs_no_correction():
    actor, incident, wrong = make_told()
    Recipient.objects.filter(message_id=wrong, name="Reader C-nl").update(state="unreachable")
    assert "Reader C-nl" not in readers(corrected(actor, incident, wrong))


def test_whose_mail_was_taken_but_not_confirmed_has_read_what_was_wrong():
    actor, incident, wrong = make_told()
    unconfirmed = readers(wrong)["Reader C-nl"]
    Recipient.objects.filter(pk=unconfirmed.pk).update(state="unreachable", reason="unconfirmed")
    Result.objects.create(
        delivery_id=unconfirmed.delivery_id,
        attempt=1,
        outcome="accepted",
        recipient_id=unconfirmed.pk,
        broadcast_id=unconfirmed.broadcast_id,
        at=NOW,
    )
    assert "Reader C-nl" in readers(corrected(actor, incident, wrong))


def test_a_reader_who_has_ended_since_is_counted_as_unreachable():
    actor, incident, wrong = make_told()
    Contact.objects.filter(name="Reader C-nl").update(ended_at=NOW)
    assert readers(corrected(actor, incident, wrong))["Reader C-nl"].state == "unreachable"


def test_a_raised_grade_counts_the_next_update_from_the_last_phase_and_not_from_a_correction():
    actor, incident, wrong = make_told()
    corrected(actor, incident, wrong)
    Sending.objects.filter(incident=incident, message_id=wrong).update(sent_at=now() - timedelta(hours=1))
    before = Sending.objects.get(incident=incident, message_id=wrong).sent_at
    actions.change_grade(actor, incident.pk, "critical", "Medicines on board")
    incident.refresh_from_db()
    assert before and incident.next_update_by == before + timedelta(hours=2)


def test_a_correction_leaves_promise_and_state_as_they_were():
    actor, incident, wrong = make_told()
    before = (incident.next_update_by, incident.state, incident.first_notice_at)
    corrected(actor, incident, wrong)
    incident.refresh_from_db()
    assert (incident.next_update_by, incident.state, incident.first_notice_at) == before


def test_a_correction_of_nothing_is_refused():
    actor, incident, _ = make_told()
    with pytest.raises(Refused) as refused:
        actions.tell_phase(actor, incident.pk, "correction", RIGHT)
    assert refused.value.code == "incident.corrects_nothing"
    assert not Message.objects.filter(phase="correction").exists()


def test_only_a_message_that_went_is_corrected():
    actor, incident, _ = make_told()
    draft = actions.write_phase(actor, incident.pk, "update", {})
    with pytest.raises(Missing):
        actions.write_phase(actor, incident.pk, "correction", RIGHT, corrects=draft)


def test_a_corrections_draft_remembers_which_message_it_puts_right():
    actor, incident, wrong = make_told()
    actions.write_phase(actor, incident.pk, "correction", RIGHT, corrects=wrong)
    shown = composer(actor, incident, "correction", NOW)
    assert shown.corrects is not None
    assert (shown.corrects.message_id, shown.contacts) == (wrong, 3)


def test_an_all_clear_goes_to_who_was_told_and_left_with_only_those_shipments():
    actor, incident, _ = make_told()
    leave("WB1")
    leave("WB3")
    actions.find_affected(actor, incident.pk)
    message = told(actor, incident, "all_clear")
    found = {name: [line["waybill"] for line in row.lines] for name, row in readers(message).items()}
    assert found == {"Reader C-en": ["WB1"], "Reader C-nl": ["WB3"]}
    assert {line["effect"] for row in readers(message).values() for line in row.lines} == {"unaffected"}


def test_an_all_clear_goes_to_exactly_who_heard_of_those_shipments():
    actor, incident, message = make_told()
    english = Contact.objects.get(name="Reader C-en").customer
    Contact.objects.create(
        customer=english, key="later", name="Came later", language="en", time_zone="Europe/Amsterdam"
    )
    Recipient.objects.filter(message_id=message, name="Reader C-nl").update(state="unreachable")
    for waybill in ("WB1", "WB3", "WB4"):
        leave(waybill)
    actions.find_affected(actor, incident.pk)
    Contact.objects.filter(name="Reader C-zh-hans").update(ended_at=NOW)
    found = {name: (row.state, [line["waybill"] for line in row.lines])
             for name, row in readers(told(actor, incident, "all_clear")).items()}  # fmt: skip
    assert found == {"Reader C-en": ("waiting", ["WB1"]), "Reader C-zh-hans": ("unreachable", ["WB4"])}
    assert set(Affected.objects.filter(told_at__isnull=False).values_list("gone_at", flat=True)) == {None}


def test_who_heard_first_of_an_update_gets_the_all_clear_too():
    actor, incident, _ = make_told()
    english = Contact.objects.get(name="Reader C-en").customer
    later = Contact.objects.create(
        customer=english, key="later", name="Came later", language="en", time_zone="Europe/Amsterdam"
    )
    Address.objects.create(
        contact=later, channel="email", value="later@example.org", key="later@example.org", position=0
    )
    told(actor, incident, "update", {code: {"status": "s", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")})  # fmt: skip
    leave("WB1")
    actions.find_affected(actor, incident.pk)
    assert set(readers(told(actor, incident, "all_clear"))) == {"Reader C-en", "Came later"}


def test_an_all_clear_is_sent_once_and_who_is_affected_again_is_told_anew():
    actor, incident, _ = make_told()
    leave("WB3")
    actions.find_affected(actor, incident.pk)
    told(actor, incident, "all_clear")
    with pytest.raises(Refused, match="nobody_to_tell"):
        told(actor, incident, "all_clear")
    Position.objects.filter(shipment__waybill="WB3").update(place=make_place(HUB))
    actions.find_affected(actor, incident.pk)
    again = told(actor, incident, "first_notice")
    assert set(readers(again)) == {"Reader C-nl"}


def test_who_is_unaffected_after_all_gets_the_all_clear_too():
    actor, incident, _ = make_told()
    actions.set_effect(actor, incident.pk, "unaffected")
    message = told(actor, incident, "all_clear")
    assert len(readers(message)) == 3
    assert not Affected.objects.filter(told_at__isnull=False).exists()


def test_goods_that_arrived_late_get_no_all_clear_but_the_closing_message():
    actor, incident, _ = make_told()
    leave("WB3", delivered=timedelta(hours=5))
    leave("WB4", delivered=-timedelta(hours=5))
    actions.find_affected(actor, incident.pk)
    cleared = told(actor, incident, "all_clear")
    assert set(readers(cleared)) == {"Reader C-zh-hans"}
    facts = in_every_language(cause="A crash.", measures="Cleared.", prevention="New barrier.")
    closing = told(actor, incident, "closing", facts)
    found = readers(closing)
    assert set(found) == {"Reader C-en", "Reader C-nl"}
    assert [line["effect"] for line in found["Reader C-nl"].lines] == ["delivered_late"]


def test_nobody_who_was_not_told_gets_an_all_clear():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    leave("WB1")
    actions.find_affected(actor, incident.pk)
    with pytest.raises(Refused, match="nobody_to_tell"):
        told(actor, incident, "all_clear")


def test_a_correction_begins_at_the_message_that_was_wrong():
    _actor, incident, wrong = make_told()
    page = signed_in(make_dispatcher())
    shown = page.get(reverse("incidents:show", args=[incident.number]))
    address = f"{reverse('incidents:write', args=[incident.number, 'correction'])}?of={wrong}"
    assert address in shown.text
    typed = {f"{code}.{fact}": said for code, told in RIGHT.items() for fact, said in told.items()}
    answer = page.post(address, {**typed, "corrects": str(wrong), "seen_message": ""})
    assert answer.status_code == 302
    composed = page.get(answer.url.partition("#")[0])
    assert "Puts right “First notice”" in composed.text
    assert Sending.objects.get(phase="correction").corrects == wrong


def test_a_correction_of_no_message_has_no_page():
    _, incident, _ = make_told()
    page = signed_in(make_dispatcher())
    assert page.get(reverse("incidents:write", args=[incident.number, "correction"])).status_code == 404


def test_an_actor_of_another_unit_reads_no_names_in_the_composer():
    _actor, incident, wrong = make_told()
    stranger = make_actor(units=frozenset())
    parts = queries.audience_parts(stranger, incident, "correction", NOW, wrong)
    assert sum(part.contacts for part in parts) == 3
    assert {part.name for part in parts} == {""}
