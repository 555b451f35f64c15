"""Events that programs send: answered one by one, merged like a file's, followed by the feed; never half taken."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cast import make_unit
from tests.programs import Program
from tidings.kernel import feed
from tidings.kernel.models import AuditLine
from tidings.people.rules import UnitKind
from tidings.shipments.actions import import_file, save_profile
from tidings.shipments.models import Event, Piece, Position
from tidings.shipments.tests.cast import IMPORTER, hours, make_place, make_shipment
from tidings.shipments.tests.test_epcis import document
from tidings.shipments.tests.test_epcis import event as epcis_event

pytestmark = pytest.mark.django_db


def event(waybill: str = "W1", **more: Any) -> dict[str, Any]:
    return {
        "waybill": waybill,
        "code": "arrived",
        "happened_at": hours(1).isoformat(),
        "place": "NLRTM",
        **more,
    }


def send(program: Program, *events: dict[str, Any]) -> Any:
    return program.post("/events", {"events": list(events)}).json()  # type: ignore[attr-defined]


def outcomes(told: Any) -> list[str]:
    return [one["outcome"] for one in told["events"]]


def test_events_move_shipments_go_into_the_feed_and_come_twice_without_harm() -> None:
    shipment, program = make_shipment(), Program("shipment.import")
    assert send(program, event(), event(code="Sorted", happened_at=hours(2).isoformat()))["added"] == 2
    assert Position.objects.get(shipment=shipment).code == "sorted"
    assert shipment.pk in feed.take("shipments", 10)
    again = send(program, event())
    assert (again["added"], outcomes(again)) == (0, ["taken"])
    line = AuditLine.objects.filter(verb="shipment.import").order_by("at")[0]
    assert (line.actor_ref, line.facts["created"]) == (str(program.key.pk), 2)


def test_each_event_is_answered_by_itself() -> None:
    make_shipment()
    told = send(
        Program(), event(), event("NOBODYS"), event(place="?!"), event(happened_at="2031-01-01T00:00:00Z")
    )
    assert outcomes(told)[:2] == ["taken", "no_such_shipment"]
    assert all(outcome != "taken" for outcome in outcomes(told)[1:])
    assert all(one["message"] for one in told["events"][1:])
    assert [one["event"] for one in told["events"]] == [f"$.events[{at}]" for at in range(4)]
    assert Event.objects.count() == 1


def test_a_scan_of_a_piece_is_an_event_of_its_shipment() -> None:
    shipment = make_shipment()
    Piece.objects.create(shipment=shipment, barcode="PC-77", key="PC77")
    assert outcomes(send(Program(), event("pc 77"))) == ["taken"]
    assert Event.objects.get().shipment_id == shipment.pk


def test_a_correction_takes_back_what_it_names() -> None:
    shipment, program = make_shipment(), Program()
    first = event(code="sorted", happened_at=hours(0).isoformat())
    send(program, first, event())
    void = event(code="void", corrects_code="arrived", corrects_at=hours(1).isoformat())
    assert outcomes(send(program, void)) == ["taken"]
    assert Position.objects.get(shipment=shipment).code == "sorted"


def test_a_batch_with_an_unreadable_event_is_refused_with_its_path() -> None:
    make_shipment()
    answer = Program().post("/events", {"events": [event(), event(happened_at="yesterday")]})
    told = answer.json()  # type: ignore[attr-defined]
    assert (answer.status_code, told["facts"]["where"]) == (422, "$.events[1].happened_at")
    assert not Event.objects.exists()


def test_a_key_of_a_unit_moves_only_its_own_shipments() -> None:
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    make_shipment("OURS", unit_id=branch.pk)
    make_shipment("THEIRS")
    told = send(Program(unit=branch), event("OURS"), event("THEIRS"))
    assert outcomes(told) == ["taken", "no_such_shipment"]


def test_a_key_without_the_scope_sends_nothing() -> None:
    answer = Program("shipment.read").post("/events", {"events": [event()]})
    assert (answer.status_code, answer.json()["facts"]["ability"]) == (403, "shipment.import")  # type: ignore[attr-defined]


def test_epcis_events_move_the_shipments_of_their_things() -> None:
    shipment, program = make_shipment(), Program("shipment.import")
    Piece.objects.create(shipment=shipment, barcode="106141412345678908", key="106141412345678908")
    unknown = epcis_event(epcList=["urn:epc:id:sscc:0614141.1999999999"])
    strange = epcis_event(bizStep="sensor_reporting")
    answer = program.post("/events/epcis", document(epcis_event(), unknown, strange))
    told = answer.json()  # type: ignore[attr-defined]
    assert outcomes(told) == ["taken", "no_such_shipment", "not_in_map"]
    assert told["events"][1]["event"] == "$.epcisBody.eventList[1]"
    position = Position.objects.select_related("place").get(shipment=shipment)
    assert (position.code, position.place.code) == ("arrived", "0614141007776")  # type: ignore[union-attr]
    declared = epcis_event(errorDeclaration={"declarationTime": "2026-11-21T08:00:00Z"})
    assert outcomes(program.post("/events/epcis", document(declared)).json()) == ["taken"]  # type: ignore[attr-defined]
    assert not Position.objects.filter(shipment=shipment).exists()


def test_an_epcis_document_with_a_fault_is_never_half_taken() -> None:
    make_shipment("0614141xyz47", started_on=hours(0).date())
    good = epcis_event(epcList=["urn:epc:id:ginc:0614141.xyz47"])
    answer = Program().post("/events/epcis", document(good, epcis_event(action="CREATE")))
    told = answer.json()  # type: ignore[attr-defined]
    assert (answer.status_code, told["facts"]["at"]) == (422, "$.epcisBody.eventList[1].action")
    assert not Event.objects.exists()


def test_a_profile_of_ones_own_gives_steps_a_code_and_places_a_name() -> None:
    make_place("NLVEN-H1")
    shipment = make_shipment("1152")
    text = """
