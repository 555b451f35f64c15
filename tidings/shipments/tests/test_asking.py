"""The question with its other terms: lanes, transports, containers, numbers, clients, services; and, or."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tidings.kernel.clock import now
from tidings.kernel.errors import Missing
from tidings.shipments.audience import asked
from tidings.shipments.models import Leg, Piece, Reference, Shipment
from tidings.shipments.rules import OF_CUSTOMERS, Group, Term, TermKind
from tidings.shipments.tests.cast import hours, make_customer, make_event, make_place, make_shipment

pytestmark = pytest.mark.django_db


def found(*groups: Group, **more: Any) -> dict[str, tuple[str, str, str]]:
    """Waybill to certainty, kind of term and value met."""
    fragment = asked(groups, **more)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.waybill, a.certainty, a.reason, a.term FROM ({fragment.sql}) a"
            " JOIN shipments_shipment s ON s.id = a.shipment_id",
            dict(fragment.params),
        )
        rows = cursor.fetchall()
    assert len(rows) == len({row[0] for row in rows}), "a shipment is found once"
    return {waybill: (certainty, reason, term) for waybill, certainty, reason, term in rows}


def group(*terms: Term) -> Group:
    return Group(terms, hours(0), hours(6))


def term(kind: TermKind, *values: str, **more: Any) -> Term:
    return Term(kind, values, **more)


def make_leg(shipment: Shipment, number: str = "KL867", start: float = 1, end: float = 9, **more: Any) -> Leg:
    return Leg.objects.create(
        shipment=shipment,
        position=more.pop("position", 1),
        start=more.pop("start_at", None) or make_place("NLRTM"),
        end=more.pop("end_at", None) or make_place("DEDUI", "DE"),
        transport_kind="flight",
        transport_number=number,
        departs_at=hours(start),
        arrives_at=hours(end),
    )


@pytest.mark.parametrize(
    ("departs", "arrives", "seen", "certainty"),
    [
        (1, 9, None, "planned"),
        (1, 9, 1.5, "seen"),
        (-5, 2, -4, "seen"),
        (-9, -1, -8, None),
        (7, 9, None, None),
    ],
)
def test_who_is_on_board_within_the_window_is_found(
    departs: float, arrives: float, seen: float | None, certainty: str | None
) -> None:
    shipment = make_shipment()
    make_leg(shipment, "KL867", departs, arrives)
    if seen is not None:
        make_event(shipment, make_place(), hours(seen), code="departed")
    expected = {"W1": (certainty, "transport", "KL867")} if certainty else {}
    assert found(group(term(TermKind.TRANSPORT, "kl 867"))) == expected


def test_a_day_of_departure_is_the_day_where_it_departs() -> None:
    auckland = make_place("NZAKL", "NZ", time_zone="Pacific/Auckland")
    make_leg(make_shipment("W1"), start=13, end=30, start_at=auckland)
    make_leg(make_shipment("W2"), start=-24, end=3, start_at=auckland)
    next_day = hours(24).date()
    assert set(found(group(term(TermKind.TRANSPORT, "KL867", day=next_day)))) == {"W1"}


def test_a_lane_is_a_leg_or_for_what_has_none_its_ends() -> None:
    rotterdam, duisburg, venlo = make_place("NLRTM"), make_place("DEDUI", "DE"), make_place("NLVEN")
    by_leg = make_shipment("LEG")
    make_leg(by_leg)
    make_shipment("ENDS", origin=rotterdam, destination=duisburg)
    elsewhere = make_shipment("VIA", origin=rotterdam, destination=duisburg)
    make_leg(elsewhere, end_at=venlo)
    make_shipment("BACK", origin=duisburg, destination=rotterdam)
    lane = group(term(TermKind.LANE, "NLRTM", to=("DE",)))
    assert found(lane) == {
        "LEG": ("planned", "lane", "NLRTM – DE"),
        "ENDS": ("planned", "lane", "NLRTM – DE"),
    }


def test_a_container_is_found_by_reference_and_by_piece() -> None:
    one, two = make_shipment("W1"), make_shipment("W2")
    Reference.objects.create(shipment=one, kind="container", value="MSKU 123456-5", key="MSKU1234565")
    Piece.objects.create(shipment=two, key="B1", barcode="B1", container="MSKU1234565")
    other = make_shipment("W3")
    Reference.objects.create(shipment=other, kind="order", value="MSKU1234565", key="MSKU1234565")
    assert set(found(group(term(TermKind.CONTAINER, "msku1234565")))) == {"W1", "W2"}


def test_pasted_numbers_are_waybills_references_or_barcodes() -> None:
    make_shipment("W1")
    by_order, by_piece = make_shipment("W2"), make_shipment("W3")
    Reference.objects.create(shipment=by_order, kind="order", value="PO-77", key="PO77")
    Piece.objects.create(shipment=by_piece, key="BC9", barcode="BC9")
    make_shipment("W4")
    asked_for = found(group(term(TermKind.NUMBER, "w1", "po 77", "BC9", "nothing")))
    assert {waybill: met for waybill, (_, _, met) in asked_for.items()} == {
        "W1": "W1",
        "W2": "PO-77",
        "W3": "BC9",
    }


def test_of_a_number_used_again_the_newest_is_meant() -> None:
    make_shipment("W1", started_on=hours(-24 * 200).date())
    newest = make_shipment("W1")
    fragment = asked([group(term(TermKind.NUMBER, "W1"))])
    with connection.cursor() as cursor:
        cursor.execute(fragment.sql, dict(fragment.params))
        assert [row[0] for row in cursor.fetchall()] == [newest.id]


def test_a_client_is_found_in_the_roles_asked_for() -> None:
    client = make_customer("K-7")
    make_shipment("HOLDS", {"account": client})
    make_shipment("SENDS", {"shipper": client})
    delivered = make_shipment("DONE", {"account": client})
    make_event(delivered, make_place(), hours(-2), code="delivered")
    moving = make_shipment("MOVES", {"account": client})
    make_event(moving, make_place(), hours(-2))
    assert {w: c for w, (c, *_) in found(group(term(TermKind.CLIENT, "K-7"))).items()} == {
        "HOLDS": "planned",
        "MOVES": "seen",
    }
    assert set(found(group(term(TermKind.CLIENT, "K-7", roles=("shipper",))))) == {"SENDS"}


def test_an_unknown_client_is_refused_rather_than_found_empty() -> None:
    with pytest.raises(Missing, match=r"shipments\.no_such_client"):
        asked([group(term(TermKind.CLIENT, "NOBODY"))])


def test_terms_of_one_group_must_all_hold_and_the_least_sure_counts() -> None:
    client, hub = make_customer("K-7"), make_place()
    both = make_shipment("BOTH", {"account": client}, service="express")
    make_event(both, hub, hours(1))
    make_leg(both, start=5)
    wrong_service = make_shipment("SLOW", {"account": client}, service="economy")
    make_event(wrong_service, hub, hours(1))
    make_event(make_shipment("OTHER", service="express"), hub, hours(1))
    at_hub, on_board = term(TermKind.PLACE, "NLRTM"), term(TermKind.TRANSPORT, "KL867")
    ours = term(TermKind.CLIENT, "K-7")
    assert found(group(at_hub, ours, term(TermKind.SERVICE, "express"))) == {
        "BOTH": ("seen", "place", "NLRTM")
    }
    assert found(group(at_hub, on_board)) == {"BOTH": ("planned", "place", "NLRTM")}
    assert set(found(group(ours, term(TermKind.SERVICE, "economy")))) == {"SLOW"}


def test_any_group_suffices_and_the_surest_reason_is_given() -> None:
    shipment = make_shipment("W1")
    make_leg(shipment)
    make_event(shipment, make_place(), hours(0.5))
    make_shipment("W2", service="express")
    groups = [
        group(term(TermKind.TRANSPORT, "KL867")),
        group(term(TermKind.PLACE, "NLRTM")),
        group(term(TermKind.SERVICE, "express")),
    ]
    assert found(*groups) == {"W1": ("seen", "place", "NLRTM"), "W2": ("planned", "service", "express")}


def test_houses_share_their_masters_reason_unless_they_go_another_way() -> None:
    master = make_shipment("M1")
    make_leg(master)
    make_shipment("H1", parent=master)
    own_way = make_shipment("H2", parent=master)
    make_leg(own_way, "TRUCK-1")
    assert set(found(group(term(TermKind.TRANSPORT, "KL867")))) == {"M1", "H1"}


@pytest.mark.parametrize("kind", [kind for kind in TermKind if kind not in OF_CUSTOMERS])
def test_each_term_can_be_asked_of_some_shipments_only(kind: TermKind) -> None:
    client = make_customer("K-7")
    ends = {"origin": make_place("NLRTM"), "destination": make_place("DEDUI", "DE")}
    ids = []
    for waybill in ("W1", "W2"):
        shipment = make_shipment(waybill, {"account": client}, service="express")
        make_leg(shipment, position=1)
        make_event(shipment, ends["origin"], hours(1))
        Reference.objects.create(shipment=shipment, kind="container", value="MSKU1", key="MSKU1")
        ids.append(shipment.id)
    values = {
        TermKind.PLACE: ("NLRTM",), TermKind.LANE: ("NLRTM",), TermKind.TRANSPORT: ("KL867",), TermKind.CONTAINER: ("MSKU1",),
        TermKind.NUMBER: ("W1", "W2"), TermKind.CLIENT: ("K-7",), TermKind.SERVICE: ("express",),
    }  # fmt: skip
    one = group(Term(kind, values[kind], to=("DEDUI",) if kind is TermKind.LANE else ()))
    assert set(found(one)) == {"W1", "W2"}
    assert set(found(one, only=ids[:1])) == {"W1"}


def test_a_window_without_an_end_reaches_as_far_as_plans_are_worth() -> None:
    hub, at = make_place(), now()
    for waybill, days in (("SOON", 50), ("LATER", 70)):
        make_event(make_shipment(waybill, started_on=at.date()), hub, at + timedelta(days=days), "planned")
    assert set(found(Group((term(TermKind.PLACE, "NLRTM"),), at))) == {"SOON"}
