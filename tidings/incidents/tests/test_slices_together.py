"""Where two abilities meet: a corrected detection and newcomers, service restored twice, a client first who is asleep, a merge,
the end while somebody hears later."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tidings.customers.models import Contact, Customer
from tidings.customers.rules import Hearing
from tidings.incidents import actions, queries
from tidings.incidents.actions.newly import tell_newly_affected
from tidings.incidents.models import Affected
from tidings.incidents.sql import waited_for
from tidings.incidents.tests.cast import (
    in_every_language,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
    make_told,
    readers,
    sent_first_notice,
    told,
)
from tidings.incidents.tests.test_contracts import CLIENT, CONSIGNEE, make_world
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging.models import Recipient
from tidings.people.queries import system_actor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
UPDATE = in_every_language(status="Ice.", what_changed="Vans leave.", measures="Salt.")
RESTORED = in_every_language(what_works="Every lane again.", what_stays_late="Nothing.")


def late_one(actor, incident, number="C-9", waybill="WB9"):
    """A shipment that was found only now, with its reader."""
    make_shipment(waybill, make_customer(number), make_place(), seen=timedelta(hours=3))
    actions.find_affected(actor, incident.pk)


def test_a_detection_corrected_to_later_gives_newcomers_no_more_time():
    actor, incident, _notice = make_told(detected_at=now() - 5 * HOUR)
    late_one(actor, incident)
    Affected.objects.filter(incident=incident, told_at=None).update(since=now() - 4 * HOUR)
    before = queries.newcomers_of(actor, queries.incident(actor, incident.pk), now())
    actions.correct_what(actor, incident.pk, actions.What(None, now() - HOUR), "Misread")
    after = queries.newcomers_of(actor, queries.incident(actor, incident.pk), now())
    assert before and after
    assert after.due_by == before.due_by


def test_service_restored_told_to_a_late_one_moves_the_closing_of_the_others_no_later():
    actor, incident, _notice = make_told()
    told(actor, incident, "restored", RESTORED)
    owed = queries.incident(actor, incident.pk)
    assert owed.next_phase == "closing"
    with time_machine.travel(now() + 5 * HOUR, tick=False):
        late_one(actor, incident)
        told(actor, incident)
        told(actor, incident, "restored", RESTORED)
    after = queries.incident(actor, incident.pk)
    assert (after.next_phase, after.next_update_by) == ("closing", owed.next_update_by)


NIGHT = datetime(2026, 12, 2, 22, tzinfo=UTC)
"""Eleven in the evening in Amsterdam."""


def heard():
    return set(Recipient.objects.values_list("name", flat=True))


def test_a_client_who_hears_first_and_is_asleep_is_followed_once_it_heard():
    with time_machine.travel(NIGHT, tick=False):
        actor, incident = make_world(Hearing("client_first", after=30))
        Contact.objects.filter(name=CLIENT).update(quiet_from="22:00", quiet_until="07:00")
        sent_first_notice(actor, incident)
        assert heard() == {CLIENT}
    beat = system_actor("newly affected")
    with time_machine.travel(NIGHT + 5 * HOUR, tick=False):
        assert tell_newly_affected(beat, incident.pk) is None
        assert heard() == {CLIENT}, "its message waits until seven"
    with time_machine.travel(NIGHT + 8 * HOUR + timedelta(minutes=31), tick=False):
        assert tell_newly_affected(beat, incident.pk) == 1
        assert heard() == {CLIENT, CONSIGNEE}


def test_a_client_with_somebody_awake_has_heard_at_once():
    with time_machine.travel(NIGHT, tick=False):
        actor, incident = make_world(Hearing("client_first", after=30))
        asleep = Contact.objects.get(name=CLIENT)
        Contact.objects.filter(pk=asleep.pk).update(quiet_from="22:00", quiet_until="07:00")
        awake = Contact.objects.create(
            customer_id=asleep.customer_id, key="night", name="Night desk", language="en", time_zone="UTC"
        )
        awake.addresses.create(channel="email", value="n@example.org", key="n@example.org", position=0)
        sent_first_notice(actor, incident)
    with time_machine.travel(NIGHT + timedelta(minutes=31), tick=False):
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) == 1
        assert heard() == {CLIENT, "Night desk", CONSIGNEE}


def test_a_clients_word_goes_along_into_what_an_incident_is_merged_into():
    actor, incident = make_world(Hearing("client_first"))
    client = Contact.objects.get(name=CLIENT).customer
    sent_first_notice(actor, incident)
    actions.note_client_agrees(actor, incident.pk, client.pk)
    sent_first_notice(actor, incident)
    assert heard() == {CLIENT, CONSIGNEE}
    _, other = make_opened(kind="delay")
    sent_first_notice(actor, other)
    actions.dismiss_incident(actor, incident.pk, "The same", merged_into=other.pk)
    update = told(actor, queries.incident(actor, other.pk), "update", UPDATE)
    assert set(readers(update)) == {CLIENT, CONSIGNEE}


@pytest.mark.parametrize(("after", "owed"), [(30, True), (None, False)])
def test_nothing_is_settled_while_somebody_hears_some_minutes_after_the_client(after, owed):
    actor, incident = make_world(Hearing("client_first", after=after))
    sent_first_notice(actor, incident)
    Recipient.objects.update(state="unreachable", next_at=None)
    assert queries.is_settled(queries.incident(actor, incident.pk), now()) is not owed


def test_a_first_notice_is_put_together_for_nobody_where_nobody_came_in():
    _actor, incident, _notice = make_told()
    with CaptureQueriesContext(connection) as asked:
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) is None
    assert len(asked) == 1 and "bound AS" not in asked[0]["sql"]


def test_who_heard_once_hears_updates_also_while_their_client_is_owed_the_notice_again():
    actor, incident = make_world(Hearing("client_first", after=30))
    sent_first_notice(actor, incident)
    with time_machine.travel(now() + HOUR, tick=False):
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) == 1
        Affected.objects.filter(roles=["account"]).update(told_at=None)
        update = told(actor, queries.incident(actor, incident.pk), "update", UPDATE)
    assert set(readers(update)) == {CLIENT, CONSIGNEE}


def test_a_unit_sees_its_own_client_among_those_waited_for_however_many_others_there_are():
    _actor, incident = make_world(Hearing("client_first"), other=Hearing("client_first"))
    unit = new_id()
    Customer.objects.filter(number="C-3").update(unit_id=unit)
    [first] = waited_for(incident.pk, now(), most=1)
    [own] = waited_for(incident.pk, now(), units=frozenset({unit}), most=1)
    assert (first.name, own.name) == ("Customer C-1", "Customer C-3")
