"""Large files: read by a process of their own and merged by slices, with the very result of one merge of the whole file."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from tidings.customers.models import Customer
from tidings.kernel.jobs import run_waiting
from tidings.shipments import jobs
from tidings.shipments.actions import import_file
from tidings.shipments.actions.imports import ImportResult, Large, Progress
from tidings.shipments.importers.batches import ReadingEnded
from tidings.shipments.importers.copying import copy_text
from tidings.shipments.models import ImportRun, Shipment
from tidings.shipments.tests.cast import IMPORTER

pytestmark = pytest.mark.django_db

WHOLE = Large()
SLICED = Large(bytes=0, rows_per_slice=3)
PROFILE = """
name = 'Says\\ttab, \\\\ and "quote"'
kind = "shipments"
[shipment]
waybill = "Waybill"
started_on = "Start"
promised_at = "Promised"
destination = "To"
goods = "Goods"
[parties.account]
number = "Client"
name = "Name"
[parties.consignee]
name = "Receiver"
email = "Mail"
sms = "Phone"
language = "Language"
postcode = "Postcode"
house_number = "House"
[references]
order = "Order"
[places.NLHUB]
name = "Hub"
within = "NL"
"""
HEAD = "Waybill,Start,Promised,To,Goods,Client,Name,Receiver,Mail,Phone,Language,Postcode,House,Order\n"
EVERYTHING = {
    "customers": """SELECT number, name, name_words::text, kind, country, told FROM customers_customer""",
    "contacts": """SELECT c.number, k.key, k.name, k.language, k.time_zone, k.how_much
        FROM customers_contact k JOIN customers_customer c ON c.id = k.customer_id""",
    "addresses": """SELECT c.number, k.key, a.channel, a.value, a.key, a.position
        FROM customers_address a JOIN customers_contact k ON k.id = a.contact_id
        JOIN customers_customer c ON c.id = k.customer_id""",
    "bases": """SELECT c.number, b.purpose, b.basis, b.source FROM customers_legalbasis b
        JOIN customers_contact k ON k.id = b.contact_id JOIN customers_customer c ON c.id = k.customer_id""",
    "places": "SELECT code, name, country, within_id IS NULL FROM shipments_location",
    "shipments": """SELECT s.waybill, s.started_on, s.promised_at, s.goods, d.code
        FROM shipments_shipment s LEFT JOIN shipments_location d ON d.id = s.destination_id""",
    "parties": """SELECT s.waybill, p.role, c.number, p.postcode, p.house_number FROM shipments_party p
        JOIN shipments_shipment s ON s.id = p.shipment_id JOIN customers_customer c ON c.id = p.customer_id""",
    "references": """SELECT s.waybill, r.kind, r.value, r.key FROM shipments_reference r
        JOIN shipments_shipment s ON s.id = r.shipment_id""",
    "times": "SELECT s.waybill, t.kind, t.was_at, t.became_at FROM shipments_timechange t "
    "JOIN shipments_shipment s ON s.id = t.shipment_id",
    "feed": "SELECT s.waybill FROM kernel_feedline f JOIN shipments_shipment s ON s.id = ANY(f.things)",
}


def line(at: int, **said: str) -> str:
    """One row; every fourth has the same client and every third the same receiver, in other words each time."""
    cells = {
        "Waybill": f"W{at}", "Start": f"2026-11-{1 + at % 20:02d}", "Promised": f"2026-11-{2 + at % 20:02d} 18:00",
        "To": ("NLHUB", "DEHAM", "NLRTM")[at % 3], "Goods": "back\\slash" if at % 5 else "", "Client": f"K{at % 4}",
        "Name": f"Client {at % 4} as line {at} has it", "Receiver": f"王小明 {at % 3}", "Mail": f"r{at % 3}@example.org",
        "Phone": f"+31201234{at % 7:03d}", "Language": ("nl", "en", "zh")[at % 3], "Postcode": f"10{at % 5:02d} ab",
        "House": str(at % 6), "Order": f"SO-{at}" if at % 4 else "",
    }  # fmt: skip
    return ",".join((cells | said).values()) + "\n"


@pytest.fixture
def importing(tmp_path: Path) -> Any:
    def run(rows: list[str], large: Large, **more: Any) -> ImportResult:
        described, file = tmp_path / "test.toml", tmp_path / "file.csv"
        described.write_text(PROFILE, "utf-8")
        file.write_text(HEAD + "".join(rows), "utf-8")
        return import_file(IMPORTER, file, "shipments", str(described), large=large, **more)

    return run


def everything() -> dict[str, list[tuple[object, ...]]]:
    with connection.cursor() as cursor:
        found = {}
        for name, question in EVERYTHING.items():
            cursor.execute(question)
            found[name] = sorted(cursor.fetchall(), key=repr)
        return found


def came_of(importing: Any, before: list[str], rows: list[str], large: Large) -> tuple[object, ...]:
    """All that stands in the database and in the result after importing `rows` on top of `before`, both undone again."""
    with transaction.atomic():
        importing(before, WHOLE)
        result = importing(rows, large)
        found = everything()
        transaction.set_rollback(True)
    counted = (result.rows, result.created, result.changed, result.unchanged, result.rejected)
    return found, counted, result.things, result.reasons, result.examples


NEW = [line(at) for at in range(20)]
KNOWN = [line(at) for at in range(0, 30, 2)]
CASES = {
    "all new": ([], NEW),
    "the same again": (NEW, NEW),
    "some known, some changed": (KNOWN, [line(at, Goods="other", Promised="2026-12-01") for at in range(20)]),
    "other consignees and addresses": (
        NEW, [line(at, Receiver="Ana", Mail=f"ana{at % 2}@example.org", Postcode="2000 XX") for at in range(20)]
    ),
    "rows that are rejected, alone saying something of a customer": (
        [], [line(at, Promised="soon" if at % 3 == 0 else "2026-12-01") for at in range(20)]
    ),
    "lines of one shipment side by side": ([], [line(at // 2, Order=f"SO-{at}") for at in range(20)]),
    "lines of one new shipment in two slices": ([], [*NEW, line(1, Goods="again", Order="SO-X")]),
    "lines of one known shipment in two slices": (NEW, [*NEW, line(1, Goods="again", Order="SO-X")]),
    "nothing but its head": ([], []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_slices_give_what_one_merge_of_the_whole_gives(
    importing: Any, case: tuple[list[str], list[str]]
) -> None:
    before, rows = case
    whole, sliced = came_of(importing, before, rows, WHOLE), came_of(importing, before, rows, SLICED)
    assert sliced == whole


def test_the_words_of_a_file_come_through_copying_as_they_are(importing: Any) -> None:
    importing([line(1, Goods="a\\tb \\N c\\\\", Name="\\N")], SLICED)
    assert Shipment.objects.get().goods == "a\\tb \\N c\\\\"
    assert Customer.objects.get(number="K1").name == "\\N"


def test_a_dry_run_by_slices_counts_and_changes_nothing(importing: Any) -> None:
    dry = importing(NEW, SLICED, dry_run=True)
    assert (dry.created, dry.things["parties"]["created"]) == (20, 40)
    assert not Shipment.objects.exists() and not Customer.objects.exists()
    assert ImportRun.objects.get().state == "done"


def test_progress_is_told_while_slices_are_merged(importing: Any) -> None:
    told: list[Progress] = []
    importing(NEW, SLICED, on_progress=told.append)
    assert [one.rows for one in told] == [3, 6, 9, 12, 15, 18, 20, 20]
    assert [one.state for one in told][-2:] == ["reading", "merging"]


def test_after_a_large_import_the_planner_knows_how_much_there_is(importing: Any) -> None:
    importing(NEW, Large(bytes=0, rows_per_slice=3, rows_to_look_anew=20))
    assert (run_waiting(), jobs.LOOK_ANEW) == (1, "shipments.look_anew")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples FROM pg_class WHERE relname = ANY(%s) ORDER BY 1",
            [["shipments_shipment", "shipments_party"]],
        )
        assert cursor.fetchall() == [(20,), (40,)]


def test_a_reading_process_that_is_killed_fails_the_import_in_words(
    importing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shutil.which("false")
    assert program
    monkeypatch.setattr(sys, "executable", program)  # a process that ends before it has read anything
    with pytest.raises(ReadingEnded):
        importing(NEW, SLICED)
    run = ImportRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "shipments.import_reading_ended")
    assert run.finished_at and not Shipment.objects.exists()


def test_columns_become_the_text_that_copy_reads() -> None:
    assert copy_text([[["1", "2"], ["a\tb", None]], [["3"], ["\\N"]], [[], []]]) == (
        "1\ta\\tb\n2\t\\N\n3\t\\\\N\n"
    )
