"""Imports end to end: counts, rejects that can be mended, the same file twice, dry runs, lines of one shipment, corrections."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tidings.customers.models import Address, Contact, Customer, LegalBasis
from tidings.kernel import feed, files, jobs
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.shipments import jobs as shipment_jobs
from tidings.shipments.actions import import_file, save_profile, start_import
from tidings.shipments.actions.imports import ImportResult
from tidings.shipments.models import Event, ImportRun, Party, Position, Shipment, TimeChange
from tidings.shipments.queries.imports import profile_digest, profile_text
from tidings.shipments.tests.cast import IMPORTER

pytestmark = pytest.mark.django_db
assert shipment_jobs.import_kept_file  # registers itself

PROFILE = """
name = "Test"
kind = "shipments"
[file]
decimal = ","
[shipment]
waybill = "Waybill"
started_on = "Start"
promised_at = "Promised"
destination = "To"
master = { column = "Master", optional = true }
weight = { column = "Kg", sum = true, optional = true }
value = "Value"
value_currency = { constant = "EUR" }
[parties.account]
number = "Client"
name = "Client"
[parties.consignee]
name = "Receiver"
email = "Mail"
language = { column = "Mail", match = "[.](nl|cn|org)$", map = { nl = "nl", cn = "zh", org = "en" }, default = "en" }
postcode = { column = "Postcode", optional = true }
house_number = { column = "House", optional = true }
[references]
shop_order = { column = "Order", optional = true }
"""
EVENTS = """
name = "Scans"
kind = "events"
[event]
waybill = "Waybill"
code = "Act"
happened_at = "At"
place = "Place"
kind = { column = "Kind", optional = true, default = "actual" }
corrects_at = { column = "Corrects at", optional = true }
corrects_code = { column = "Corrects act", optional = true }
corrects_place = { column = "Corrects place", optional = true }
"""
HEAD = "Waybill,Start,Promised,To,Value,Client,Receiver,Mail\n"
GOOD = 'W1,2026-11-01,2026-11-03 18:00,NLRTM,"12,50",K1,Ana,ana@example.org\n'


@pytest.fixture
def importing(tmp_path: Path) -> Any:
    def run(text: str | bytes, profile: str = PROFILE, kind: str = "shipments", **more: Any) -> ImportResult:
        described, file = tmp_path / "test.toml", tmp_path / "file.csv"
        described.write_text(profile, "utf-8")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_file(IMPORTER, file, kind, str(described), **more)

    return run


def test_a_row_becomes_a_shipment_with_its_parties_and_a_contact_that_may_be_written_to(
    importing: Any,
) -> None:
    result = importing(HEAD + GOOD)
    assert (result.rows, result.created, result.rejected) == (1, 1, 0)
    shipment = Shipment.objects.select_related("destination").get()
    assert (shipment.value_cents, shipment.destination.code, shipment.destination.country) == (
        1250,
        "NLRTM",
        "NL",
    )
    contact = Contact.objects.get(name="Ana")
    assert (contact.how_much, contact.language) == ("changes", "en")
    assert Address.objects.get(contact=contact).value == "ana@example.org"
    basis = LegalBasis.objects.get(contact=contact)
    assert (basis.purpose, basis.basis, basis.source) == ("service", "legitimate_interest", "import: Test")
    assert feed.take("shipments", 10) == [shipment.pk]
    assert AuditLine.objects.filter(verb="shipment.import").count() == 1


def test_the_same_file_twice_changes_nothing(importing: Any) -> None:
    importing(HEAD + GOOD)
    feed.take("shipments", 10)
    again = importing(HEAD + GOOD)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert not any(count for thing in again.things.values() for count in thing.values())
    assert feed.take("shipments", 10) == []


def test_a_changed_promise_is_kept_with_what_it_was(importing: Any) -> None:
    importing(HEAD + GOOD)
    changed = importing(HEAD + GOOD.replace("2026-11-03", "2026-11-05"))
    assert (changed.created, changed.changed) == (0, 1)
    change = TimeChange.objects.get()
    assert change.kind == "promised" and change.was_at.day == 3 and change.became_at.day == 5


def test_an_empty_cell_takes_nothing_away(importing: Any) -> None:
    importing(HEAD + GOOD)
    assert importing(HEAD + GOOD.replace("2026-11-03 18:00", "")).changed == 0
    assert Shipment.objects.get().promised_at is not None


def test_a_dry_run_counts_exactly_and_changes_nothing(importing: Any) -> None:
    dry = importing(HEAD + GOOD + GOOD.replace("W1", "W2"), dry_run=True)
    assert (dry.created, dry.things["customers"]["created"]) == (2, 2)
    assert not Shipment.objects.exists() and not Customer.objects.exists()
    assert ImportRun.objects.get().state == "done"


def test_bad_rows_go_into_a_file_that_can_be_mended_and_imported_again(importing: Any) -> None:
    bad = [
        GOOD.replace("W1", "B1").replace("2026-11-03 18:00", "soon"),
        GOOD.replace("W1", "B2").replace('"12,50"', "=1+1"),
        GOOD.replace("W1", "B3").replace("Ana", "An\x07a"),
        GOOD.replace("W1", ""),
        GOOD.replace("W1", "B5").replace("\n", ",surplus\n"),
        GOOD.replace("W1", "B6").replace("ana@example.org", "ana@example.org;bcc"),
    ]
    result = importing(HEAD + GOOD + "".join(bad))
    assert (result.rows, result.created, result.rejected) == (7, 1, 6)
    assert result.reasons == {
        "not_a_date": 1, "not_a_number": 1, "control_character": 1, "missing": 1, "cell_count": 1,
        "not_an_email_address": 1,
    }  # fmt: skip
    assert not Customer.objects.filter(name="An\x07a").exists()
    kept = files.fetch(result.reject_digest).decode()
    assert kept.splitlines()[0] == HEAD.strip() + ",rejected_line,rejected_code,rejected_because"
    assert ",3,not_a_date,not_a_date: Promised" in kept
    mended = importing(kept.replace("soon", "2026-11-04 18:00"))
    assert (mended.created, mended.rejected) == (1, 5)
    assert mended.reject_digest and "rejected_line,rejected_code,rejected_because,rejected" not in kept


def test_lines_about_one_shipment_become_one_whose_sums_add_up(importing: Any) -> None:
    head = HEAD.replace("\n", ",Kg,Order\n")
    lines = [GOOD.replace("\n", f",{kg},{order}\n") for kg, order in (('"1,5"', "A"), ("2", "B"), ("", "A"))]
    assert importing(head + "".join(lines)).created == 1
    assert Shipment.objects.get().weight_grams == 3500
    assert importing(head + "".join(lines)).unchanged == 1


KG = HEAD.replace("\n", ",Kg\n")
ADDED_UP = PROFILE.replace('value = "Value"', 'value = { column = "Value", sum = true }')


def kg(weight: str, line: str = GOOD) -> str:
    return line.replace("\n", f",{weight}\n")


def test_one_bad_line_rejects_all_lines_of_its_shipment_where_they_are_added_up(importing: Any) -> None:
    other = kg("5", GOOD.replace("W1", "W2").replace("K1", "K2"))
    result = importing(KG + kg("10") + kg("heavy") + other + kg("30"))
    assert (result.created, result.rejected) == (1, 3)
    assert result.reasons == {"not_a_number": 1, "other_line_rejected": 2}
    assert not Customer.objects.filter(number="K1").exists()
    kept = files.fetch(result.reject_digest).decode()
    mended = importing(kept.replace("heavy", "20"))
    assert (mended.created, mended.rejected) == (1, 0)
    assert dict(Shipment.objects.values_list("waybill", "weight_grams")) == {"W1": 60_000, "W2": 5_000}


def test_amounts_of_several_currencies_are_not_added_up(importing: Any) -> None:
    profile = ADDED_UP.replace('{ constant = "EUR" }', '"Coin"')
    head, lines = HEAD.replace("\n", ",Coin\n"), [kg("EUR"), kg("USD"), kg("USD", GOOD.replace("W1", "W2"))]
    result = importing(head + "".join(lines), profile)
    assert (result.created, result.reasons) == (1, {"currencies_differ": 2})
    assert Shipment.objects.get().waybill == "W2"


def test_a_number_used_again_at_another_start_is_another_shipment(importing: Any) -> None:
    assert importing(HEAD + GOOD + GOOD.replace("2026-11-01", "2025-01-01")).created == 2


def test_houses_find_their_master_whether_it_stands_in_the_file_or_not(importing: Any) -> None:
    head = HEAD.replace("\n", ",Master\n")
    rows = [GOOD.replace("W1", waybill).replace("\n", f",{master}\n") for waybill, master in (
        ("H1", "M1"), ("M1", ""), ("H2", "ELSEWHERE"), ("M1X", "M1X"))]  # fmt: skip
    importing(head + "".join(rows))
    parents = {s.waybill: s.parent and s.parent.waybill for s in Shipment.objects.select_related("parent")}
    assert parents == {"H1": "M1", "M1": None, "H2": "ELSEWHERE", "ELSEWHERE": None, "M1X": None}
    assert importing(head + "".join(rows)).changed == 0


def test_another_consignee_in_a_later_file_takes_the_place_of_the_first(importing: Any) -> None:
    importing(HEAD + GOOD)
    assert importing(HEAD + GOOD.replace("Ana,ana", "Bo,bo")).changed == 1
    assert [p.customer.name for p in Party.objects.filter(role="consignee").select_related("customer")] == [
        "Bo"
    ]


def test_events_find_their_shipment_and_the_others_are_rejected(importing: Any) -> None:
    importing(HEAD + GOOD)
    scans = "Waybill,Act,At,Place\nW1,arrived,2026-11-02 08:00,NLRTM\nX9,arrived,2026-11-02 08:00,NLRTM\n"
    result = importing(scans, EVENTS, "events")
    assert (result.created, result.rejected, result.reasons) == (1, 1, {"no_such_shipment": 1})
    assert "X9,arrived" in files.fetch(result.reject_digest).decode()
    assert Position.objects.get().code == "arrived"
    assert importing(scans, EVENTS, "events").created == 0
    assert Event.objects.count() == 1


def test_a_correction_moves_the_position_back(importing: Any) -> None:
    importing(HEAD + GOOD)
    head = "Waybill,Act,At,Place,Corrects act,Corrects at,Corrects place\n"
    importing(
        head + "W1,arrived,2026-11-02 08:00,NLRTM,,,\nW1,delivered,2026-11-02 12:00,NLRTM,,,\n",
        EVENTS,
        "events",
    )
    assert Position.objects.get().delivered_at is not None
    importing(head + "W1,void,2026-11-02 13:00,,delivered,2026-11-02 12:00,NLRTM\n", EVENTS, "events")
    seen = Position.objects.get()
    assert (seen.code, seen.delivered_at) == ("arrived", None)
    assert Event.objects.count() == 3


def test_what_happened_tomorrow_is_refused_and_what_is_planned_then_is_not(importing: Any) -> None:
    importing(HEAD + GOOD)
    scans = (
        "Waybill,Act,At,Place,Kind\nW1,arrived,2029-11-02,NLRTM,actual\nW1,arrived,2029-11-02,NLRTM,planned\n"
    )
    result = importing(scans, EVENTS, "events")
    assert result.reasons == {"happened_in_the_future": 1} and result.created == 1


def test_customers_come_with_their_ladder_and_an_import_never_reorders_it(importing: Any) -> None:
    profile = (
        'kind = "customers"\n[customer]\nnumber = "No"\nname = "Name"\nemail = "Mail"\nsms = "Phone"\n'
        'language = "Language"\ntold = { constant = "both" }\n'
    )
    text = "No,Name,Mail,Phone,Language\nK1,王记贸易,w@example.org,+1 202 555 0100,zh\n"
    assert importing(text, profile, "customers").created == 1
    assert importing(text.replace("w@", "new@"), profile, "customers").changed == 0
    ladder = Address.objects.order_by("position").values_list("channel", "value")
    assert list(ladder) == [
        ("email", "w@example.org"), ("sms", "+1 202 555 0100"), ("email", "new@example.org")
    ]  # fmt: skip
    assert Contact.objects.get().language == "zh-hans"
    assert importing(text.replace("王记贸易", "王记"), profile, "customers").changed == 1


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ("kind = ", "shipments.profile_unreadable"),
        ('kind = "parcels"', "shipments.profile_value_wrong"),
        (PROFILE.replace("[shipment]", "[shipment]\nwaybil = 'x'"), "shipments.profile_key_unknown"),
        (PROFILE.replace('waybill = "Waybill"', ""), "shipments.profile_incomplete"),
        (PROFILE.replace('value_currency = { constant = "EUR" }', ""), "shipments.profile_incomplete"),
        (PROFILE.replace('"Start"', "{ styles = ['D'] , column = 'x' }"), "shipments.profile_value_wrong"),
        (PROFILE.replace('"Start"', "{ default = 'x' }"), "shipments.profile_field_has_no_source"),
        (PROFILE.replace('"Waybill"', '"Number"'), "shipments.columns_missing"),
        (EVENTS, "shipments.profile_is_for"),
    ],
)
def test_a_profile_that_will_not_do_is_refused_by_the_name_of_its_fault(
    importing: Any, profile: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        importing(HEAD + GOOD, profile)
    assert refused.value.code == code
    assert not Shipment.objects.exists()


def test_an_import_asked_for_on_a_page_is_done_by_a_worker_and_keeps_its_story() -> None:
    save_profile(IMPORTER, "own", PROFILE)
    digest = files.keep((HEAD + GOOD).encode())
    run = start_import(IMPORTER, digest, "shipments", "own", file_name="monday.csv")
    assert ImportRun.objects.get(pk=run).state == "waiting"
    jobs.run_waiting()
    kept = ImportRun.objects.get(pk=run)
    assert (kept.state, kept.rows_read, kept.counts["created"]) == ("done", 1, 1)
    json.dumps(kept.counts)


def test_an_import_whose_file_is_no_table_fails_with_its_reason_on_the_run() -> None:
    save_profile(IMPORTER, "own", PROFILE)
    run = start_import(IMPORTER, files.keep(b"PK\x03\x04bomb"), "shipments", "own")
    jobs.run_waiting()
    kept = ImportRun.objects.get(pk=run)
    assert (kept.state, kept.error_code) == ("failed", "shipments.file_is_archive")


def test_an_import_that_the_database_does_not_take_fails_in_words_instead_of_waiting_for_ever() -> None:
    save_profile(IMPORTER, "own", PROFILE)
    start_import(IMPORTER, files.keep((HEAD + GOOD).encode()), "shipments", "own")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shipments_shipment ADD CONSTRAINT never CHECK (waybill <> 'W1')")
    with pytest.raises(IntegrityError):
        jobs.run_waiting()
    run = ImportRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "shipments.import_database_fault")
    assert run.error_facts == {"problem": "CheckViolation"}


def test_an_import_that_breaks_off_each_time_is_given_up_after_half_an_hour() -> None:
    """Its worker may be killed for it each time, and can say nothing."""
    save_profile(IMPORTER, "own", PROFILE)
    start_import(IMPORTER, files.keep((HEAD + GOOD).encode()), "shipments", "own")
    ImportRun.objects.update(state="reading", started_at=now() - timedelta(minutes=31))
    jobs.run_waiting()
    assert ImportRun.objects.values_list("state", "error_code").get() == (
        "failed", "shipments.import_given_up",
    )  # fmt: skip
    assert not Shipment.objects.exists()


def test_a_profile_takes_the_place_only_of_one_that_was_seen() -> None:
    save_profile(IMPORTER, "daily", PROFILE)
    save_profile(IMPORTER, "daily", PROFILE)
    other = PROFILE.replace('"Waybill"', '"Number"')
    with pytest.raises(Conflict):
        save_profile(IMPORTER, "daily", other)
    assert profile_text("daily") == PROFILE
    save_profile(IMPORTER, "daily", other, seen_digest=profile_digest("daily"))
    assert profile_text("daily") == other


def test_who_may_not_import_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    stranger = Actor(ActorKind.PERSON, "x", frozenset())
    with pytest.raises(Refused):
        import_file(stranger, tmp_path / "absent.csv", "shipments", "sample")
    with pytest.raises(Missing):
        start_import(IMPORTER, "0" * 64, "shipments", "../../settings")
    assert not ImportRun.objects.exists()


def test_a_crowded_unit_stamps_what_its_member_imports(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gen_random_uuid()")
        unit = cursor.fetchone()[0]
    member = Actor(ActorKind.PERSON, "m", frozenset({"shipment.import"}), frozenset({unit}))
    (tmp_path / "p.toml").write_text(PROFILE)
    (tmp_path / "f.csv").write_text(HEAD + GOOD)
    import_file(member, tmp_path / "f.csv", "shipments", str(tmp_path / "p.toml"))
    assert Shipment.objects.get().unit_id == unit
    assert set(Customer.objects.values_list("unit_id", flat=True)) == {unit}
