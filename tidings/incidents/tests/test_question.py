"""The question built on a page: terms and groups, a preview that is confirmed, and what people pick by hand."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, make_unit, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Affected, HandPick, Incident
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.installation import start_demo
from tidings.shipments.models import EventSource, Position, Shipment
from tidings.shipments.queries.parts import ids_named

pytestmark = pytest.mark.django_db


def here(incident: Incident) -> dict[str, str]:
    rows = Affected.objects.filter(incident=incident, gone_at=None)
    names = dict(Shipment.objects.values_list("pk", "waybill"))
    return {names[row.shipment_id]: row.why for row in rows}


def ids(*waybills: str) -> list[object]:
    return list(Shipment.objects.filter(waybill__in=waybills).values_list("pk", flat=True))


def typed(page: str, **more: object) -> dict[str, object]:
    """What a browser would send of the page's form, with a press in `do`."""
    form = page[page.index('id="question"') : page.index("</form>", page.index('id="question"'))]
    sent: dict[str, object] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" not in tag:
            sent[name[1]] = value[1] if value else ""
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', form):
        sent[name] = value
    for name in re.findall(r'<select name="([^"]+)"', form):
        sent[name] = "place"
    return {**sent, **more}


def test_terms_and_groups_are_added_one_press_at_a_time_and_nothing_is_lost():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    client, address = signed_in(make_dispatcher()), reverse("incidents:question", args=[incident.number])
    page = client.get(address).text
    assert f'value="{HUB}"' in page
    page = client.post(address, typed(page, **{"g0-add": "client", "do": "add:0"})).text
    assert "Customer’s number" in page and f'value="{HUB}"' in page
    page = client.post(address, typed(page, **{"g0-t1-values": "C-en", "do": "group"})).text
    page = client.post(address, typed(page, **{"g1-add": "number", "do": "add:1"})).text
    sent = typed(page, **{"g1-t0-values": "WB5\nWB3", "do": "look"})
    page = client.post(address, sent).text
    assert "C-en" in page and "What it would change" in page
    assert "1 shipments would come in, 1 would leave." in page
    assert here(incident).keys() == {"WB1", "WB2", "WB3", "WB4"}, "a preview writes nothing"
    assert client.post(address, typed(page, do="save")).status_code == 302
    assert here(incident) == {"WB1": "there_now", "WB2": "there_now", "WB3": "named", "WB5": "named"}


def test_a_group_and_a_term_can_be_taken_away_again():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    client, address = signed_in(make_dispatcher()), reverse("incidents:question", args=[incident.number])
    page = client.get(address).text
    page = client.post(address, typed(page, do="group")).text
    assert "g1-from_at" in page
    page = client.post(address, typed(page, do="ungroup:1")).text
    assert "g1-from_at" not in page
    page = client.post(address, typed(page, do="drop:0.0")).text
    assert "No condition yet" in page
    looked = client.post(address, typed(page, do="look"))
    assert looked.status_code == 422 and "The question has no condition yet" in looked.text


def test_the_enter_key_takes_nothing_away():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    page = signed_in(make_dispatcher()).get(reverse("incidents:question", args=[incident.number])).text
    form = page[page.index('id="question"') :]
    assert 'value="look"' in form[form.index("<button") : form.index("</button>")]


def test_a_place_nobody_knows_is_named_and_what_was_typed_stays():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    client, address = signed_in(make_dispatcher()), reverse("incidents:question", args=[incident.number])
    sent = typed(client.get(address).text, **{"g0-t0-values": "XXNOP", "do": "look"})
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "No place is known by the code XXNOP" in answer.text and 'value="XXNOP"' in answer.text


