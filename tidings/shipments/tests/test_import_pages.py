"""The import pages: what may be sent, mapping columns, checking, importing, and what came of it."""

import gzip
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import make_agent, make_dispatcher, make_person, make_unit, signed_in
from tidings.kernel.jobs import run_waiting
from tidings.shipments import jobs
from tidings.shipments.forms.guessing import guessed, styles_that_read
from tidings.shipments.forms.mapping import TARGETS, profile_text_of
from tidings.shipments.importers.profile import parse_profile
from tidings.shipments.models import ImportRun, Profile, Shipment
from tidings.shipments.tests.test_epcis import document, event

FILE = (
    "Waybill;Customer name;Customer number;E-mail;Destination;Promised delivery;Notes\r\n"
    "774-1;Tulpen BV;K-1;a@example.org;NLVEN;22-11-2026 18:00;\r\n"
    "774-2;<script>alert(1)</script>;K-2;b@example.org;NLAMS;23-11-2026 09:30;=1+1\r\n"
    "774-3;Rozen BV;K-3;not an address;NLAMS;31-31-2026 09:30;\r\n"
)


@pytest.fixture
def desk(db: None) -> Client:
    return signed_in(make_dispatcher())


assert jobs.JOB  # loading it registers what the worker runs


def send(client: Client, content: bytes, name: str = "week 47.csv") -> object:
    return client.post("/shipments/import/", {"file": SimpleUploadedFile(name, content)})


def sent(client: Client, content: bytes = FILE.encode()) -> str:
    answer = send(client, content)
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
    return str(answer["Location"])  # type: ignore[index]


def chosen(client: Client, address: str, **more: str) -> dict[str, str]:
    """What the mapping page proposes, as a browser would send it back."""
    form = client.get(address).context["form"]
    values = {field.html_name: str(field.value() or "") for field in form}
    return {**values, "currency": "EUR", **more}


def said(answer: object) -> str:
    return str(answer.content.decode())  # type: ignore[attr-defined]


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.csv", b"0" * 10_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty", b""),
        ("a zip bomb", archive()),
        ("a gzip bomb", gzip.compress(b"0" * 1_000_000)),
        ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10),
        ("a program", b"\x7fELF" + bytes(2000)),
        ("noise", bytes(range(256)) * 50),
        ("blank lines", b"\n\n\n"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(
    desk: Client, name: str, content: bytes, settings: object
) -> None:
    answer = send(desk, content)
    assert answer.status_code == 422, name  # type: ignore[attr-defined]
    page = said(answer)
    assert "error-summary" in page
    assert "could not be done (" not in page, name
    assert not ImportRun.objects.exists()


def test_a_file_is_shown_before_anything_happens(desk: Client) -> None:
    page = said(desk.get(sent(desk)))
    for words in ("7 columns", "separated by semicolon", "UTF-8", "CR LF", "774-2", "week 47.csv"):
        assert words in page
    assert "<script>alert" not in page
    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("gb18030", "GB18030"), ("utf-16", "UTF-16-LE"), ("utf-8-sig", "with a mark in front")],
)
def test_the_dialect_is_found_out(desk: Client, encoding: str, shown: str) -> None:
    content = "运单号\t客户名称\r774-9\t上海国际货运有限公司\r".encode(encoding)
    page = said(desk.get(sent(desk, content)))
    for words in (shown, "separated by tab", "上海国际货运有限公司", "774-9"):
        assert words in page


