"""By hand, in a real browser, from a report to the closed incident: one person writes at a desk, another approves on a telephone."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import give_second_factor, make_dispatcher, make_person
from tests.journeys.by_hand import CUSTOMERS, UNREACHABLE, Hand, furnish, served
from tests.journeys.test_day import LAST, RIGHT, UPDATE
from tidings.incidents.tests.cast import HUB
from tidings.kernel.installation import start_demo
from tidings.people.rules import Role

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)]

REACHABLE = CUSTOMERS - UNREACHABLE
PATIENCE_SECONDS = 60
RESTORED = {
    language: {"what_works": said["measures"], "what_stays_late": said["status"]}
    for language, said in UPDATE.items()
}


@dataclass
class Two:
    """Who writes and sends, at a desk, and who approves, on a telephone 360 px wide."""

    desk: Hand
    telephone: Hand
    incident: str = ""

    def write(self, phase: str, said: dict[str, dict[str, str]]) -> None:
        """Opens the phase from the incident's page and fills in every language."""
        page = self.desk.page
        self.desk.opens(f"{self.incident}?phase={phase}")
        self.desk.press(f"main a[href*='/write/{phase}/']")
        for language, sentences in said.items():
            page.locator(f"label[for='in-{language}']").click()
            for fact, words in sentences.items():
                field = page.locator(f"textarea[name='{language}.{fact}']")
                if (
                    not field.is_visible()
                ):  # the prepared sentence stands there, and one's own is a press away
                    page.locator("details", has=field).locator("summary").first.click()
                field.fill(words)
        self.desk.press("#writing button.primary")

    def tell(self, phase: str, said: dict[str, dict[str, str]]) -> None:
        """Written, asked about, approved in two taps, and sent."""
        self.write(phase, said)
        self.desk.sees("Ask for approval")
        self.desk.press("#send-now button")
        self.desk.sees("waits for approval")
        self.approve()
        self.desk.opens(f"{self.incident}?phase={phase}")
        self.desk.press("#send-now button")
        self.desk.sees("On its way to")

    def approve(self) -> None:
        self.telephone.opens("/")
        before = self.telephone.presses
        self.telephone.press("main a[href*='/decide/']")
        assert self.telephone.page.evaluate("document.documentElement.scrollWidth") <= 360
        self.telephone.press(".decision button.primary")
        assert self.telephone.presses - before == 2
        assert not self.telephone.page.locator(".decision").count(), "it is decided"

    def until_all_have(self, phase: str) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            self.desk.opens(f"{self.incident}reach/{phase}/?part=under_way")
            if not self.desk.page.locator("main tbody tr").count():
                return
            self.desk.page.wait_for_timeout(500)
        raise AssertionError(self.desk.page.inner_text("main")[:2000])


@pytest.fixture
def address(own_database: str, tmp_path: Path) -> Iterator[str]:
    """A demo firm, on a database of this test alone."""
    start_demo("test", "Noordster Koeriers")
    make_dispatcher(email="dispatcher@example.org")
    furnish()
    with served(tmp_path) as where:
        yield where


def test_two_people_carry_an_incident_to_its_closing(address: str) -> None:
    secret = give_second_factor(make_person(Role.APPROVER, email="approver@example.org"))
    with browser() as chromium:
        two = Two(
            Hand(chromium.new_page(viewport={"width": 1280, "height": 900}), address),
            Hand(chromium.new_page(viewport={"width": 360, "height": 740}), address),
        )
        two.desk.sign_in("dispatcher@example.org")
        two.telephone.sign_in("approver@example.org", secret)
        _report_and_tell(two)
        _raise(two)
        two.tell("update", UPDATE)
        two.tell("correction", RIGHT)
        two.tell("restored", RESTORED)
        two.tell("closing", LAST)
        two.until_all_have("closing")
        _review_and_close(two)


def _report_and_tell(two: Two) -> None:
    desk = two.desk
    desk.opens("/incidents/report/")
    desk.page.select_option("select[name=kind]", "accident")
    desk.page.fill("input[name=place]", HUB)
    desk.press("main form.form button.primary")
    two.incident = re.sub(r"^.*?//[^/]+", "", desk.page.url).partition("?")[0]
    desk.press("#composer button.primary")
    desk.sees(f"On its way to {CUSTOMERS} contacts.")
    two.until_all_have("first_notice")


def _raise(two: Two) -> None:
    two.desk.opens(f"{two.incident}grade/")
    two.desk.page.check("input[name=severity][value=critical]")
    two.desk.page.fill("textarea[name=reason]", "Medicines are among them.")
    two.desk.press("main form.form button.primary")
    two.desk.sees("Critical")


def _review_and_close(two: Two) -> None:
    desk = two.desk
    desk.opens(f"{two.incident}close/")
    desk.sees("Still missing")
    desk.opens(f"{two.incident}review/")
    for field, words in LAST["en"].items():
        desk.page.fill(f"textarea[name={field}]", words)
    desk.press("main form.form button.primary")
    desk.opens(f"{two.incident}close/")
    desk.sees("Nothing is missing. Say that it is resolved first")
    desk.press("main a[href$='/move/']")
    desk.page.select_option("select[name=target]", "resolved")
    desk.press("main form.form button.primary")
    desk.opens(f"{two.incident}close/")
    desk.press("main form button.primary")
    desk.sees("Closed")
