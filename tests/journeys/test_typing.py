"""What is typed outlives a closed window, another device and a lapsed session, in a real browser; and nobody else sees it."""

from typing import Any

import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import PASSWORD, make_dispatcher
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.messaging.models import MessageText, Unsaved

STATUS, MEASURES = "The hall is still shut.", "Two other hubs take over."


def somebody(chromium: Any, address: str, email: str) -> Any:
    """A page of somebody who signed in, in a browser of their own."""
    page = chromium.new_context().new_page()
    page.set_default_timeout(20_000)
    sign_in(page, address, email)
    return page


def sign_in(page: Any, address: str, email: str) -> None:
    page.goto(f"{address}/")
    page.fill("input[name=login]", email)
    page.fill("input[type=password]", PASSWORD)
    page.click("main button.primary")
    page.wait_for_selector("nav.rail")


@pytest.mark.browser
@pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)
def test_what_is_typed_is_kept_taken_up_elsewhere_and_goes_on_after_a_lapsed_session(address: str) -> None:
    anna = make_dispatcher(name="Anna Visser", email="anna@example.org").email
    bo = make_dispatcher(name="Bo Chen", email="bo@example.org").email
    make_hub_of_shipments()
    path = f"{address}/incidents/{make_opened(kind='delay')[1].number}/write/update/"
    with browser() as chromium:
        desk = somebody(chromium, address, anna)
        desk.goto(path)
        desk.fill("[name='en.status']", STATUS)
        desk.wait_for_selector("#kept:has-text('for you alone')")
        desk.close()
        other = somebody(chromium, address, bo)
        other.goto(path)
        assert other.locator(".unsaved").count() == 0

        phone = somebody(chromium, address, anna)
        phone.goto(path)
        assert phone.input_value("[name='en.status']") == ""
        phone.click(".unsaved a:has-text('Take it up')")
        assert phone.input_value("[name='en.status']") == STATUS
        phone.context.clear_cookies(name="sessionid")
        phone.fill("[name='en.measures']", MEASURES)
        phone.wait_for_selector("#kept:has-text('you are signed out')")
        sign_in(phone.context.new_page(), address, anna)
        phone.bring_to_front()
        phone.fill("[name='en.what_changed']", "Nothing yet.")
        phone.click("main form#writing button.primary")
        phone.wait_for_selector("#composer")
    said = MessageText.objects.get(language="en").facts
    assert (said["status"], said["measures"]) == (STATUS, MEASURES)
    assert not Unsaved.objects.exists()
