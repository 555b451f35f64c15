"""Pages of shipments: who sees what, the words that matter, and what a list costs."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import make_agent, make_dispatcher, make_unit, signed_in
from tidings.people.models import User
from tidings.shipments.models import Leg, Piece, Reference, TimeChange
from tidings.shipments.tests.cast import NOON, hours, make_customer, make_event, make_place, make_shipment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk() -> Client:
    return signed_in(make_agent())


def text(reader: Client, address: str, /, **query: str) -> str:
    answer = reader.get(address, query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_shipment_tells_its_story_by_day_in_the_local_time_of_each_place(desk: Client) -> None:
    shanghai = make_place("CNSHA", "CN", name="Shanghai", time_zone="Asia/Shanghai")
    shipment = make_shipment("774-1", {"account": make_customer(name="Tulpen BV")})
    make_event(shipment, shanghai, datetime(2026, 11, 18, 20, 30, tzinfo=UTC), code="departed")

    page = text(desk, f"/shipments/{shipment.pk}/")

    assert "Thursday, 19 November 2026" in page
    assert "04:30" in page
    assert "UTC+8" in page
    assert "Departed" in page
    assert "Tulpen BV" in page


def test_a_plan_stands_beside_what_became_of_it_and_what_is_to_come_stands_apart(desk: Client) -> None:
    venlo = make_place("NLVEN", name="Venlo", time_zone="Europe/Amsterdam")
    shipment = make_shipment()
    make_event(shipment, venlo, hours(-5), "planned", code="arrived")
    make_event(shipment, venlo, hours(-3), "actual", code="arrived")
    make_event(shipment, venlo, hours(4), "estimated", code="departed")

    page = text(desk, f"/shipments/{shipment.pk}/")
    coming, _, past = page.partition("Friday")

    assert "Still to come" in coming and "Estimated" in coming and "Departure" in coming
    assert "Planned:" in past and "Arrived" in past
    assert page.count('class="track-planned"') == 0


def test_a_correction_shows_what_was_wrong_and_what_is_right(desk: Client) -> None:
    venlo = make_place("NLVEN", name="Venlo")
    liege = make_place("BELGG", "BE", name="Liège")
    shipment = make_shipment()
    wrong = make_event(shipment, venlo, hours(-6), code="arrived")
    make_event(shipment, liege, hours(-5), code="arrived", corrects_at=hours(-6), corrects_hash=wrong)
    gone = make_event(shipment, liege, hours(-2), code="damaged")
    make_event(shipment, liege, hours(-1), code="void", corrects_at=hours(-2), corrects_hash=gone)

    page = text(desk, f"/shipments/{shipment.pk}/")

    assert "Right is: Arrived, Liège" in page
    assert "Corrects what was told before: Arrived, Venlo" in page
    assert "<s><b>Damaged</b> · Liège</s>" in page
    assert "Taken back" in page
    assert "Void" not in page


@pytest.mark.parametrize(
    ("promised", "delivered", "said"),
    [
        (2, None, "Delivery promised,"),
        (-2, None, "late by 2 h"),
        (-2, -4, "Kept, 2 h before the promise"),
        (-6, -4, "Delivered 2 h later than promised"),
    ],
)
def test_the_promise_says_what_became_of_it(
    desk: Client, promised: float, delivered: float | None, said: str
) -> None:
    shipment = make_shipment(promised_at=hours(promised))
    if delivered is not None:
        make_event(shipment, make_place(), hours(delivered), code="delivered")
    assert said in text(desk, f"/shipments/{shipment.pk}/")


def test_a_changed_promise_keeps_its_history(desk: Client) -> None:
    shipment = make_shipment(promised_at=hours(30))
    TimeChange.objects.create(shipment=shipment, kind="promised", was_at=hours(6), became_at=hours(30))
    page = text(desk, f"/shipments/{shipment.pk}/")
    assert "Changed once" in page
    assert "<s><time" in page


def test_goods_money_references_legs_pieces_and_houses_are_there(desk: Client) -> None:
    rotterdam, venlo = make_place(name="Rotterdam"), make_place("NLVEN", name="Venlo")
    master = make_shipment(
        "MAWB-1", value_cents=1234500, value_currency="EUR", cod_cents=5000, cod_currency="EUR"
    )
    make_shipment("HAWB-1", parent=master)
    Reference.objects.create(shipment=master, kind="container", value="MSKU 123", key="MSKU123")
    Leg.objects.create(
        shipment=master,
        position=1,
        start=rotterdam,
        end=venlo,
        transport_kind="vehicle",
        transport_number="12-BBB-3",
    )
    Piece.objects.create(shipment=master, barcode="3SABC", key="3SABC", weight_grams=1500)

    page = text(desk, f"/shipments/{master.pk}/")

    for words in (
        "€12,345.00",
        "€50.00",
        "MSKU 123",
        "Vehicle 12-BBB-3",
        "Rotterdam → Venlo",
        "3SABC",
        "1.5 kg",
        "HAWB-1",
    ):
        assert words in page


def test_an_event_of_the_master_is_told_on_the_house_and_marked(desk: Client) -> None:
    master = make_shipment("MAWB-2")
    house = make_shipment("HAWB-2", parent=master)
    make_event(master, make_place(name="Rotterdam"), hours(-1), code="departed")
    page = text(desk, f"/shipments/{house.pk}/")
    assert "Departed" in page and "of the master" in page and "MAWB-2" in page


def test_a_script_in_a_name_stays_text(desk: Client) -> None:
    evil = "<script>alert(1)</script>"
    place = make_place("XX1", name=evil)
    shipment = make_shipment(evil, {"account": make_customer(name=evil)}, goods=evil, destination=place)
    make_event(shipment, place, hours(-1), code="arrived", remark=evil)
    for address in (f"/shipments/{shipment.pk}/", "/shipments/"):
        page = text(desk, address)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def branch_agent() -> tuple[User, object]:
    unit = make_unit("Branch South", "branch")
    return make_agent(unit=unit), unit


def test_somebody_of_a_branch_sees_the_branch_s_shipments_and_those_of_its_clients_only() -> None:
    agent, unit = branch_agent()
    mine = make_shipment("MINE", unit_id=unit.pk)  # type: ignore[attr-defined]
    client_s = make_shipment("CLIENTS", {"account": make_customer("K-9", unit_id=unit.pk)})  # type: ignore[attr-defined]
    other = make_shipment("OTHER", {"account": make_customer("K-8")})
    client = signed_in(agent)

    page = text(client, "/shipments/")
    assert "MINE" in page and "CLIENTS" in page and "OTHER" not in page
    assert client.get(f"/shipments/{mine.pk}/").status_code == 200
    assert client.get(f"/shipments/{client_s.pk}/").status_code == 200
    refused = client.get(f"/shipments/{other.pk}/")
    assert refused.status_code == 404
    assert "There is no such shipment" in refused.content.decode()
    assert "OTHER" not in b"".join(client.get("/shipments/?export=csv")).decode()


@pytest.mark.parametrize("address", ["/shipments/", f"/shipments/{UUID(int=7)}/", "/shipments/?export=csv"])
def test_who_holds_no_role_reads_no_shipment(address: str) -> None:
    from tests.cast import make_person

    assert signed_in(make_person()).get(address).status_code == 403


def test_the_list_narrows_by_place_state_client_and_date(desk: Client) -> None:
    hub, far = make_place("HUB1"), make_place("FAR1")
    hall = make_place("HUB1-H2", within=hub)
    client = make_customer("K-5")
    late = make_shipment("LATE1", {"account": client}, promised_at=hours(-1), destination=far)
    make_event(late, hall, hours(-3), code="arrived")
    done = make_shipment("DONE1", promised_at=hours(-5), started_on=date(2026, 10, 1))
    make_event(done, hub, hours(-6), code="delivered")
    make_shipment("QUIET1")

    def shown(**query: str) -> set[str]:
        page = text(desk, "/shipments/", **query)
        return {name for name in ("LATE1", "DONE1", "QUIET1") if name in page}

    assert shown() == {"LATE1", "DONE1", "QUIET1"}
    assert shown(place="hub1") == {"LATE1"}
    assert shown(place="FAR1", side="to") == {"LATE1"}
    assert shown(state="late") == {"LATE1"}
    assert shown(state="open") == {"LATE1", "QUIET1"}
    assert shown(state="delivered") == {"DONE1"}
    assert shown(state="expected") == {"QUIET1"}
    assert shown(client="K-5") == {"LATE1"}
    assert shown(until="2026-10-31") == {"DONE1"}
    assert shown(start="2026-11-01") == {"LATE1", "QUIET1"}
    assert "No place has the code NOWHERE" in text(desk, "/shipments/", place="NOWHERE")
    assert "No client has the number" in text(desk, "/shipments/", client="nobody")


@pytest.mark.parametrize("sort", ["started", "-started", "promised"])
def test_every_shipment_is_on_exactly_one_page_of_the_list(desk: Client, sort: str) -> None:
    customer = make_customer("K-1")
    for number in range(120):
        make_shipment(
            f"N{number:03}",
            {"account": customer},
            started_on=date(2026, 11, 1 + number % 3),
            promised_at=hours(number % 5) if number % 4 else None,
        )
    seen: list[str] = []
    after = ""
    for _ in range(3):
        answer = desk.get("/shipments/", {"sort": sort, "after": after, "state": "open", "client": "K-1"})
        seen += [row.waybill for row in answer.context["rows"]]
        after = answer.context["next"]
    assert after == ""
    assert sorted(seen) == [f"N{number:03}" for number in range(120)]


def test_a_made_up_position_in_the_address_begins_at_the_beginning(desk: Client) -> None:
    make_shipment("HERE1")
    for after in ("nonsense", "~", "2026-11-18~x", "'; drop table~", "infinity~"):
        assert "HERE1" in text(desk, "/shipments/", after=after)


def test_the_list_costs_the_same_queries_for_one_row_and_for_fifty(desk: Client) -> None:
    make_shipment("Q0", {"account": make_customer("K-0")})
    text(desk, "/shipments/")
    with CaptureQueriesContext(connection) as for_one:
        text(desk, "/shipments/")
    for number in range(1, 50):
        make_shipment(f"Q{number}", {"account": make_customer(f"K-{number}")})
    with CaptureQueriesContext(connection) as for_fifty:
        text(desk, "/shipments/")
    assert len(for_fifty) == len(for_one)


def test_a_long_story_costs_the_same_queries_as_a_short_one(desk: Client) -> None:
    shipment = make_shipment("LONG", {"account": make_customer(), "consignee": make_customer("K-2")})
    make_event(shipment, make_place("P0"), hours(0), code="arrived")
    text(desk, f"/shipments/{shipment.pk}/")
    with CaptureQueriesContext(connection) as for_one:
        text(desk, f"/shipments/{shipment.pk}/")
    for number in range(1, 30):
        make_event(shipment, make_place(f"P{number}"), hours(-number), code="arrived")
    with CaptureQueriesContext(connection) as for_thirty:
        text(desk, f"/shipments/{shipment.pk}/")
    assert len(for_thirty) == len(for_one)


def test_an_export_holds_every_row_and_no_formula(desk: Client) -> None:
    for number in range(60):
        make_shipment(f"E{number:02}")
    make_shipment("=HYPERLINK(1)", {"account": make_customer(name="@SUM(A1)")}, started_on=date(2026, 11, 19))

    raw = b"".join(desk.get("/shipments/", {"export": "csv"})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(raw)))
    assert len(rows) == 62
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert rows[1][4] == "'@SUM(A1)"

    book = openpyxl.load_workbook(io.BytesIO(b"".join(desk.get("/shipments/", {"export": "xlsx"}))))
    cell = book.active["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert book.active.max_row == 62


def test_an_export_speaks_the_reader_s_language_to_its_last_row() -> None:
    client = signed_in(make_dispatcher(language="nl"))
    make_shipment("NL1", promised_at=NOON - timedelta(days=1))
    answer = client.get("/shipments/", {"export": "csv"})
    assert "NL1" in b"".join(answer).decode()


def test_a_customer_s_page_shows_their_shipments(desk: Client) -> None:
    customer = make_customer("K-77", name="Rozen BV")
    make_shipment("ROSE1", {"consignee": customer})
    make_shipment("OTHER1")
    page = text(desk, f"/customers/{customer.pk}/")
    assert "ROSE1" in page and "OTHER1" not in page
