"""Two people at one incident, in real browsers on the real server: each sees what the other does, and that the other is there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser import WITHOUT_BROWSER, browser
from tests.cast import PASSWORD, make_dispatcher
from tests.processes import free_port, running, wait_for_port
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened

CONNECTIONS = 2


@pytest.fixture
def address(own_database: str, tmp_path: Path) -> Iterator[str]:
    """The pages alone, with few connections to the database."""
    port = free_port()
    ports = {
        "TIDINGS_PORT": str(port),
        "TIDINGS_WEB_PROCESSES": "1",
        "TIDINGS_WEB_CONNECTIONS": str(CONNECTIONS),
    }
    make_dispatcher(name="Anna Visser", email="anna@example.org")
    make_dispatcher(name="Bo Chen", email="bo@example.org")
    make_hub_of_shipments()
    make_opened()
    with running("setup", log=tmp_path / "setup.log", **ports) as setup:
        assert setup.wait(60) == 0, (tmp_path / "setup.log").read_text()
    with running("web", log=tmp_path / "web.log", **ports) as pages:
        wait_for_port(port, pages, tmp_path / "web.log", 40)
        yield f"http://127.0.0.1:{port}"


@pytest.mark.browser
@pytest.mark.skipif(bool(WITHOUT_BROWSER), reason=WITHOUT_BROWSER)
def test_everyone_on_an_incident_sees_it_change_and_who_else_is_here(address: str) -> None:
    path = f"{address}/incidents/{Incident.objects.get().number}/"
    with browser() as chromium:
        anna, bo = (somebody(chromium, address, email) for email in ("anna@example.org", "bo@example.org"))
        anna.goto(path)
        anna.fill("#note", "half a sentence")
        bo.goto(path)
        anna.wait_for_selector("#here:has-text('Also here: Bo Chen')")
        bo.wait_for_selector("#here:has-text('Also here: Anna Visser')")
        bo.fill("#note", "The hub opens again at noon.")
        bo.press("#note", "Enter")
        anna.wait_for_selector("#story:has-text('The hub opens again at noon.')")
        assert anna.input_value("#note") == "half a sentence", "what somebody was typing was taken away"
        bo.goto(f"{path}grade/")
        bo.check("input[name=severity][value=critical]")
        bo.fill("[name=reason]", "Medicines are among them.")
        bo.click("main form.form button.primary")
        anna.wait_for_selector("#state:has-text('Critical')")


def test_many_open_pages_leave_connections_for_those_who_work(address: str) -> None:
    """Each stream lasts a minute; one that kept its connection would leave none for the next page."""
    number = Incident.objects.get().number
    with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as reader:
        sign_in(reader, address)
        streams = [
            httpx.Client(base_url=address, cookies=reader.cookies, timeout=30) for _ in range(CONNECTIONS * 6)
        ]
        opened = [one.stream("GET", f"/incidents/{number}/changes/") for one in streams]
        try:
            for one in opened:
                answer = one.__enter__()
                assert answer.headers["Content-Type"].startswith("text/event-stream")
                assert b"event: incident:" in next(answer.iter_bytes())
            with ThreadPoolExecutor(CONNECTIONS) as at_once:
                pages = at_once.map(lambda _: reader.get(f"/incidents/{number}/").status_code, range(8))
                assert set(pages) == {200}
        finally:
            for one, client in zip(opened, streams, strict=True):
                one.__exit__(None, None, None)
                client.close()


def somebody(chromium: Any, address: str, email: str) -> Any:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/")
    page.fill("input[name=login]", email)
    page.fill("input[type=password]", PASSWORD)
    page.click("main button.primary")
    page.wait_for_selector("nav.rail")
    return page


def sign_in(reader: httpx.Client, address: str) -> None:
    reader.get("/account/login/")
    token = reader.cookies["csrftoken"]
    answer = reader.post(
        "/account/login/",
        data={"login": "anna@example.org", "password": PASSWORD, "csrfmiddlewaretoken": token},
        headers={"Referer": f"{address}/account/login/"},
    )
    assert answer.status_code == 200 and "nav" in answer.text
