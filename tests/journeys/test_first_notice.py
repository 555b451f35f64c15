"""By hand, in a real browser, with the real processes: from a report to the mails that arrived."""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import PASSWORD, make_person
from tests.processes import free_port, running, wait_for_port
from tidings.incidents.tests.cast import HUB, make_customer, make_place, make_shipment
from tidings.kernel.installation import start_demo
from tidings.people.rules import Role

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)]

LANGUAGES = ("en", "nl", "zh-hans")
CUSTOMERS, UNREACHABLE = 30, 2
PATIENCE_SECONDS = 60


class Hand:
    """A person at a page: counts every press."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address, self.presses = page, address, 0

    def press(self, selector: str) -> None:
        self.presses += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()

    def sees(self, words: str) -> None:
        assert words in self.page.inner_text("main"), self.page.inner_text("main")[:3000]


@pytest.fixture
def address(own_database: str, tmp_path: Path) -> Iterator[str]:
    """The pages, the catcher, the sender and the worker on a database of this test alone."""
    web, catcher = free_port(), free_port()
    ports = {"TIDINGS_PORT": str(web), "TIDINGS_CATCHER_PORT": str(catcher), "TIDINGS_WEB_PROCESSES": "1"}
    _furnish()
    with running("setup", log=tmp_path / "setup.log", **ports) as setup:
        assert setup.wait(60) == 0, (tmp_path / "setup.log").read_text()
    with (
        running("web", log=tmp_path / "web.log", **ports) as pages,
        running("catcher", log=tmp_path / "catcher.log", **ports) as mails,
        running("sender", log=tmp_path / "sender.log", **ports),
        running("worker", log=tmp_path / "worker.log", **ports),
    ):
        wait_for_port(web, pages, tmp_path / "web.log", 40)
        wait_for_port(catcher, mails, tmp_path / "catcher.log", 40)
        yield f"http://127.0.0.1:{web}"


def _furnish() -> None:
    """A demo firm with thirty customers in three languages whose goods stand at one hub."""
    start_demo("test", "Noordster Koeriers")
    make_person(Role.DISPATCHER, Role.ADMINISTRATOR, email="dispatcher@example.org")
    hub = make_place()
    for number in range(CUSTOMERS):
        address = None if number < UNREACHABLE else "mail"
        customer = make_customer(f"C-{number}", LANGUAGES[number % 3], address=address)
        for piece in range(1 + number % 3):
            make_shipment(f"WB{number:03}{piece}", customer, hub)


def test_by_hand_from_report_to_the_mails_that_arrived(address: str) -> None:
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        hand = Hand(page, address)
        _sign_in(hand)
        began, before = time.monotonic(), hand.presses
        _report(hand)
        _look_and_send(hand)
        sys.stdout.write(
            f"\nreport to first notice: {hand.presses - before} presses, {time.monotonic() - began:.1f} s"
        )
        _see_reach_add_up(hand)
        _read_the_mails(hand)


def _sign_in(hand: Hand) -> None:
    hand.page.goto(f"{hand.address}/")
    hand.page.fill("input[name=login]", "dispatcher@example.org")
    hand.page.fill("input[type=password]", PASSWORD)
    hand.press("main button.primary")


def _report(hand: Hand) -> None:
    hand.press("nav a[href='/incidents/']")
    hand.press("a[href='/incidents/report/']")
    hand.page.select_option("select[name=kind]", "accident")
    hand.page.fill("input[name=place]", HUB)
    hand.press("main form.form button.primary")
    hand.sees("Accident at Venlo hub")
    hand.sees("Nobody has been told yet.")


def _look_and_send(hand: Hand) -> None:
    shipments = sum(1 + number % 3 for number in range(CUSTOMERS))
    hand.sees(f"See all: {shipments} shipments of {CUSTOMERS} customers")
    hand.sees(
        f"Goes to {CUSTOMERS} contacts: {CUSTOMERS - UNREACHABLE} by e-mail, {UNREACHABLE} without a usable address"
    )
    assert "(Dutch time)" in hand.page.inner_text("#composer .mail")
    hand.press("#composer button.primary")
    hand.sees(f"On its way to {CUSTOMERS} contacts.")


def _see_reach_add_up(hand: Hand) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        shown = hand.page.inner_text("#reach")
        parts = [
            int(number)
            for number in re.findall(r"(\d+)\s+(?:in time|late|under way|overdue|unreachable)", shown)
        ]
        assert sum(parts) == CUSTOMERS, shown
        assert f"adds up to {CUSTOMERS}" in shown
        assert re.search(rf"\b{UNREACHABLE}\s+unreachable", shown)
        hand.page.goto(f"{hand.address}/messages/caught/")
        if _caught(hand) == CUSTOMERS - UNREACHABLE:
            return
        hand.page.go_back()
        hand.page.wait_for_timeout(500)
    raise AssertionError(f"only {_caught(hand)} mails were caught")


def _caught(hand: Hand) -> int:
    return int(hand.page.locator("main tbody tr").count())


READ = {
    "en": ("Dear Reader C-", "Your ", "You will hear from us again by"),
    "nl": ("Beste Reader C-", "Uw ", "U hoort uiterlijk"),
    "zh-hans": ("尊敬的Reader C-", "您的", "再次通知您"),
}


def _read_the_mails(hand: Hand) -> None:
    """One mail per language, as its reader sees it: greeted by name, with the subject's words and their own waybills."""
    for language, (greeting, subject, promise) in READ.items():
        hand.page.goto(f"{hand.address}/messages/caught/")
        hand.press(f"td[lang='{language}'] a")
        assert subject in hand.page.inner_text("h1")
        read_as_html = hand.page.frame_locator("iframe.mail-frame").locator("body").inner_text()
        hand.press("a[href='?view=text']")
        read_as_text = hand.page.inner_text("pre.mail-text")
        for shown in (read_as_html, read_as_text):
            assert greeting in shown
            assert promise in shown
        number = re.search(r"Reader C-(\d+)", read_as_text)
        assert number is not None
        theirs = re.findall(r"WB(\d{3})\d", read_as_text)
        assert theirs and set(theirs) == {f"{int(number[1]):03}"}, "somebody else's shipment in a mail"
        assert len(set(re.findall(r"WB\d{4}", read_as_text))) == 1 + int(number[1]) % 3
