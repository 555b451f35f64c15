"""The portal is down: all who use it hear of it by mail, in their language, whether or not goods of theirs are under way."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

import pytest

from tests.processes import free_port, running, wait_for_port
from tidings.customers.models import Customer, UsedService
from tidings.incidents import actions, queries
from tidings.incidents.models import Affected, Incident
from tidings.incidents.tests.cast import (
    NOW,
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

LANGUAGES = ("en", "nl", "zh-hans")
USERS, WITH_GOODS, UNREACHABLE = 9, 1, 1
PATIENCE_SECONDS = 90

FIRST = {
    "en": ("Our customer portal: our systems are down", "Our customer portal: not available"),
    "nl": ("Ons klantportaal: storing in onze systemen", "Ons klantportaal: niet beschikbaar"),
    "zh-hans": ("客户平台：我们的系统发生故障", "客户平台：暂时无法使用"),
}
LAST = {
    "en": "Our customer portal: was not available",
    "nl": "Ons klantportaal: was niet beschikbaar",
    "zh-hans": "客户平台：此前无法使用",
}
ENDS = {
    "en": {"cause": "A flood of requests.", "measures": "It was filtered.", "prevention": "A second line."},
    "nl": {
        "cause": "Een stroom verzoeken.",
        "measures": "Die is gefilterd.",
        "prevention": "Een tweede lijn.",
    },
    "zh-hans": {"cause": "大量恶意请求。", "measures": "已过滤。", "prevention": "增设备用线路。"},
}


@pytest.fixture
def firm(own_database: str, tmp_path: Path) -> Iterator[None]:
    """Catcher, sender and worker on a database of this test alone, of a firm whose portal nine customers use."""
    catcher = free_port()
    ports = {"TIDINGS_CATCHER_PORT": str(catcher)}
    _furnish()
    with running("setup", log=tmp_path / "setup.log", **ports) as setup:
        assert setup.wait(60) == 0, (tmp_path / "setup.log").read_text()
    with (
        running("catcher", log=tmp_path / "catcher.log", **ports) as mails,
        running("sender", log=tmp_path / "sender.log", **ports),
        running("worker", log=tmp_path / "worker.log", **ports),
    ):
        wait_for_port(catcher, mails, tmp_path / "catcher.log", 60)
        yield


def _furnish() -> None:
    start_demo("test", "Noordster Koeriers")
    hub = make_place()
    for number in range(USERS):
        address = None if number < UNREACHABLE else "mail"
        customer = make_customer(f"P-{number}", LANGUAGES[number % 3], address=address)
        UsedService.objects.create(
            customer=customer, service="portal", source="contract", since=date(2020, 1, 1)
        )
    make_shipment("WB1", Customer.objects.get(number=f"P-{USERS - 1}"), hub)
    make_customer("P-none")


def test_all_who_use_the_portal_are_told_in_their_language_and_hear_the_end(firm: None) -> None:
    actor = make_actor()
    report = make_report(kind="system_outage", window_from=NOW - timedelta(hours=1))
    incident = queries.incident(actor, actions.open_incident(actor, report))
    assert queries.affected_size(incident) == (1, WITH_GOODS)
    assert queries.without_shipment(actor, incident) == USERS - WITH_GOODS

    _tell(actor, incident, "first_notice")
    mails = _mails(USERS - UNREACHABLE)
    assert {language for language, _subject, _text in mails} == set(LANGUAGES)
    for language, subject, text in mails:
        assert FIRST[language][1] in text
        if "WB1" in text:
            assert "WB1" in subject and text.index("WB1") < text.index(FIRST[language][1])
        else:
            assert subject == FIRST[language][0]
    _adds_up(actor, incident, "first_notice")

    actions.move_incident(actor, incident.pk, "resolved")
    _tell(actor, incident, "closing", ENDS)
    closing = _mails(2 * (USERS - UNREACHABLE))[USERS - UNREACHABLE :]
    assert all(LAST[language] in text for language, _subject, text in closing)
    _adds_up(actor, incident, "closing")
    assert not Affected.objects.filter(incident=incident, told_at=None).exists()


def _tell(
    actor: Actor, incident: Incident, phase: str, facts: dict[str, dict[str, str]] | None = None
) -> UUID:
    outcome = actions.tell_phase(actor, incident.pk, phase, facts)
    if outcome.sent is None:
        approve(outcome.message_id)
        actions.tell_phase(actor, incident.pk, phase)
    return outcome.message_id


def _mails(count: int) -> list[tuple[str, str, str]]:
    """Language, subject and text of the mails that customers got, oldest first, once there are so many."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while CaughtMail.objects.count() < count:
        assert time.monotonic() < give_up, f"only {CaughtMail.objects.count()} of {count} mails were caught"
        time.sleep(0.2)
    found = []
    for caught in CaughtMail.objects.order_by("caught_at", "pk"):
        text = message_from_bytes(bytes(caught.raw), policy=policy.default).get_body(("plain",))
        assert text is not None
        found.append((caught.language, caught.subject, text.get_content()))
    return found


def _adds_up(actor: Actor, incident: Incident, phase: str) -> None:
    [reach] = [
        one for one in queries.reach(queries.incident(actor, incident.pk), now()) if one.phase == phase
    ]
    parts = (reach.in_time, reach.late, reach.under_way, reach.overdue, reach.unreachable)
    assert (sum(parts), reach.total, reach.unreachable) == (USERS, USERS, UNREACHABLE)
