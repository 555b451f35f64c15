"""A person at a real browser before the real processes, and the small firm whose goods stand at one hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cast import PASSWORD, code_now
from tests.processes import free_port, pages, running, wait_for_port
from tidings.incidents.tests.cast import make_customer, make_place, make_shipment

LANGUAGES = ("en", "nl", "zh-hans")
CUSTOMERS, UNREACHABLE = 30, 2


class Hand:
    """A person at a page: counts every press."""

    def __init__(self, page: Any, address: str) -> None:
        page.set_default_timeout(10_000)
        self.page, self.address, self.presses = page, address, 0

    def sign_in(self, email: str, secret: str = "") -> None:
        """With the `secret` of a second factor, for whoever has one."""
        self.page.goto(f"{self.address}/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[type=password]", PASSWORD)
        self.press("main button.primary")
        if secret:
            self.page.fill("input[name=code]", code_now(secret))
            self.press("main button.primary")

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def press(self, selector: str) -> None:
        self.presses += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()

    def sees(self, words: str) -> None:
        assert words in self.page.inner_text("main"), self.page.inner_text("main")[:3000]


def furnish() -> None:
    """Thirty customers in three languages, two of them without an address."""
    hub = make_place()
    for number in range(CUSTOMERS):
        address = None if number < UNREACHABLE else "mail"
        customer = make_customer(f"C-{number}", LANGUAGES[number % 3], address=address)
        for piece in range(1 + number % 3):
            make_shipment(f"WB{number:03}{piece}", customer, hub)


@contextmanager
def served(logs: Path) -> Iterator[str]:
    """The pages, the catcher, the sender and the worker, until the block ends; gives the address."""
    catcher = free_port()
    ports = {"TIDINGS_CATCHER_PORT": str(catcher)}
    with (
        pages(logs, **ports) as address,
        running("catcher", log=logs / "catcher.log", **ports) as mails,
        running("sender", log=logs / "sender.log", **ports),
        running("worker", log=logs / "worker.log", **ports),
    ):
        wait_for_port(catcher, mails, logs / "catcher.log", 40)
        yield address