name = "Our EPCIS"
kind = "events"
[file]
format = "epcis"
[event]
waybill = "consignment"
code = { column = "what", map = "codes" }
happened_at = "eventTime"
place = { column = "place", map = "glns" }
[maps.codes]
"https://ns.example.org/docking" = "arrived"
[maps.glns]
"0614141007776" = "NLVEN-H1"
"""
    save_profile(IMPORTER, "our-epcis", text)
    bol = [{"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"}]
    told = Program().post(
        "/events/epcis?profile=our-epcis",
        document(epcis_event(bizStep="ext:docking", bizTransactionList=bol)),
    )
    assert outcomes(told.json()) == ["taken"]  # type: ignore[attr-defined]
    assert Position.objects.select_related("place").get(shipment=shipment).place.code == "NLVEN-H1"  # type: ignore[union-attr]


def test_a_file_of_epcis_is_imported_like_any_other(tmp_path: Path) -> None:
    shipment = make_shipment()
    Piece.objects.create(shipment=shipment, barcode="1", key="00106141412345678908")
    path = tmp_path / "events.json"
    path.write_text(json.dumps(document(epcis_event(), epcis_event(bizStep="sampling"))))
    result = import_file(IMPORTER, path, "events", "epcis")
    assert (result.created, result.rejected, result.reasons) == (1, 1, {"not_in_map": 1})


def test_the_same_key_with_another_profile_is_another_request() -> None:
    make_shipment()
    program, batch = Program("shipment.import"), document(epcis_event())
    assert program.post("/events/epcis", batch, Idempotency_Key="batch-1").status_code == 200
    other = program.post("/events/epcis?profile=nobodys", batch, Idempotency_Key="batch-1")
    assert other.status_code != 200
    assert "Idempotency-Replayed" not in other.headers
