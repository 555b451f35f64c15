"""Who was where when: every way of being at a place within a window, and every way of not being there."""

from typing import Any

import pytest
from django.db import connection

from tidings.customers.models import Address, Contact, Customer
from tidings.kernel.errors import Missing
from tidings.shipments.audience import Fragment, Where, affected
from tidings.shipments.models import Party, Shipment
from tidings.shipments.tests.cast import contacts, hours, make_customer, make_event, make_place, make_shipment

pytestmark = pytest.mark.django_db

WINDOW = (hours(0), hours(6))


def rows(fragment: Fragment) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(fragment.sql, dict(fragment.params))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def certainty_of(shipment: Shipment, place: str = "NLRTM", **more: Any) -> str | None:
    found = {r["shipment_id"]: r["certainty"] for r in rows(affected(Where((place,), *WINDOW), **more))}
    return found.get(shipment.id)


# Each event: place, hours after the window's start, kind, code, hours at which it was recorded.
CASES: dict[str, tuple[list[tuple[str, float, str, str, float | None]], str | None]] = {
    "seen within": ([("NLRTM", 1, "actual", "arrived", None)], "seen"),
    "seen at the first moment": ([("NLRTM", 0, "actual", "arrived", None)], "seen"),
    "seen at the end, which is outside": ([("NLRTM", 6, "actual", "arrived", None)], None),
    "seen elsewhere": ([("DEDUI", 1, "actual", "arrived", None)], None),
    "came before, nothing since": ([("NLRTM", -5, "actual", "arrived", None)], "seen"),
    "left before": (
        [("NLRTM", -5, "actual", "arrived", None), ("NLRTM", -4, "actual", "departed", None)],
        None,
    ),
    "came before, left after": (
        [("NLRTM", -5, "actual", "arrived", None), ("NLRTM", 9, "actual", "departed", None)],
        "seen",
    ),
    "came before, seen elsewhere before": (
        [("NLRTM", -5, "actual", "arrived", None), ("DEDUI", -1, "actual", "arrived", None)],
        None,
    ),
    "delivered there before": ([("NLRTM", -5, "actual", "delivered", None)], None),
    "came too long ago": ([("NLRTM", -24 * 91, "actual", "arrived", None)], None),
    "planned within": ([("NLRTM", 2, "planned", "arrived", None)], "planned"),
    "estimated within": ([("NLRTM", 2, "estimated", "arrived", None)], "planned"),
    "planned, then seen: the surer reason": (
        [("NLRTM", 2, "planned", "arrived", None), ("NLRTM", 3, "actual", "arrived", None)],
        "seen",
    ),
    "planned, but happened earlier and left": (
        [
            ("NLRTM", 2, "planned", "arrived", None),
            ("NLRTM", -6, "actual", "arrived", None),
            ("NLRTM", -5, "actual", "departed", None),
        ],
        None,
    ),
    "planned, then put off": (
        [("NLRTM", 2, "planned", "arrived", -30), ("NLRTM", 48, "estimated", "arrived", -2)],
        None,
    ),
    "put off, then brought forward": (
        [("NLRTM", 48, "planned", "arrived", -30), ("NLRTM", 2, "estimated", "arrived", -2)],
        "planned",
    ),
    "planned for another act there": (
        [("NLRTM", 2, "planned", "departed", -30), ("NLRTM", 48, "estimated", "arrived", -2)],
        "planned",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_shipment_is_in_scope_for_a_reason(case: str) -> None:
    events, expected = CASES[case]
    make_place("NLRTM")
    shipment = make_shipment()
    for code, at, kind, act, recorded in events:
        place = make_place(code, code[:2])
        recorded_at = None if recorded is None else hours(recorded)
        make_event(shipment, place, hours(at), kind, code=act, recorded_at=recorded_at)
    assert certainty_of(shipment) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "possible"),
        ({"estimated_at": hours(3)}, "possible"),
        ({"estimated_at": hours(30)}, None),
        ({"promised_at": hours(-30)}, None),
        ({"promised_at": hours(-30), "estimated_at": hours(1)}, "possible"),
        ({"started_on": hours(-24 * 100).date()}, None),
    ],
)
def test_a_shipment_under_way_to_the_place_is_possibly_there(
    more: dict[str, Any], expected: str | None
) -> None:
    assert certainty_of(make_shipment(destination=make_place(), **more)) == expected


def test_a_delivered_shipment_is_not_under_way_any_more() -> None:
    shipment = make_shipment(destination=make_place())
    make_event(shipment, make_place(), hours(-1), code="delivered")
    assert certainty_of(shipment) is None


def test_a_country_holds_all_its_places_and_a_town_its_hubs() -> None:
    town = make_place("DEDUI", "DE")
    hub = make_place("DUI-2", "DE", within=town)
    shipment = make_shipment()
    make_event(shipment, hub, hours(1))
    make_place("NLRTM")
    assert [certainty_of(shipment, code) for code in ("DUI-2", "DEDUI", "de", "NLRTM")] == [
        "seen",
        "seen",
        "seen",
        None,
    ]


