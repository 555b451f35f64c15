"""What an incident means is said of a reason, a shipment or a piece, and the closest word holds everywhere."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, queries, rules, sql
from tidings.incidents.models import Incident, ShipmentEffect
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging.models import Message
from tidings.shipments.models import Piece, Position, Shipment

pytestmark = pytest.mark.django_db


def of(*waybills: str) -> sql.Narrowed:
    ids = Shipment.objects.filter(waybill__in=waybills).values_list("pk", flat=True)
    return sql.Narrowed(shipments=list(ids))


def effects(incident: Incident) -> dict[str, str]:
    return {line.waybill: line.effect for line in queries.affected_lines(make_actor(), incident)}


def told_lines(incident: Incident) -> dict[str, dict[str, object]]:
    audience = queries.audience(incident, "first_notice", NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT lines FROM ({audience.sql}) told", dict(audience.params))
        return {line["waybill"]: line for (lines,) in cursor.fetchall() for line in _read(lines)}


def _read(lines: object) -> list[dict[str, object]]:
    return json.loads(lines) if isinstance(lines, str) else lines  # type: ignore[return-value]


def test_what_is_said_of_a_shipment_holds_above_its_reason_in_lists_counts_and_messages():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    until = NOW + timedelta(days=3)
    actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning("damaged", until_at=until))
    assert effects(incident) == {"WB1": "damaged", "WB2": "delayed", "WB3": "delayed", "WB4": "delayed"}
    counted = {one.effect: one.shipments for one in queries.counts_by_reason(actor, incident)}
    assert counted == {"delayed": 3, "damaged": 1}
    line = told_lines(incident)["WB1"]
    assert (line["effect"], str(line["expected_at"])[:19]) == ("damaged", until.isoformat()[:19])


def test_a_new_effect_of_the_reason_leaves_what_was_said_of_a_shipment():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning("damaged"))
    actions.set_effect(actor, incident.pk, "missing", why="there_now")
    assert effects(incident) == {"WB1": "damaged", "WB2": "missing", "WB3": "missing", "WB4": "missing"}
    actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning(""))
    assert effects(incident)["WB1"] == "missing"


def test_a_masters_effect_holds_for_its_houses_until_one_has_its_own():
    hub = make_place()
    master = make_shipment("M1", make_customer("C-M"), hub)
    for waybill in ("H1", "H2"):
        house = make_shipment(waybill, make_customer(f"C-{waybill}"), hub)
        Shipment.objects.filter(pk=house.pk).update(parent=master)
        Position.objects.filter(shipment=house).delete()
    actor, incident = make_opened(kind="delay")
    actions.set_effect_of(actor, incident.pk, of("M1"), rules.Meaning("lost"))
    assert effects(incident) == {"M1": "lost", "H1": "lost", "H2": "lost"}
    actions.set_effect_of(actor, incident.pk, of("H2"), rules.Meaning("damaged"))
    assert effects(incident) == {"M1": "lost", "H1": "lost", "H2": "damaged"}


def test_the_gravest_effect_of_some_pieces_is_told_with_their_barcodes():
    make_hub_of_shipments()
    shipment = Shipment.objects.get(waybill="WB1")
    for barcode in ("BC-1", "BC-2", "BC-3"):
        Piece.objects.create(shipment=shipment, key=barcode.replace("-", ""), barcode=barcode)
    actor, incident = make_opened(kind="delay")
    actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning("damaged"), pieces=["bc 1", "BC-2"])
    actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning("rerouted"), pieces=["BC-3"])
    [line] = queries.affected_lines(actor, incident, of("WB1"))
    assert (line.effect, line.pieces) == ("damaged", ["BC-1", "BC-2"])
    assert told_lines(incident)["WB1"]["pieces"] == ["BC-1", "BC-2"]
    with pytest.raises(Missing) as missing:
        actions.set_effect_of(actor, incident.pk, of("WB1"), rules.Meaning("lost"), pieces=["BC-9"])
    assert missing.value.code == "incident.no_such_piece"


def test_who_holds_the_goods_and_what_must_be_done_is_told():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    by = NOW + timedelta(days=1)
    held = rules.Meaning("held", held_by="customs", must_do="send_documents", do_by=by)
    assert actions.set_effect_of(actor, incident.pk, sql.Narrowed(text="C-en"), held) == 2
    line = told_lines(incident)["WB2"]
    assert (line["held_by"], line["must_do"]) == ("customs", "send_documents")
    assert str(line["do_by"])[:19] == by.isoformat()[:19]
    assert "held_by" not in told_lines(incident)["WB3"]
    actions.write_phase(actor, incident.pk, "first_notice", {})
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert Message.objects.count() == 1
    assert "held by customs" in page and "To do: send us the documents that are missing before" in page


@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        (rules.Meaning("squashed"), "incident.effect_unknown"),
        (rules.Meaning("held", held_by="pirates"), "incident.holder_unknown"),
        (rules.Meaning("held", must_do="dance"), "incident.duty_unknown"),
        (rules.Meaning("delayed", held_by="customs"), "incident.holder_of_what"),
        (rules.Meaning("held", do_by=NOW), "incident.by_when_of_what"),
        (
            rules.Meaning("delayed", from_at=NOW, until_at=NOW - timedelta(hours=1)),
            "incident.window_backwards",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(meaning, code):
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    with pytest.raises(Refused) as refused:
        actions.set_effect_of(actor, incident.pk, of("WB1"), meaning)
    assert refused.value.code == code
    assert not ShipmentEffect.objects.exists()


def test_a_list_that_grew_after_it_was_seen_is_looked_at_again():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    with pytest.raises(Conflict) as conflict:
        actions.set_effect_of(actor, incident.pk, sql.Narrowed(), rules.Meaning("lost"), seen_shipments=3)
    assert conflict.value.code == "incident.more_are_listed"
    assert not ShipmentEffect.objects.exists()


def test_another_units_incident_is_not_spoken_of():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    branch = make_actor(units=frozenset({incident.pk}))
    with pytest.raises(Missing):
        actions.set_effect_of(branch, incident.pk, sql.Narrowed(), rules.Meaning("lost"))


def test_the_page_says_how_many_it_is_about_and_sets_them_all():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    client = signed_in(make_dispatcher())
    address = reverse("incidents:effects", args=[incident.number]) + "?text=WB3"
    page = client.get(address)
    assert "For 1 shipment" in page.text and "WB3" in page.text
    seen = {"seen_version": incident.version, "seen_shipments": 1}
    answer = client.post(address, {**seen, "effect": "lost"})
    assert answer.status_code == 302
    assert effects(incident) == {"WB1": "delayed", "WB2": "delayed", "WB3": "lost", "WB4": "delayed"}
    again = client.post(address, {**seen, "effect": "damaged"})
    assert again.status_code == 409


def test_the_list_is_narrowed_by_effect_and_by_words():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    actions.set_effect_of(actor, incident.pk, of("WB1", "WB3"), rules.Meaning("lost"))
    client = signed_in(make_dispatcher())
    affected = reverse("incidents:affected", args=[incident.number])
    assert "WB2" not in (lost := client.get(affected, {"effect": "lost"}).text) and "WB3" in lost
    assert "WB3" in (nl := client.get(affected, {"text": "customer C-nl"}).text) and "WB1" not in nl
    assert "Nothing in this list" in client.get(affected, {"text": "100%"}).text
