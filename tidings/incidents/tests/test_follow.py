"""The scope lives: what changes of a shipment reaches the open incidents by itself, and nothing is sent by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, jobs, queries
from tidings.incidents.models import Affected, Incident
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel import feed
from tidings.kernel.installation import start_demo
from tidings.kernel.jobs import run_waiting
from tidings.kernel.models import AuditLine
from tidings.messaging.models import Recipient
from tidings.people.queries import system_actor
from tidings.shipments.models import Party, Position, Shipment
from tidings.shipments.tests.cast import make_event

pytestmark = pytest.mark.django_db


def opened() -> Incident:
    actor = make_actor()
    return queries.incident(actor, actions.open_incident(actor, make_report(kind="delay")))


def leaves(waybill: str) -> None:
    """The shipment departs from the hub, and the feed says that it changed."""
    shipment = Shipment.objects.get(waybill=waybill)
    Position.objects.filter(shipment=shipment).update(code="departed")
    feed.put("shipments", [shipment.pk])


def comes(waybill: str, **more: object) -> Shipment:
    shipment = make_shipment(waybill, make_customer(f"C-{waybill}"), make_place(), seen=timedelta(hours=3))
    Shipment.objects.filter(pk=shipment.pk).update(**more)
    feed.put("shipments", [shipment.pk])
    return shipment


def here(incident: Incident) -> set[str]:
    ids = Affected.objects.filter(incident=incident, gone_at=None).values("shipment_id")
    return set(Shipment.objects.filter(pk__in=ids).values_list("waybill", flat=True))


def test_who_comes_and_who_leaves_is_written_down_and_nobody_else_is_touched() -> None:
    make_hub_of_shipments()
    incident = opened()
    comes("WB9")
    leaves("WB3")
    jobs.follow()
    assert here(incident) == {"WB1", "WB2", "WB4", "WB9"}
    assert not Recipient.objects.exists()
    assert feed.take("shipments", 10) == []


def test_a_form_that_is_open_is_not_late_because_a_shipment_moved() -> None:
    make_hub_of_shipments()
    incident = opened()
    comes("WB9")
    jobs.follow()
    assert queries.incident(make_actor(), incident.pk).version == incident.version


def test_a_master_that_leaves_takes_its_houses_along() -> None:
    make_hub_of_shipments()
    master = Shipment.objects.get(waybill="WB1")
    house = make_shipment("H1", make_customer("C-H"), make_place("DEDUI", "Duisburg"))
    Position.objects.filter(shipment=house).delete()
    Shipment.objects.filter(pk=house.pk).update(parent=master)
    incident = opened()
    assert "H1" in here(incident)
    leaves("WB1")
    jobs.follow()
    assert here(incident) == {"WB2", "WB3", "WB4"}


def test_asking_for_what_changed_finds_what_asking_for_everything_finds() -> None:
    make_hub_of_shipments()
    incident = opened()
    comes("WB9")
    leaves("WB3")
    leaves("WB5")
    jobs.follow()
    followed = sorted(
        Affected.objects.filter(incident=incident, gone_at=None).values_list("shipment_id", "why")
    )
    found = actions.find_affected(make_actor(), incident.pk)
    assert (found.came, found.went) == (0, 0)
    asked = sorted(Affected.objects.filter(incident=incident, gone_at=None).values_list("shipment_id", "why"))
    assert followed == asked


def test_an_hour_of_changes_is_one_line_of_the_story_and_each_is_in_the_audit() -> None:
    make_hub_of_shipments()
    incident = opened()
    for waybill in ("WB7", "WB8", "WB9"):
        comes(waybill)
        jobs.follow()
    leaves("WB3")
    jobs.follow()
    [line] = incident.timeline.filter(code="followed")
    assert line.facts == {"came": 3, "went": 1}
    assert AuditLine.objects.filter(verb="incident.followed").count() == 4


def test_a_large_change_is_asked_about_whole() -> None:
    make_hub_of_shipments()
    incident = opened()
    for waybill in ("WB6", "WB7", "WB8", "WB9"):
        comes(waybill)
    assert actions.follow_shipments(system_actor("follow"), at_once=3) == 4
    assert feed.take("shipments", 10) == []
    assert here(incident) == {"WB1", "WB2", "WB3", "WB4"}
    run_waiting()
    assert {"WB6", "WB7", "WB8", "WB9"} <= here(incident)


def test_an_incident_that_has_ended_is_left_alone_and_the_feed_drains() -> None:
    make_hub_of_shipments()
    incident = opened()
    actions.dismiss_incident(make_actor(), incident.pk, "A false alarm")
    comes("WB9")
    jobs.follow()
    jobs.ask_all_whole()
    run_waiting()
    assert "WB9" not in here(incident)
    assert feed.take("shipments", 10) == []


def test_the_page_says_how_many_the_messages_do_not_fit_any_more() -> None:
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    incident = opened()
    actions.tell_phase(make_actor(), incident.pk, "first_notice")
    comes("WB9")
    leaves("WB3")
    jobs.follow()
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "1 shipment came in that nobody was told of yet" in page
    assert "1 shipment that was told of is affected no more" in page
    assert "Came in as shipments changed: 1; left: 1" in page


def test_what_changed_while_an_incident_was_being_opened_is_found_once_it_is_there() -> None:
    make_hub_of_shipments()
    incident = opened()
    comes("WB9")
    feed.drop("shipments")
    jobs.follow()
    assert "WB9" not in here(incident), "its line was dropped, as before the incident could be seen"
    run_waiting()
    assert "WB9" in here(incident)


def test_an_incident_whose_place_is_gone_holds_up_none_but_itself() -> None:
    make_hub_of_shipments()
    lost, incident = opened(), opened()
    scope = lost.scopes.get()
    scope.question["groups"][0]["all"][0]["values"] = ["XXNOWHERE"]
    scope.save(update_fields=["question"])
    comes("WB9")
    jobs.follow()
    assert "WB9" in here(incident) and "WB9" not in here(lost)
    assert feed.take("shipments", 10) == []


def test_a_houses_clock_counts_from_the_arrival_of_its_masters_event() -> None:
    hub, customer = make_place(), make_customer("C-1")
    master, house = (
        Shipment.objects.create(waybill=waybill, waybill_key=waybill, started_on=NOW.date())
        for waybill in ("M1", "H1")
    )
    Shipment.objects.filter(pk=house.pk).update(parent=master)
    Party.objects.create(shipment=house, role="account", customer=customer)
    incident = opened()
    arrived = NOW - timedelta(minutes=29)
    make_event(master, hub, NOW - timedelta(minutes=30), received_at=arrived)
    actions.find_affected(make_actor(), incident.pk)
    assert Affected.objects.get(incident=incident, shipment_id=house.pk).since == arrived