def test_a_change_that_would_let_more_told_customers_go_than_was_seen_is_looked_at_again():
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    actions.tell_phase(actor, incident.pk, "first_notice")
    elsewhere = rules.at_place("DEDUI", NOW - timedelta(hours=1))
    change = queries.change_by(actor, incident, elsewhere)
    assert (change.came, change.went, change.told_went) == (1, 4, 3)
    with pytest.raises(Conflict) as conflict:
        actions.ask_question(actor, incident.pk, elsewhere, seen_told=2)
    assert conflict.value.code == "incident.more_would_go"
    assert actions.ask_question(actor, incident.pk, elsewhere, seen_told=3).went == 4
    assert queries.incident(actor, incident.pk).place == "DEDUI"


def test_what_a_person_picked_holds_against_the_question_and_when_it_is_asked_again():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    actions.pick_by_hand(actor, incident.pk, ids("WB5"), "in", "The driver saw it in the hall")
    actions.pick_by_hand(actor, incident.pk, ids("WB1"), "out", "It left on the last truck")
    assert here(incident) == {
        "WB2": "there_now",
        "WB3": "there_now",
        "WB4": "there_now",
        "WB5": "added_by_hand",
    }
    actions.find_affected(actor, incident.pk)
    assert "WB5" in here(incident) and "WB1" not in here(incident)
    assert (
        Affected.objects.get(incident=incident, shipment_id=ids("WB5")[0]).term
        == "The driver saw it in the hall"
    )
    actions.pick_by_hand(actor, incident.pk, ids("WB1", "WB5"), "", "")
    assert here(incident).keys() == {"WB1", "WB2", "WB3", "WB4"}
    assert queries.picked(actor, incident) == []


def test_a_master_taken_out_takes_its_houses_along_until_one_is_added():
    hub = make_place()
    master = make_shipment("M1", make_customer("C-M"), hub)
    for waybill in ("H1", "H2"):
        house = make_shipment(waybill, make_customer(f"C-{waybill}"), hub)
        Shipment.objects.filter(pk=house.pk).update(parent=master)
        Position.objects.filter(shipment=house).delete()
    actor, incident = make_opened(kind="delay")
    actions.pick_by_hand(actor, incident.pk, ids("H2"), "in", "Seen burnt")
    actions.pick_by_hand(actor, incident.pk, ids("M1"), "out", "Went by sea")
    assert here(incident).keys() == {"H2"}


def test_a_pick_needs_its_reason_and_the_right():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    with pytest.raises(Refused) as refused:
        actions.pick_by_hand(actor, incident.pk, ids("WB5"), "in", "  ")
    assert refused.value.code == "incident.pick_needs_reason"
    with pytest.raises(Refused):
        actions.pick_by_hand(make_actor("agent"), incident.pk, ids("WB5"), "in", "I think so")
    assert not HandPick.objects.exists()


def test_the_page_adds_takes_out_and_gives_back():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    client, address = signed_in(make_dispatcher()), reverse("incidents:by_hand", args=[incident.number])
    told = {"seen_version": incident.version, "verdict": "in", "reason": "The driver saw it"}
    assert "No shipment has the waybill NOPE" in client.post(address, {**told, "numbers": "WB5, NOPE"}).text
    assert client.post(address, {**told, "numbers": "wb5"}).status_code == 302
    page = client.get(address).text
    assert "WB5" in page and "The driver saw it" in page
    client.post(reverse("incidents:take_back", args=[incident.number]), {"shipment": str(ids("WB5")[0])})
    assert "WB5" not in here(incident)


def test_the_page_says_how_fresh_each_source_is():
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    EventSource.objects.create(source="hub-scans", received_at=NOW)
    page = signed_in(make_dispatcher()).get(reverse("incidents:question", args=[incident.number])).text
    assert "hub-scans" in page


def test_a_unit_does_not_learn_which_waybills_another_one_has():
    make_hub_of_shipments()
    mine, theirs = make_unit("Venlo"), make_unit("Duisburg")
    Shipment.objects.filter(waybill="WB5").update(unit_id=theirs.pk)
    Shipment.objects.filter(waybill="WB1").update(unit_id=mine.pk)
    seen = ids_named(make_actor(units=frozenset({mine.pk})), ["WB1", "WB5", "NOPE"])
    assert list(seen) == ["WB1"]
