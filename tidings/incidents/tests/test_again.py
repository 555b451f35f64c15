"""Behind each number stand the people it counts; and who was not reached is sent to again, once per press."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, signed_in
from tidings.customers.models import Address, Customer
from tidings.incidents import actions, queries
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging import actions as messaging
from tidings.messaging.models import Chunk, Recipient, Result
from tidings.messaging.queries import PARTS, SeenAgain, Shown

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def make_told():
    """Three told: one confirmed, one refused at the only address, one refused with a number to call; and one without an address."""
    hub = make_place()
    customers = [make_customer(f"C-{n}", address=None if n == 4 else "mail") for n in range(1, 5)]
    for number, customer in enumerate(customers, 1):
        make_shipment(f"WB{number}", customer, hub)
    Address.objects.create(
        contact=customers[2].contacts.get(), channel="sms", value="+31 970 3", key="319703", position=1
    )
    actor, incident = make_opened(kind="delay")
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    messaging.freeze_message(actor, message)
    approve(message)
    actions.send_phase(actor, incident.pk, message)
    rows = {row.name: row for row in Recipient.objects.all()}
    messaging.confirm(rows["Reader C-1"].pk, "link", NOW)
    for name in ("Reader C-2", "Reader C-3"):
        row = rows[name]
        Result.objects.create(
            delivery_id=row.pk,
            attempt=1,
            outcome="refused",
            recipient_id=row.pk,
            broadcast_id=row.broadcast_id,
            at=NOW,
        )
    Recipient.objects.filter(name__in=("Reader C-2", "Reader C-3")).update(
        state="unreachable", standing="refused", further=[]
    )
    Chunk.objects.update(state="done", refused=2, confirmed=1)
    Sending.objects.update(promised_by=None)
    return actor, Incident.objects.get(pk=incident.pk), message


def seen(message, people=2):
    return SeenAgain(queries.not_reached(Sending.objects.get(message_id=message), NOW).broadcast, people)


def test_the_people_behind_each_number_are_exactly_those_it_counts():
    actor, incident, _ = make_told()
    for at in (NOW, LATER):
        [reach] = queries.reach(incident, at)
        for part in PARTS:
            people = queries.people_of_phase(actor, incident, "first_notice", at, Shown(part=part))
            assert len(people) == getattr(reach, part)
        everybody = queries.people_of_phase(actor, incident, "first_notice", at)
        assert len(everybody) == reach.total == 4


def test_a_unit_sees_the_people_of_its_own_shipments():
    _actor, incident, _ = make_told()
    branch = new_id()
    first = Customer.objects.get(number="C-1")
    Affected.objects.filter(customer_id=first.pk).update(units=[branch])
    there = make_actor(units=frozenset({branch}))
    shown = queries.people_of_phase(there, incident, "first_notice", NOW)
    assert [one.name for one in shown] == ["Reader C-1"]


def test_sending_again_reaches_only_who_was_not_reached_on_the_next_rung_or_the_same():
    actor, incident, message = make_told()
    stands = queries.not_reached(Sending.objects.get(message_id=message), NOW)
    assert (dict(stands.by_channel), stands.without, stands.people) == ({"email": 1, "call": 1}, 1, 2)
    before = {row.name: row.delivery_id for row in Recipient.objects.all()}
    assert actions.send_phase_again(actor, incident.pk, message, seen(message)) == 2
    rows = {row.name: row for row in Recipient.objects.all()}
    assert {name for name, row in rows.items() if row.delivery_id != before[name]} == {
        "Reader C-2",
        "Reader C-3",
    }
    same, called = rows["Reader C-2"], rows["Reader C-3"]
    assert (same.state, same.channel, same.address, same.rung) == ("waiting", "email", "c-2@example.org", 2)
    assert (called.state, called.channel, called.address) == ("call_list", "call", "+31 970 3")
    assert [one["delivery_id"] for one in same.earlier] == [str(same.pk)]
    chunk = Chunk.objects.get(pk=same.chunk_id)
    assert (chunk.state, chunk.size, chunk.broadcast_id, same.place) == ("open", 1, same.broadcast_id, 0)
    old = Chunk.objects.exclude(pk=chunk.pk).get()
    assert (old.refused, old.moved, old.confirmed) == (0, 2, 1)
    [reach] = queries.reach(incident, NOW)
    assert (reach.in_time, reach.under_way, reach.unreachable) == (1, 2, 1)


def test_a_second_press_sends_nothing_and_neither_does_one_for_fewer():
    actor, incident, message = make_told()
    looked = seen(message)
    with pytest.raises(Conflict):
        actions.send_phase_again(actor, incident.pk, message, seen(message, people=1))
    actions.send_phase_again(actor, incident.pk, message, looked)
    with pytest.raises(Conflict) as again:
        actions.send_phase_again(actor, incident.pk, message, looked)
    assert again.value.code == "messaging.sent_again_meanwhile"
    with pytest.raises(Refused) as nobody:
        actions.send_phase_again(actor, incident.pk, message, seen(message))
    assert nobody.value.code == "messaging.nobody_left"
    assert Chunk.objects.count() == 2


def test_what_has_not_gone_or_promises_what_is_due_is_not_sent_again():
    actor, incident, message = make_told()
    with pytest.raises(Missing):
        actions.send_phase_again(actor, incident.pk, new_id(), SeenAgain("", 2))
    Sending.objects.update(promised_by=NOW - timedelta(minutes=1))
    with pytest.raises(Refused) as passed:
        actions.send_phase_again(actor, incident.pk, message, seen(message))
    assert passed.value.code == "incident.promise_passed"


def test_each_number_leads_to_its_people_and_they_to_the_press():
    _, incident, message = make_told()
    client = signed_in(make_dispatcher())
    people = reverse("incidents:people", args=[incident.number, "first_notice"])
    assert (
        f'{people}?part=unreachable"'
        in client.get(reverse("incidents:show", args=[incident.number])).content.decode()
    )
    shown = client.get(f"{people}?part=unreachable").content.decode()
    again = reverse("incidents:again", args=[incident.number, message])
    assert "Reader C-2" in shown and "Reader C-1" not in shown and again in shown
    preview = client.get(again).content.decode()
    assert "1 by e-mail" in preview and "1 by a person’s call" in preview and "Send again to 2" in preview
    stands = seen(message)
    form = {"seen_broadcast": stands.broadcast, "seen_people": "2"}
    assert "On its way again, to 2 contacts." in client.post(again, form, follow=True).content.decode()
    assert "Somebody sent it again" in client.post(again, form, follow=True).content.decode()
    agent = signed_in(make_agent())
    assert again not in agent.get(people).content.decode() and agent.get(again).status_code == 403
    assert client.get(reverse("incidents:people", args=[incident.number, "closing"])).status_code == 404
