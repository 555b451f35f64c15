"""What a unit sees of an incident is what it sees of its shipments: one rule, in both places."""

import pytest

from tidings.customers.models import Customer
from tidings.incidents import actions, queries
from tidings.incidents.tests.cast import make_actor, make_customer, make_place, make_report, make_shipment
from tidings.kernel.errors import Missing
from tidings.kernel.ids import new_id
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
