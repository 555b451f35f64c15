"""Two incidents, one customer: the real sender and catcher, and what the mails say in three languages."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.processes import free_port, running, wait_for_port
from tidings.incidents import actions, queries
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import (
    approve,
    make_actor,
    make_customer,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.installation import start_demo
from tidings.messaging.models import CaughtMail
from tidings.messaging.rules.reading import read_mail

LANGUAGES = ("en", "nl", "zh-hans")
NEWS = {code: {"status": f"Still shut ({code}).", "what_changed": "x", "measures": "y"} for code in LANGUAGES}
PATIENCE_SECONDS = 60


@pytest.fixture
def post_office(own_database: str, tmp_path: Path) -> Iterator[Path]:
    """A sender and a catcher on the test's own database and home."""
    start_demo("test", "Example Express")
    port, log = free_port(), tmp_path / "log"
    log.touch()
    (tmp_path / "home").mkdir()
    home = {
        "TIDINGS_HOME": str(tmp_path / "home"),
        "TIDINGS_CATCHER_PORT": str(port),
        "TIDINGS_KEY_FILE": str(tmp_path / "master.key"),
    }
    with running("catcher", log=log, **home) as catcher, running("sender", log=log, **home):
        wait_for_port(port, catcher, log)
        yield log


def wait_until(done: Callable[[], bool], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.1)


def tell(actor: Actor, incident: Incident, phase: str, facts: dict[str, dict[str, str]] | None) -> None:
    outcome = actions.tell_phase(actor, incident.pk, phase, facts)
    if outcome.sent is None:
        approve(outcome.message_id)
        actions.tell_phase(actor, incident.pk, phase)


def make_storm(actor: Actor) -> tuple[Incident, Incident]:
    """Three readers with goods in a delay and in a storm, and one with goods in the storm alone; all told of each."""
    venlo, duisburg = make_place(), make_place("DEDUI", "Duisburg")
    for number, language in enumerate(LANGUAGES):
        customer = make_customer(f"C-{language}", language)
        make_shipment(f"VE{number}", customer, venlo)
        make_shipment(f"DU{number}", customer, duisburg)
    make_shipment("DU9", make_customer("C-there"), duisburg)
    reports = (make_report(kind="delay", place=venlo.code), make_report(kind="weather", place=duisburg.code))
    first, second = (queries.incident(actor, actions.open_incident(actor, report)) for report in reports)
    for incident in (first, second):
        tell(actor, incident, "first_notice", None)
    return first, second


SAID = {
    "en": "DU0: delayed (because of severe weather at Duisburg, {number}), now expected",
    "nl": "DU1: vertraagd (door zwaar weer in Duisburg, {number}), nu verwacht",
    "zh-hans": "运单DU2：延误（因Duisburg恶劣天气，{number}），现预计",
}
SUBJECTS = {"en": "Your shipment VE0: ", "nl": "Uw zending VE1: ", "zh-hans": "您的快件（运单号VE2）："}


def test_a_customer_in_two_incidents_gets_one_update_that_tells_of_both(post_office: Path) -> None:
    actor = make_actor()
    delay, storm = make_storm(actor)
    wait_until(lambda: CaughtMail.objects.count() == 7, post_office)
    tell(actor, delay, "update", NEWS)
    tell(actor, storm, "update", NEWS)
    wait_until(lambda: CaughtMail.objects.count() == 11, post_office)
    for language in LANGUAGES:
        mails = CaughtMail.objects.filter(recipients=f"c-{language}@example.org").order_by("id")
        assert mails.count() == 3
        newest = mails.last()
        assert newest is not None
        assert newest.subject.startswith(SUBJECTS[language]) and "Venlo" in newest.subject
        reading = read_mail(bytes(newest.raw))
        for part in (reading.text, reading.html):
            said = part.replace("\r\n", "\n")
            assert SAID[language].format(number=storm.number) in said
            assert f"Still shut ({language})." in said
    assert CaughtMail.objects.filter(recipients="c-there@example.org").count() == 2
    for incident, readers in ((delay, 3), (storm, 4)):
        wait_until(partial(_is_in_time, incident, readers), post_office)


def _is_in_time(incident: Incident, readers: int) -> bool:
    [update] = [one for one in queries.reach(incident, now()) if one.phase == "update"]
    return (update.in_time, update.total) == (readers, readers)
