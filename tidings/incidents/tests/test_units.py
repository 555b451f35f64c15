"""What a unit sees of an incident is what it sees of its shipments: one rule, in both places."""

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, make_unit, signed_in
from tidings.customers.models import Customer
from tidings.incidents import actions, queries
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_actor, make_customer, make_place, make_report, make_shipment
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing
from tidings.kernel.ids import new_id
from tidings.people.queries import actor_of
from tidings.shipments.queries.seen import shipments_of

pytestmark = pytest.mark.django_db


def test_a_client_team_sees_its_clients_incidents_wherever_they_are() -> None:
    branch, team, stranger = new_id(), new_id(), new_id()
    hub, client = make_place(), make_customer("C-1")
    Customer.objects.filter(pk=client.pk).update(unit_id=team)
    make_shipment("WB1", client, hub, unit=branch)
    make_shipment("WB2", make_customer("C-2"), hub, unit=branch)
    make_shipment("WB3", None, hub)
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report()))
    for unit, waybills in ((team, ["WB1"]), (branch, ["WB1", "WB2"])):
        reader = make_actor(units=frozenset({unit}))
        assert queries.incident(reader, incident.number).pk == incident.pk
        assert [line.waybill for line in queries.affected_lines(reader, incident)] == waybills
        assert queries.affected(reader, incident).count() == len(waybills)
        assert sum(one.shipments for one in queries.counts_by_reason(reader, incident)) == len(waybills)
        assert {one.waybill for one in shipments_of(reader)} == set(waybills), (
            "the list of shipments says the same"
        )
    with pytest.raises(Missing):
        queries.incident(make_actor(units=frozenset({stranger})), incident.number)
    assert len(queries.affected_lines(actor, incident)) == 3


def test_a_team_sees_an_incident_and_does_not_change_it() -> None:
    team, client = new_id(), make_customer("C-1")
    Customer.objects.filter(pk=client.pk).update(unit_id=team)
    make_shipment("WB1", client, make_place())
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report()))
    with pytest.raises(Missing):
        actions.change_facts(make_actor(units=frozenset({team})), incident.pk, actions.Facts(what="x"))


def test_a_client_that_moves_to_another_team_is_seen_by_it_when_the_question_is_asked_again() -> None:
    old, new = new_id(), new_id()
    client = make_customer("C-1")
    Customer.objects.filter(pk=client.pk).update(unit_id=old)
    make_shipment("WB1", client, make_place())
    actor = make_actor()
    incident = queries.incident(actor, actions.open_incident(actor, make_report()))
    Customer.objects.filter(pk=client.pk).update(unit_id=new)
    actions.find_affected(actor, incident.pk)
    assert [one.pk for one in queries.incidents(make_actor(units=frozenset({new})))] == [incident.pk]
    assert not queries.incidents(make_actor(units=frozenset({old})))


def test_an_incident_is_its_reporters_own_units_and_never_one_of_several_by_chance() -> None:
    make_place()
    region = make_unit("South", "region")
    branches = [make_unit(f"Branch {n}", "branch", parent=region) for n in range(3)]
    for who in (region, branches[1]):
        actor = actor_of(make_dispatcher(unit=who))
        incident = queries.incident(actor, actions.open_incident(actor, make_report()))
        assert incident.unit_id == who.pk
    boss = actor_of(make_dispatcher())
    assert Incident.objects.get(pk=actions.open_incident(boss, make_report())).unit_id == boss.unit


def test_who_sees_several_units_says_whose_it_is_and_names_only_those_they_see() -> None:
    make_place()
    region = make_unit("South", "region")
    branch, elsewhere = make_unit("Venlo", "branch", parent=region), make_unit("Delft", "branch")
    client = signed_in(make_dispatcher(unit=region))
    page = client.get(reverse("incidents:report")).text
    assert "Whose incident" in page and "Venlo" in page and "Delft" not in page
    fields = {"kind": "accident", "place": "NLVEN-H1", "window_from": "2026-11-22T05:55"}
    assert client.post(reverse("incidents:report"), fields | {"unit": str(branch.pk)}).status_code == 302
    assert Incident.objects.get().unit_id == branch.pk
    assert client.post(reverse("incidents:report"), fields | {"unit": str(elsewhere.pk)}).status_code == 422
    with pytest.raises(Missing, match="no_such_unit"):
        actions.open_incident(actor_of(make_dispatcher(unit=region)), make_report(unit=elsewhere.pk))
    alone = signed_in(make_dispatcher(unit=branch))
    assert "Whose incident" not in alone.get(reverse("incidents:report")).text


def test_the_stream_of_changes_is_for_who_sees_the_incident() -> None:
    make_shipment("WB1", make_customer("C-1"), make_place())
    number = queries.incident(make_actor(), actions.open_incident(make_actor(), make_report())).number
    path = reverse("incidents:live", args=[number])
    assert signed_in(make_dispatcher()).get(path).headers["Content-Type"] == "text/event-stream"
    branch = make_dispatcher(unit=make_unit("Breda", "branch"))
    assert signed_in(branch).get(path).status_code == 404
    assert queries.others_here(make_actor(), Incident.objects.get(), now()) != []
