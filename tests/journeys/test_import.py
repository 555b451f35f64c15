"""A file from somebody's desk to its shipments' pages: the real worker, a real browser, nothing there but the people."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.processes import database_url
from tests.stack import Stack, stack
from tidings.people.actions import make_demo_cast
from tidings.people.queries import command_actor

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILE = (
    "Zendingsnummer;Klantnaam;Klantnummer;E-mail;Bestemming;Toegezegd op;Aangegeven waarde\r\n"
    + "".join(
        f"NL-77{number:04};{name};K-{number % 3};desk{number % 3}@example.org;NLVEN;{1 + number % 28:02}-11-2026 18:00;{number},50\r\n"
        for number, name in enumerate(
            ["Tulpenhandel De Vries", "上海国际货运有限公司", "=Harbour & Sons"] * 20
        )
    )
    + "NL-779999;Rozen BV;K-9;desk9@example.org;NLVEN;31-31-2026 18:00;1,00\r\n"
)
WAIT_MS = 30_000


@pytest.mark.browser
@pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)
def test_a_file_is_sent_mapped_checked_imported_and_its_shipment_found(
    own_database: str, tmp_path: Path
) -> None:
    sent = tmp_path / "Bloemen week 47.csv"
    sent.write_bytes(FILE.encode("gb18030"))
    cast = make_demo_cast(command_actor("run"))
    with stack(DATABASE_URL=database_url()) as firm, browser() as opened:
        address = firm.start()
        firm.people |= {role: (email, password) for email, _, role, password in cast}
        page = signed_in(opened.new_page(locale="en-GB"), firm, address)

        page.goto(f"{address}shipments/import/")
        page.set_input_files("[name=file]", sent)
        page.click("text=Send file")
        assert page.locator(".scroll td", has_text="上海国际货运有限公司").count() > 0
        assert "GB18030" in page.inner_text(".head-state")

        page.click("main section >> text=Shipments")
        assert page.locator("[name=target-0]").input_value() == "shipment.waybill"
        assert page.locator("[name=style-5]").input_value() == "DD-MM-YYYY hh:mm"
        page.select_option("[name=target-3]", "parties.account.email")
        page.select_option("[name=target-6]", "shipment.value")
        page.select_option("[name=decimal]", ",")
        page.fill("[name=currency]", "eur")
        page.fill("[name=name]", "Bloemen")
        page.click("text=Save profile and check the file")

        page.wait_for_selector("text=This is what an import would do", timeout=WAIT_MS)
        assert figures(page) == {"Rows": "61", "New": "40", "Changed": "0", "Rejected rows": "21"}
        page.click("text=Import it now")
        page.wait_for_selector("h2:text-is('Imported')", timeout=WAIT_MS)
        with page.expect_download() as downloading:
            page.click("text=Download them")
        rejected = downloading.value.path().read_text("gb18030")
        assert "NL-779999" in rejected and "rejected_because" in rejected
        assert "'=Harbour" in rejected

        page.keyboard.press("/")
        page.keyboard.type("nl 770001")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:text-is('NL-770001')", timeout=WAIT_MS)
        assert "上海国际货运有限公司" in page.inner_text("main")
        assert "€1.50" in page.inner_text("main")


def signed_in(page: "Page", firm: Stack, address: str) -> "Page":
    email, password = firm.people["dispatcher"]
    page.goto(f"{address}account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main button.primary")
    page.wait_for_selector("nav.rail")
    return page


def figures(page: "Page") -> dict[str, str]:
    """The counts at the top of a run, by their words; what stayed as it was is left out."""
    words = page.locator(".figures dt").all_inner_texts()
    numbers = page.locator(".figures dd").all_inner_texts()
    return {word: number for word, number in zip(words, numbers, strict=True) if word != "As they were"}
