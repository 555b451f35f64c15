"""Stolen goods are never low, whatever the kind: the floor and the proposal rise, and a hand goes up where the grade is below."""

import pytest
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, signed_in
from tidings.home.queries.worklist import worklist
from tidings.incidents import actions, queries, rules
from tidings.incidents.rules.grading import SHIPPED_ROWS, Situation, floor_of, proposal
from tidings.incidents.sql import Narrowed
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_report,
    shipments_named,
)
from tidings.kernel.errors import Refused
from tidings.shipments.models import Piece

pytestmark = pytest.mark.django_db
LOW, MEDIUM, HIGH, _CRITICAL = rules.Severity
STOLEN = rules.Meaning("stolen")


@pytest.mark.parametrize(
    ("kind", "stolen", "floor", "proposed", "because"),
    [
        ("recipient_exception", False, LOW, LOW, {"kind": "recipient_exception"}),
        ("recipient_exception", True, MEDIUM, MEDIUM, {"stolen": True}),
        ("delay", True, MEDIUM, MEDIUM, {"kind": "delay"}),
        ("fire", True, MEDIUM, HIGH, {"kind": "fire"}),
        ("theft", False, MEDIUM, HIGH, {"kind": "theft"}),
    ],
)
def test_stolen_goods_lift_the_floor_and_the_proposal(kind, stolen, floor, proposed, because):
    assert floor_of(kind, {}, stolen=stolen) is floor
    found = proposal(SHIPPED_ROWS, Situation(kind, stolen=stolen), floor)
    assert (found.severity, dict(found.because)) == (proposed, because)


def low_one():
    make_hub_of_shipments()
    return make_opened(kind="recipient_exception")


def of_reason(actor, incident):
    actions.set_effect(actor, incident.pk, "stolen")


def of_a_shipment(actor, incident):
    actions.set_effect_of(actor, incident.pk, Narrowed(shipments=shipments_named("WB1")), STOLEN)


def of_a_piece(actor, incident):
    wanted = Narrowed(shipments=shipments_named("WB1"))
    Piece.objects.create(shipment_id=wanted.shipments[0], key="P1", barcode="P1")
    actions.set_effect_of(actor, incident.pk, wanted, STOLEN, pieces=["P1"])


@pytest.mark.parametrize("say", [of_reason, of_a_shipment, of_a_piece])
def test_whatever_was_stolen_raises_a_hand_until_it_is_graded(say):
    actor, incident = low_one()
    assert incident.severity == "low" and queries.raised_above(incident) is None
    say(actor, incident)
    assert queries.proposal(incident).severity is MEDIUM
    assert [one.pk for one in queries.below_floor(actor, 9)] == [incident.pk]
    lines = [one for one in worklist(actor, NOW) if one.what == "worklist.below_floor"]
    assert [one.url for one in lines] == [reverse("incidents:grade", args=[incident.number])]
    page = reverse("incidents:show", args=[incident.number])
    assert "Goods were stolen" in signed_in(make_dispatcher()).get(page).text
    assert reverse("incidents:grade", args=[incident.number]) not in signed_in(make_auditor()).get(page).text
    actions.change_grade(actor, incident.pk, "medium")
    with pytest.raises(Refused, match="below_floor"):
        actions.change_grade(actor, incident.pk, "low", "Found again")
    incident.refresh_from_db()
    assert queries.raised_above(incident) is None and queries.below_floor(actor, 9) == []


def test_what_was_found_again_may_be_low_again():
    actor, incident = low_one()
    of_a_shipment(actor, incident)
    actions.set_effect_of(
        actor, incident.pk, Narrowed(shipments=shipments_named("WB1")), rules.Meaning("delayed")
    )
    assert queries.raised_above(incident) is None and queries.below_floor(actor, 9) == []


def test_a_report_of_stolen_goods_is_never_low():
    make_hub_of_shipments()
    report = {"kind": "recipient_exception", "effect": "stolen"}
    with pytest.raises(Refused, match="below_floor"):
        actions.open_incident(make_actor(), make_report(**report, severity="low"))
    _actor, incident = make_opened(**report)
    assert incident.severity == "medium"
    assert queries.raised_above(incident) is None
    assert incident.grade_changes.get().because == {"stolen": True}
