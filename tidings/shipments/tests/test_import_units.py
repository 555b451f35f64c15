"""Imports by people of a unit: new things are theirs, what they see may change, a line about anything else is refused."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cast import make_dispatcher, make_person, make_unit
from tidings.customers.models import Address, Contact, Customer
from tidings.kernel import files, jobs
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Refused
from tidings.people.queries import actor_of
from tidings.people.rules import Role, UnitKind
from tidings.shipments import jobs as shipment_jobs
from tidings.shipments.actions import import_file, save_profile, start_import
from tidings.shipments.actions.imports import ImportResult
from tidings.shipments.models import Event, ImportRun, Location, Party, Shipment
from tidings.shipments.tests.cast import IMPORTER

pytestmark = pytest.mark.django_db
assert shipment_jobs.import_kept_file  # registers itself

NORTH, SOUTH = UUID(int=1), UUID(int=2)
MAY = frozenset({"shipment.import"})
AT_NORTH = Actor(ActorKind.PERSON, "north", MAY, frozenset({NORTH}), NORTH)
AT_SOUTH = Actor(ActorKind.PERSON, "south", MAY, frozenset({SOUTH}), SOUTH)

SHIPMENTS = """
kind = "shipments"
[shipment]
waybill = "Waybill"
started_on = "Start"
goods = "Goods"
destination = { column = "To", optional = true }
master = { column = "Master", optional = true }
[parties.account]
number = "Client"
name = "Name"
email = "Mail"
[references]
order = { column = "Order", optional = true }
[places.NLHUB]
name = "Told by the profile"
"""
EVENTS = 'kind = "events"\n[event]\nwaybill = "Waybill"\ncode = "Act"\nhappened_at = "At"\nplace = "Place"\n'
CUSTOMERS = 'kind = "customers"\n[customer]\nnumber = "No"\nname = "Name"\nemail = "Mail"\n'
HEAD = "Waybill,Start,Goods,Client,Name,Mail\n"


def row(waybill: str, goods: str = "tulips", client: str = "K1", name: str = "Tulpen", mail: str = "") -> str:
    return f"{waybill},2026-11-01,{goods},{client},{name},{mail or client.lower() + '@example.org'}\n"


@pytest.fixture
def importing(tmp_path: Path) -> Any:
    def run(who: Actor, text: str, profile: str = SHIPMENTS, kind: str = "shipments") -> ImportResult:
        described, file = tmp_path / "test.toml", tmp_path / "file.csv"
        described.write_text(profile, "utf-8")
        file.write_text(text, "utf-8")
        return import_file(who, file, kind, str(described))

    return run


def goods() -> dict[str, str]:
    return dict(Shipment.objects.values_list("waybill", "goods"))


@pytest.mark.parametrize(
    ("owner", "importer", "counts", "goods_after"),
    [
        (AT_NORTH, AT_NORTH, (0, 1, 0), "roses"),
        (AT_NORTH, AT_SOUTH, (0, 0, 1), "tulips"),
        (IMPORTER, AT_SOUTH, (0, 0, 1), "tulips"),
        (AT_NORTH, IMPORTER, (0, 1, 0), "roses"),
    ],
    ids=["its own", "another unit's", "headquarters' own", "headquarters changes a unit's"],
)
def test_a_known_shipment_is_changed_only_by_who_sees_it(
    importing: Any, owner: Actor, importer: Actor, counts: tuple[int, int, int], goods_after: str
) -> None:
    importing(owner, HEAD + row("W1"))
    result = importing(importer, HEAD + row("W1", "roses"))
    assert (result.created, result.changed, result.rejected) == counts
    assert result.reasons == ({"shipment_not_yours": 1} if counts[2] else {})
    assert goods() == {"W1": goods_after}


def test_a_shipment_of_a_unit_s_own_client_may_be_changed_whoever_brought_it(importing: Any) -> None:
    importing(AT_NORTH, "No,Name,Mail\nK1,Tulpen,k1@example.org\n", CUSTOMERS, "customers")
    importing(AT_SOUTH, HEAD + row("W1"))
    assert importing(AT_NORTH, HEAD + row("W1", "roses")).changed == 1
    assert goods() == {"W1": "roses"}


def test_what_only_a_refused_line_says_leaves_nothing_behind(importing: Any) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    head = HEAD.replace("\n", ",Order,Master\n")
    lines = [
        row("W1", "roses", "K2", "Only on the refused line").replace("\n", ",O1,M1\n"),
        row("W1", "roses", "K3", "Only on the refused line").replace("\n", ",O2,M1\n"),
        row("W2", "lilies", "K4", "On a good line").replace("\n", ",O3,\n"),
    ]
    result = importing(AT_SOUTH, head + "".join(lines))
    assert (result.created, result.changed, result.rejected) == (1, 0, 2)
    kept = files.fetch(result.reject_digest).decode()
    assert ",2,shipment_not_yours" in kept and ",3,shipment_not_yours" in kept and "W2" not in kept
    assert goods() == {"W1": "tulips", "W2": "lilies"}
    assert set(Customer.objects.values_list("number", flat=True)) == {"K1", "K4"}
    assert list(Shipment.objects.get(waybill="W2").references.values_list("value", flat=True)) == ["O3"]
    assert not Shipment.objects.get(waybill="W1").references.exists()


def test_the_same_file_twice_by_a_unit_changes_nothing(importing: Any) -> None:
    first = importing(AT_NORTH, HEAD + row("W1") + row("W2", client="K2"))
    again = importing(AT_NORTH, HEAD + row("W1") + row("W2", client="K2"))
    assert first.created == 2 and not first.rejected
    assert (again.created, again.changed, again.unchanged, again.rejected) == (0, 0, 2, 0)


def test_another_unit_s_customer_stands_on_a_shipment_and_stays_as_it_was(importing: Any) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    result = importing(AT_SOUTH, HEAD + row("W2", name="Taken over", mail="thief@example.org"))
    assert (result.created, result.rejected, result.left) == (1, 0, 1)
    assert Party.objects.get(shipment__waybill="W2").customer.number == "K1"
    assert (Customer.objects.get().name, Customer.objects.get().unit_id) == ("Tulpen", NORTH)
    assert list(Address.objects.values_list("value", flat=True)) == ["k1@example.org"]
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("owner", "refused"), [(AT_NORTH, 0), (AT_SOUTH, 2), (IMPORTER, 2)], ids=["own", "other", "headquarters"]
)
def test_a_file_of_customers_changes_only_those_whom_its_importer_sees(
    importing: Any, owner: Actor, refused: int
) -> None:
    importing(owner, "No,Name,Mail\nK1,Tulpen,k1@example.org\n", CUSTOMERS, "customers")
    lines = ["K1,Rozen,new@example.org", "K2,Lelies,k2@example.org", "K1,Rozen,new@example.org"]
    result = importing(AT_NORTH, "No,Name,Mail\n" + "\n".join(lines) + "\n", CUSTOMERS, "customers")
    assert (result.created, result.changed, result.rejected) == (1, 0 if refused else 1, refused)
    assert result.reasons == ({"customer_not_yours": 2} if refused else {})
    assert Customer.objects.get(number="K1").name == ("Tulpen" if refused else "Rozen")
    assert Address.objects.filter(value="new@example.org").exists() is not bool(refused)
    assert Customer.objects.get(number="K2").unit_id == NORTH


def test_an_event_on_another_unit_s_shipment_is_refused_like_one_on_a_shipment_nobody_knows(
    importing: Any,
) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    importing(AT_SOUTH, HEAD + row("W2", client="K2"))
    scans = "Waybill,Act,At,Place\n" + "".join(
        f"{waybill},arrived,2026-11-02 08:00,NLRTM\n" for waybill in ("W1", "W2", "W3")
    )
    result = importing(AT_NORTH, scans, EVENTS, "events")
    assert (result.created, result.reasons) == (1, {"no_such_shipment": 2})
    assert [event.shipment.waybill for event in Event.objects.select_related("shipment")] == ["W1"]


def test_an_event_finds_the_unit_s_own_shipment_though_another_unit_used_its_number_later(
    importing: Any,
) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    importing(AT_SOUTH, HEAD + row("W1", client="K2").replace("2026-11-01", "2026-11-15"))
    scans = "Waybill,Act,At,Place\nW1,arrived,2026-11-16 08:00,NLRTM\n"
    assert importing(AT_NORTH, scans, EVENTS, "events").created == 1
    assert Event.objects.get().shipment.unit_id == NORTH
    importing(IMPORTER, scans.replace("08:00", "09:00"), EVENTS, "events")
    assert Event.objects.latest("happened_at").shipment.unit_id == SOUTH


def test_a_number_alone_means_the_unit_s_own_shipment_though_another_unit_used_it_later(
    importing: Any,
) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    importing(AT_SOUTH, HEAD + row("W1", client="K2").replace("2026-11-01", "2026-11-15"))
    by_number = SHIPMENTS.replace("[shipment]\n", '[shipment]\nsame = "number"\n')
    result = importing(AT_NORTH, HEAD + row("W1", "roses"), by_number)
    assert (result.changed, result.rejected) == (1, 0)
    assert Shipment.objects.get(unit_id=NORTH).goods == "roses"
    assert Shipment.objects.get(unit_id=SOUTH).goods == "tulips"


def test_a_house_may_hang_under_a_master_of_another_unit(importing: Any) -> None:
    importing(AT_NORTH, HEAD + row("M1"))
    importing(AT_SOUTH, HEAD.replace("\n", ",Master\n") + row("H1", client="K2").replace("\n", ",M1\n"))
    house = Shipment.objects.select_related("parent").get(waybill="H1")
    assert house.parent is not None and house.parent.unit_id == NORTH
    assert goods() == {"M1": "tulips", "H1": "tulips"}


def test_places_that_everybody_shares_are_described_anew_by_headquarters_only(importing: Any) -> None:
    Location.objects.create(code="NLHUB", name="As the firm calls it")
    importing(AT_NORTH, HEAD + row("W1"))
    assert Location.objects.get(code="NLHUB").name == "As the firm calls it"
    importing(IMPORTER, HEAD + row("W1"))
    assert Location.objects.get(code="NLHUB").name == "Told by the profile"


def test_somebody_of_a_region_imports_for_the_region_and_changes_its_branches(importing: Any) -> None:
    region = make_unit("North", UnitKind.REGION)
    branch = make_unit("North 1", UnitKind.BRANCH, parent=region)
    clerk, chief = make_dispatcher(unit=branch), make_dispatcher(unit=region)
    importing(actor_of(clerk), HEAD + row("W1"))
    result = importing(actor_of(chief), HEAD + row("W1", "roses") + row("W2"))
    assert (result.created, result.changed, result.rejected) == (1, 1, 0)
    assert dict(Shipment.objects.values_list("waybill", "unit_id")) == {"W1": branch.pk, "W2": region.pk}


def test_an_import_asked_for_by_a_unit_stays_within_it_when_a_worker_does_it(importing: Any) -> None:
    importing(AT_NORTH, HEAD + row("W1"))
    save_profile(IMPORTER, "own", SHIPMENTS)
    run = start_import(
        AT_SOUTH, files.keep((HEAD + row("W1", "roses") + row("W2")).encode()), "shipments", "own"
    )
    jobs.run_waiting()
    kept = ImportRun.objects.get(pk=run)
    assert (kept.state, kept.rejected, kept.counts["created"]) == ("done", 1, 1)
    assert goods() == {"W1": "tulips", "W2": "tulips"}
    assert Shipment.objects.get(waybill="W2").unit_id == SOUTH


def test_who_belongs_to_no_unit_is_told_so_before_anything_is_read(importing: Any) -> None:
    lost = make_person(Role.DISPATCHER)
    lost.unit = None
    lost.save()
    with pytest.raises(Refused) as refused:
        importing(actor_of(lost), HEAD + row("W1"))
    assert refused.value.code == "shipments.import_needs_a_unit"
    assert not ImportRun.objects.exists()
