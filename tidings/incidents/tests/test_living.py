"""What changes by itself: newly affected hear the first notice after a while, and a large change waits for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from tests.cast import make_administrator, make_dispatcher, signed_in
from tidings.incidents import actions, jobs, queries, rules
from tidings.incidents.models import Affected, HeldChange, Incident
from tidings.incidents.tests.cast import (
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel import feed
from tidings.kernel.errors import Refused
from tidings.kernel.installation import start_demo
from tidings.messaging.models import Recipient
from tidings.people.queries import actor_of
from tidings.shipments.models import Position, Shipment

pytestmark = pytest.mark.django_db


def told_incident() -> Incident:
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report(kind="delay")))
    actions.tell_phase(actor, incident.pk, "first_notice")
    return queries.incident(actor, incident.pk)


def come(*waybills: str) -> None:
    shipments = [
        make_shipment(waybill, make_customer(f"C-{waybill}"), make_place(), seen=timedelta(hours=3))
        for waybill in waybills
    ]
    feed.put("shipments", [shipment.pk for shipment in shipments])
    jobs.follow()


def leave(*waybills: str) -> None:
    left = list(Shipment.objects.filter(waybill__in=waybills).values_list("pk", flat=True))
    Position.objects.filter(shipment_id__in=left).update(code="departed")
    feed.put("shipments", left)
    jobs.follow()


def time_passes(incident: Incident) -> None:
    """As if everybody had been found a little longer ago than changes are gathered."""
    Affected.objects.filter(incident=incident).update(found_at=F("found_at") - rules.SHIPPED_BRAKE.gathered)


def readers() -> set[str]:
    return set(Recipient.objects.values_list("address", flat=True))


def test_who_comes_in_hears_the_first_notice_once_changes_were_gathered():
    incident = told_incident()
    come("WB9")
    jobs.tell_newly()
    assert "c-wb9@example.org" not in readers(), "not before they have been in for a while"
    time_passes(incident)
    jobs.tell_newly()
    assert "c-wb9@example.org" in readers()
    told = Recipient.objects.count()
    jobs.tell_newly()
    assert Recipient.objects.count() == told, "nobody hears it twice"


def test_who_comes_and_leaves_meanwhile_hears_nothing():
    incident = told_incident()
    come("WB9")
    leave("WB9")
    time_passes(incident)
    jobs.tell_newly()
    assert "c-wb9@example.org" not in readers()


def test_nobody_is_told_by_itself_before_a_person_sent_the_first_notice():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report(kind="delay")))
    time_passes(incident)
    jobs.tell_newly()
    assert not Recipient.objects.exists()


def test_a_large_change_waits_for_a_person_and_one_press_lets_it_go():
    incident = told_incident()
    come(*(f"NEW{number}" for number in range(21)))
    held = HeldChange.objects.get(incident=incident)
    assert (held.came, held.went, held.ended_at) == (21, 0, None)
    assert Affected.objects.filter(incident=incident).count() == 4
    come("WB9")
    assert Affected.objects.filter(incident=incident).count() == 4, "nothing changes by itself meanwhile"
    client = signed_in(make_dispatcher())
    assert (
        "A large change waits for you" in client.get(reverse("incidents:show", args=[incident.number])).text
    )
    assert "A large change of who is affected waits" in client.get("/").text
    client.post(reverse("incidents:let_go", args=[incident.number]))
    assert Affected.objects.filter(incident=incident, gone_at=None).count() == 4 + 21 + 1
    assert (
        "A large change waits for you"
        not in client.get(reverse("incidents:show", args=[incident.number])).text
    )
    come("WB10")
    assert Affected.objects.filter(incident=incident, gone_at=None).count() == 27, "and it lives on"


def test_many_small_changes_in_a_short_time_are_one_large_one():
    incident = told_incident()
    for number in range(21):
        come(f"NEW{number}")
    assert HeldChange.objects.filter(incident=incident, ended_at=None).exists()
    assert Affected.objects.filter(incident=incident, gone_at=None).count() == 4 + 20


def test_before_anybody_was_told_a_scope_grows_freely():
    make_hub_of_shipments()
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report(kind="delay")))
    come(*(f"NEW{number}" for number in range(30)))
    assert not HeldChange.objects.exists()
    assert Affected.objects.filter(incident=incident, gone_at=None).count() == 34


def test_where_nothing_waits_nothing_is_let_go():
    incident = told_incident()
    with pytest.raises(Refused) as refused:
        actions.let_change_go(make_actor(), incident.pk)
    assert refused.value.code == "incident.nothing_held"


def test_a_firms_own_brake_stops_a_change_that_the_shipped_one_lets_go():
    incident = told_incident()
    held = rules.SEVERITIES[Incident.objects.get(pk=incident.pk).severity]
    tight = replace(queries.policies()[held], brake=rules.Brake(few=1, gathered=timedelta(minutes=10)))
    actions.change_policy(actor_of(make_administrator()), tight)
    come("NEW1", "NEW2")
    assert HeldChange.objects.get(incident=incident).came == 2


def test_a_looser_brake_lets_a_change_go_that_the_shipped_one_stops():
    incident = told_incident()
    held = rules.SEVERITIES[Incident.objects.get(pk=incident.pk).severity]
    loose = replace(queries.policies()[held], brake=rules.Brake(few=100))
    actions.change_policy(actor_of(make_administrator()), loose)
    come(*(f"B{number}" for number in range(30)))
    assert not HeldChange.objects.exists()
    assert Affected.objects.filter(incident=incident).count() == 4 + 30