def test_an_unknown_place_is_refused_rather_than_found_empty() -> None:
    with pytest.raises(Missing, match=r"shipments\.no_such_place"):
        affected(Where(("XXNOP",), *WINDOW))


def test_a_withdrawn_event_is_no_reason() -> None:
    shipment = make_shipment()
    wrong = make_event(shipment, make_place(), hours(1))
    make_event(
        shipment,
        make_place("DEDUI", "DE"),
        hours(1.5),
        corrects_at=hours(1),
        corrects_hash=wrong,
    )
    assert certainty_of(shipment) is None
    assert certainty_of(shipment, "DEDUI") == "seen"


def test_a_house_shares_its_masters_reason_until_it_has_its_own() -> None:
    master = make_shipment("M1")
    house, moved_on = make_shipment("H1", parent=master), make_shipment("H2", parent=master)
    make_event(master, make_place(), hours(1))
    make_event(moved_on, make_place("DEDUI", "DE"), hours(2))
    found = {r["shipment_id"]: r for r in rows(affected(Where(("NLRTM",), *WINDOW)))}
    assert set(found) == {master.id, house.id}
    assert found[house.id]["via_master"] and found[house.id]["happened_at"] == hours(1)


def test_the_question_can_be_asked_for_some_shipments_only() -> None:
    master = make_shipment("M1")
    house, other = make_shipment("H1", parent=master), make_shipment("X1")
    make_event(master, make_place(), hours(1))
    make_event(other, make_place(), hours(1))
    found = {r["shipment_id"] for r in rows(affected(Where(("NLRTM",), *WINDOW), only=[house.id]))}
    assert house.id in found and other.id not in found


@pytest.mark.parametrize(
    ("told", "roles"),
    [
        ("client", {"account"}),
        ("client_first", {"account", "consignee", "notify", "agent", "seller"}),
        ("both", {"account", "consignee", "notify", "agent", "seller"}),
        ("consignee", {"consignee", "notify"}),
        (None, {"shipper", "consignee", "notify", "agent", "seller"}),
    ],
)
def test_the_contract_says_who_hears(told: str | None, roles: set[str]) -> None:
    parties = {
        "shipper": make_customer("S"),
        "consignee": make_customer("C", kind="consumer"),
        "notify": make_customer("N"),
        "agent": make_customer("G", kind="agent"),
        "seller": make_customer("L", kind="seller"),
    }
    if told:
        parties["account"] = make_customer("A", told=told)
    make_event(make_shipment(parties=parties), make_place(), hours(1))
    found = rows(contacts(affected(Where(("NLRTM",), *WINDOW)), hours(1)))
    assert {r["role"] for r in found} == roles


@pytest.mark.parametrize(
    ("one", "other", "heard"),
    [
        ("both", "client", {"A", "B"}),
        ("consignee", "client", {"A", "B"}),
        ("client_first", "client", {"A", "B"}),
        ("both", "client_first", {"A", "B", "C"}),
        ("both", "consignee", {"A", "C"}),
        ("consignee", "consignee", {"C"}),
        ("both", "both", {"A", "B", "C"}),
    ],
)
def test_of_two_contracts_the_strictest_decides_on_everybody_else(
    one: str, other: str, heard: set[str]
) -> None:
    shipment = make_shipment(
        parties={"account": make_customer("A", told=one), "consignee": make_customer("C")}
    )
    Party.objects.create(shipment=shipment, role="account", customer=make_customer("B", told=other))
    make_event(shipment, make_place(), hours(1))
    found = rows(contacts(affected(Where(("NLRTM",), *WINDOW)), hours(1)))
    numbers = dict(Customer.objects.values_list("pk", "number"))
    assert {numbers[row["customer_id"]] for row in found} == heard


def test_a_contact_gets_the_first_rung_that_works_and_an_unreachable_customer_is_still_listed() -> None:
    reached = make_customer("R", language="nl", address="r@example.org")
    contact = Contact.objects.get(customer=reached)
    Address.objects.filter(contact=contact).update(dead_since=hours(-1), dead_why="bounced")
    Address.objects.create(
        contact=contact, channel="sms", value="+31 20 1", key="31201", position=1, ends_at=hours(-1)
    )
    Address.objects.create(contact=contact, channel="voice", value="+31 20 2", key="31202", position=2)
    make_event(make_shipment("W1", {"account": reached}), make_place(), hours(1))
    make_event(make_shipment("W2", {"account": make_customer("U", address=None)}), make_place(), hours(1))
    found = {r["language"]: (r["channel"], r["address"]) for r in rows(contacts(_everyone(), hours(1)))}
    assert found == {"nl": ("call", "+31 20 2"), "en": (None, None)}


def test_a_customer_without_any_contact_is_counted_with_none() -> None:
    customer = make_customer("Z")
    Contact.objects.filter(customer=customer).update(ended_at=hours(-1))
    make_event(make_shipment("W1", {"account": customer}), make_place(), hours(1))
    (row,) = rows(contacts(_everyone(), hours(1)))
    assert row["customer_id"] == customer.id and row["contact_id"] is None


def _everyone() -> Fragment:
    return affected(Where(("NLRTM",), *WINDOW))
