"""Writing a message: one language at a time, each prepared sentence in its place, and only what it lacks as an empty field."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import PASSWORD, make_dispatcher, signed_in
from tidings.incidents import actions
from tidings.incidents.composer import composer
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.kernel.clock import now

OWN = "The hall burned down."


def write_page(phase: str = "first_notice") -> tuple[Incident, str]:
    make_hub_of_shipments()
    incident = make_opened(kind="delay")[1]
    return incident, reverse("incidents:write", args=[incident.number, phase])


@pytest.mark.django_db
def test_what_is_prepared_is_read_as_a_reader_gets_it_whatever_people_wrote():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    before = composer(actor, incident, "first_notice", now()).drafts[0]
    assert before.prepared["what_happened"] in before.paragraphs
    assert "prevention" not in before.prepared
    assert re.search(r"WB\d", before.prepared["what_it_means"]), "each of their shipments"
    actions.write_phase(actor, incident.pk, "first_notice", {"en": {"what_happened": OWN}})
    after = composer(actor, incident, "first_notice", now()).drafts[0]
    assert OWN in after.paragraphs
    assert after.prepared["what_happened"] == before.prepared["what_happened"]


@pytest.mark.django_db
def test_only_what_nothing_says_yet_is_an_empty_field():
    _incident, address = write_page("update")
    page = signed_in(make_dispatcher()).get(address).text
    prepared = re.findall(r'<div class="field sentence .*?<details ?(open)?>.*?name="en\.(\w+)"', page, re.S)
    assert ("", "when_next") in prepared
    assert "status" not in dict(map(reversed, prepared))
    assert 'name="en.status"' in page and "Still missing" in page and "Stays unsaid" in page


@pytest.mark.django_db
def test_own_words_are_open_and_the_language_that_is_wrong_comes_first():
    _incident, address = write_page()
    client: Client = signed_in(make_dispatcher())
    client.post(address, {"en.what_happened": OWN})
    page = client.get(address).text
    assert re.search(r"<details open>(?:(?!</details>).)*" + OWN, page, re.S)
    assert re.search(r'id="in-en" checked', page)
    wrong = client.post(address, {"nl.what_happened": "x" * 2001})
    assert wrong.status_code == 422
    assert re.search(r'id="in-nl" checked', wrong.text) and 'id="in-en" checked' not in wrong.text


@pytest.mark.browser
@pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)
def test_a_tab_turns_by_keyboard_and_what_is_typed_is_read_at_once(address: str) -> None:
    user = make_dispatcher()
    _incident, path = write_page()
    with browser() as opened, opened.new_context(viewport={"width": 1440, "height": 900}) as context:
        page, complaints = context.new_page(), []
        page.set_default_timeout(10_000)
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.goto(f"{address}{path}")
        page.get_by_label("E-mail address").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#writing")
        assert page.locator("#reads-en").is_visible() and not page.locator("#reads-nl").is_visible()
        page.locator("#in-en").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#reads-nl").is_visible() and not page.locator("#reads-en").is_visible()
        field = page.locator("[name='nl.what_happened']")
        sentence = page.locator(".sentence", has=field)
        assert sentence.locator(".prepared").is_visible() and not field.is_visible()
        sentence.locator("summary").click()
        field.fill("De hal is afgebrand.")
        page.locator("#reads-nl .as-mail").get_by_text("De hal is afgebrand.").wait_for()
        page.locator("#lacks-en").get_by_text("1 fact missing").wait_for()
        assert not sentence.locator(".prepared").is_visible()
        assert complaints == []
