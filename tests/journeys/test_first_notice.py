"""By hand, in a real browser, with the real processes: from a report to the mails that arrived."""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import make_person
from tests.journeys.by_hand import CUSTOMERS, UNREACHABLE, Hand, furnish, served
from tidings.incidents.tests.cast import HUB
from tidings.kernel.installation import start_demo
from tidings.people.rules import Role

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)]

MOST_PRESSES = 10
PATIENCE_SECONDS = 60


@pytest.fixture
def address(own_database: str, tmp_path: Path) -> Iterator[str]:
    """A demo firm, on a database of this test alone."""
    start_demo("test", "Noordster Koeriers")
    make_person(Role.DISPATCHER, Role.ADMINISTRATOR, email="dispatcher@example.org")
    furnish()
    with served(tmp_path) as where:
        yield where


def test_by_hand_from_report_to_the_mails_that_arrived(address: str) -> None:
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        hand = Hand(page, address)
        hand.sign_in("dispatcher@example.org")
        began, before = time.monotonic(), hand.presses
        _report(hand)
        _look_and_send(hand)
        presses = hand.presses - before
        sys.stdout.write(f"\nreport to first notice: {presses} presses, {time.monotonic() - began:.1f} s")
        assert presses <= MOST_PRESSES
        _see_reach_add_up(hand)
        _read_the_mails(hand)


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
