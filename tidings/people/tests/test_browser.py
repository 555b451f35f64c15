"""Signing in, the second factor and the worklist in a real browser: keyboard, small screen, and axe without a finding."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import PASSWORD, make_dispatcher

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)]


def test_somebody_signs_in_on_a_phone_and_reads_the_worklist_without_a_barrier(address: str) -> None:
    user = make_dispatcher(language="nl")
    with browser() as opened, opened.new_context(viewport={"width": 360, "height": 740}) as context:
        page, complaints = context.new_page(), []
        page.set_default_timeout(10_000)
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.goto(f"{address}/")
        assert barriers(page) == []
        page.keyboard.press("Tab")
        page.get_by_label("E-mail address").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("nav.rail")
        assert page.evaluate("document.documentElement.lang") == "nl"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert barriers(page) == []
        page.locator(".rail-more summary").click()
        assert page.locator(".rail-sheet a[href='/people/profile/']").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".rail-sheet").is_visible()
        assert complaints == []


def test_the_slash_key_searches_and_axe_would_see_a_barrier(address: str) -> None:
    user = make_dispatcher()
    with browser() as opened, opened.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{address}/")
        sign_in(page, "", user.email)
        page.keyboard.press("/")
        page.keyboard.type("3SNK44710082")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/?q=3SNK44710082")
        page.evaluate("document.querySelector('main input').removeAttribute('aria-label')")
        page.evaluate(
            "document.querySelector('main label').replaceWith(document.querySelector('main input'))"
        )
        assert "label" in barriers(page)


def test_what_was_typed_outlives_a_lapsed_session(address: str) -> None:
    user = make_dispatcher()
    with browser() as opened, opened.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        sign_in(page, f"{address}/people/profile/", user.email)
        page.locator("#id_name").fill("Robin of Venlo")
        context.clear_cookies(name="sessionid")
        page.get_by_role("button", name="Save profile").click()
        sign_in(page, "", user.email)
        assert page.locator("#id_name").input_value() == "Robin of Venlo"
        assert "What you had typed is here again" in page.locator("#messages").inner_text()


def sign_in(page: Page, address: str, email: str) -> None:
    if address:
        page.goto(address)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.rail")


def barriers(page: Page) -> list[str]:
    return [found["id"] for found in Axe().run(page).response["violations"]]