def test_columns_are_chosen_checked_and_imported_and_the_profile_stays(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    values = chosen(
        desk, address, **{"target-1": "parties.account.name", "target-2": "parties.account.number"}
    )
    assert values["target-0"] == "shipment.waybill"
    assert values["target-4"] == "shipment.destination"
    assert values["style-5"] == "DD-MM-YYYY hh:mm"
    values["target-3"] = "parties.account.email"

    check = desk.post(address, values)["Location"]
    assert "every 1s" in said(desk.get(check))
    run_waiting()
    page = said(desk.get(check))
    assert "This is what an import would do" in page
    assert not Shipment.objects.exists()
    assert Profile.objects.get().code == "week-47"

    imported = desk.post(check + "start/")["Location"]
    run_waiting()
    page = said(desk.get(imported))
    assert "Imported" in page and "every 1s" not in page
    assert sorted(Shipment.objects.values_list("waybill", flat=True)) == ["774-1", "774-2"]

    answer = desk.get(imported + "rejected/")
    rejected = b"".join(answer).decode()
    assert "774-3" in rejected and "774-1" not in rejected
    assert (
        "week%2047-rejected.csv" in answer["Content-Disposition"]
        or "week 47-rejected.csv" in answer["Content-Disposition"]
    )
    assert "week-47" in said(desk.get(sent(desk)))


def test_a_profile_of_the_same_name_is_replaced_only_when_asked_once_more(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    check = desk.post(address, chosen(desk, address))["Location"]
    before = Profile.objects.get().text
    other = chosen(desk, address, **{"target-4": "shipment.origin"})
    answer = desk.post(address, other)
    assert answer.status_code == 422 and "of this name already" in said(answer)
    assert (Profile.objects.get().text, ImportRun.objects.count()) == (before, 1)
    seen = re.search(r'name="seen_digest" value="(\w+)"', said(answer))
    assert seen
    assert desk.post(address, {**other, "seen_digest": seen[1]}).status_code == 302
    assert Profile.objects.get().text != before

    desk.post(check + "start/")  # the import that the first check was made for
    imported = ImportRun.objects.get(dry_run=False)
    assert imported.profile_text == before


def test_the_same_file_twice_changes_nothing(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    values = chosen(desk, address, **{"target-1": "", "target-2": "", "target-3": ""})
    check = desk.post(address, values)["Location"]
    run_waiting()
    for expected in ((2, 0), (0, 0)):
        run = desk.post(check + "start/")["Location"]
        run_waiting()
        counts = ImportRun.objects.get(pk=re.findall(r"[0-9a-f-]{36}", run)[0]).counts
        assert (counts["created"], counts["changed"]) == expected


def test_a_mapping_without_a_waybill_is_told_and_nothing_chosen_is_lost(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    answer = desk.post(address, chosen(desk, address, **{"target-0": "", "name": "Mijn profiel"}))
    assert answer.status_code == 422
    assert "Mijn profiel" in said(answer)
    assert "could not be done (" not in said(answer)
    assert not Profile.objects.exists()


def test_a_date_column_needs_a_style(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    answer = desk.post(address, chosen(desk, address, **{"style-5": ""}))
    assert answer.status_code == 422
    assert "Choose how dates are written in “Promised delivery”." in said(answer).replace("&#x27;", "'")


def test_a_profile_that_does_not_fit_the_file_says_which_columns_are_missing(desk: Client) -> None:
    answer = desk.post(sent(desk), {"profile": "scms", "do": "check"})
    run_waiting()
    page = said(desk.get(answer["Location"]))
    assert "nothing was changed" in page
    assert "ASN/DN #" in page


def test_who_may_not_import_sends_nothing_and_who_may_not_read_sees_nothing(db: None) -> None:
    agent, nobody = signed_in(make_agent()), signed_in(make_person())
    assert agent.get("/shipments/import/").status_code == 200
    assert 'type="file"' not in said(agent.get("/shipments/import/"))
    assert send(agent, FILE.encode()).status_code == 403  # type: ignore[attr-defined]
    assert nobody.get("/shipments/import/").status_code == 403


def test_an_import_whose_file_is_gone_says_so_instead_of_waiting_for_ever(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    page = desk.post(address, chosen(desk, address))["Location"]
    ImportRun.objects.update(file_digest="0" * 64)
    run_waiting()
    assert ImportRun.objects.values_list("state", "error_code").get() == ("failed", "file.missing")
    assert "is not in the store" in said(desk.get(page))


def test_a_file_is_reached_only_by_its_own_address(desk: Client) -> None:
    good = sent(desk)
    assert desk.get(good.replace("/file/", "/file/x")).status_code == 404
    assert signed_in(make_agent()).get(good).status_code == 403


def test_an_import_of_somebody_else_of_another_unit_is_not_there(desk: Client) -> None:
    address = sent(desk) + "shipments/"
    run = desk.post(address, chosen(desk, address))["Location"]
    other = signed_in(make_dispatcher(unit=make_unit("South", "branch")))
    assert other.get(run).status_code == 404
    assert other.get(run + "rejected/").status_code == 404
    assert other.post(run + "start/").status_code == 404
    assert "week 47" not in said(other.get("/shipments/import/"))


@pytest.mark.parametrize(
    ("column", "target"),
    [
        ("Waybill", "shipment.waybill"),
        ("运单号", "shipment.waybill"),
        ("Vrachtbriefnummer", "shipment.waybill"),
        ("ETA", "shipment.estimated_at"),
        ("Gross weight (kg)", "shipment.weight"),
        ("目的地", "shipment.destination"),
        ("E-mail", "parties.account.email"),
        ("Favourite colour", ""),
    ],
)
def test_a_column_s_name_proposes_what_it_holds(column: str, target: str) -> None:
    known = [one for _group, targets in TARGETS["shipments"] for one in targets]
    assert guessed(column, known) == target


@pytest.mark.parametrize(
    ("values", "first", "doubtful"),
    [
        (["2026-11-22", "2026-11-23T10:00+01:00"], "ISO", False),
        (["22-11-2026 18:00"], "DD-MM-YYYY hh:mm", False),
        (["11/22/2026"], "MM/DD/YYYY", False),
        (["01/02/2026"], "DD/MM/YYYY", True),
        (["2-Jun-06", "14-Nov-06"], "D-MMM-YY", False),
        (["hello"], None, False),
        ([], None, False),
    ],
)
def test_a_column_s_values_propose_how_its_dates_are_written(
    values: list[str], first: str | None, doubtful: bool
) -> None:
    styles = styles_that_read(values)
    assert (styles[0] if styles else None) == first
    assert (any(s[0] == "D" for s in styles) and any(s[0] == "M" for s in styles)) is doubtful


@pytest.mark.parametrize("kind", list(TARGETS))
def test_every_field_that_the_page_offers_makes_a_profile_that_can_be_read(kind: str) -> None:
    targets = [target for _group, targets in TARGETS[kind] for target in targets]
    columns = [f'Column "{at}" = \\ [x]\u3000' for at in range(len(targets))]
    values = {f"target-{at}": target for at, target in enumerate(targets)}
    values |= {f"style-{at}": "ISO" for at in range(len(targets))}
    values |= {
        "name": 'A "name"',
        "time_zone": "Asia/Shanghai",
        "decimal": ",",
        "currency": "",
        "language": "nl",
    }
    profile = parse_profile(profile_text_of(kind, columns, values))
    assert profile.name == 'A "name"'
    assert profile.kind == kind


def test_a_document_of_epcis_is_shown_as_rows_and_imported_by_its_profile(desk: Client) -> None:
    answer = send(desk, json.dumps(document(event())).encode(), "events.json")
    shown = said(desk.get(answer["Location"]))  # type: ignore[index]
    assert "00106141412345678908" in shown
    run = desk.post(answer["Location"], {"profile": "epcis", "do": "import"})  # type: ignore[index]
    run_waiting()
    told = said(desk.get(run["Location"]))
    assert "no_such_shipment" not in told, "a reason is told in words"
    assert ImportRun.objects.get().rejected == 1


def test_a_faulty_document_of_epcis_is_refused_with_the_path_to_its_fault(desk: Client) -> None:
    answer = send(desk, json.dumps(document(event(action="CREATE"))).encode(), "events.json")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "$.epcisBody.eventList[0].action" in said(answer)
    assert not ImportRun.objects.exists()
