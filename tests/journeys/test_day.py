"""A day of an incident on the made-up courier's goods, with the real worker, sender and catcher: its scope grows twice and
shrinks once, the grade is raised, one language is late, the approver sleeps, a wrong text is put right, and it is closed.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from tests.cast import make_administrator, make_agent, make_approver, make_dispatcher, make_unit
from tests.processes import free_port, running, wait_for_port
from tidings.incidents import actions, queries
from tidings.incidents.composer import composer
from tidings.incidents.models import HeldChange, Incident, Sending
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.installation import start_demo
from tidings.messaging import actions as messaging
from tidings.messaging import queries as told
from tidings.messaging.models import ApprovalAsk, CaughtMail, Recipient
from tidings.people.actions import put_on_call
from tidings.people.models import User
from tidings.people.queries import actor_of, system_actor
from tidings.shipments.actions import import_file
from tidings.shipments.sample import (
    DIVERTED,
    EVENTS_PROFILE,
    FIRM,
    MISREAD,
    SHIPMENTS_PROFILE,
    Day,
    write_day,
)

SHIPMENTS = 600
PATIENCE_SECONDS = 60
UPDATE = {
    "en": {
        "status": "The belt stands still.",
        "what_changed": "All lines run by way of Tilburg.",
        "measures": "Two shifts sort by hand.",
    },
    "nl": {
        "status": "De band staat stil.",
        "what_changed": "Alle lijnen rijden via Tilburg.",
        "measures": "Twee ploegen sorteren met de hand.",
    },
    "zh-hans": {
        "status": "传送带已停运。",
        "what_changed": "所有线路改经蒂尔堡中转。",
        "measures": "两个班组正在人工分拣。",
    },
}
RIGHT = {
    "en": {"what_was_wrong": "We wrote Tilburg.", "what_is_right": "The lines run by way of Liège."},
    "nl": {"what_was_wrong": "Wij schreven Tilburg.", "what_is_right": "De lijnen rijden via Luik."},
    "zh-hans": {"what_was_wrong": "我们误写为蒂尔堡。", "what_is_right": "实际经列日中转。"},
}
LAST = {
    "en": {
        "cause": "A motor burnt out.",
        "measures": "It was replaced.",
        "prevention": "A spare lies ready.",
    },
    "nl": {
        "cause": "Een motor is doorgebrand.",
        "measures": "Die is vervangen.",
        "prevention": "Er ligt een reservemotor klaar.",
    },
    "zh-hans": {
        "cause": "一台电机烧毁。",
        "measures": "已更换电机。",
        "prevention": "现已备好备用电机。",
    },
}


@pytest.fixture
def processes(own_database: str, tmp_path: Path) -> Iterator[None]:
    """Worker, sender and catcher on a database of this test alone."""
    catcher = free_port()
    ports = {"TIDINGS_PORT": str(free_port()), "TIDINGS_CATCHER_PORT": str(catcher)}
    start_demo("test", FIRM)
    with running("setup", log=tmp_path / "setup.log", **ports) as setup:
        assert setup.wait(60) == 0, (tmp_path / "setup.log").read_text()
    with (
        running("catcher", log=tmp_path / "catcher.log", **ports) as mails,
        running("sender", log=tmp_path / "sender.log", **ports),
        running("worker", log=tmp_path / "worker.log", **ports),
    ):
        wait_for_port(catcher, mails, tmp_path / "catcher.log", 40)
        yield


class Desk:
    """The people of the day, and what they look at."""

    def __init__(self, day: Day) -> None:
        boss, unit = make_administrator(), make_unit()
        self.dispatcher, self.agent = make_dispatcher(), make_agent()
        self.sleeper, self.deputy = make_approver(), make_approver()
        put_on_call(
            actor_of(boss), self.sleeper.pk, role="approver", unit_id=unit.pk, deputy_id=self.deputy.pk,
            begins_at=now() - timedelta(hours=1), ends_at=now() + timedelta(hours=8),
        )  # fmt: skip
        self.day, self.importer = day, actor_of(boss)

    @property
    def hand(self) -> Actor:
        return actor_of(User.objects.get(pk=self.dispatcher.pk))

    def open(self) -> UUID:
        sample = self.day.sample
        return actions.open_incident(
            self.hand,
            actions.Report("delay", sample.place, sample.from_at, sample.until_at),
        )

    def scans(self, file: Path) -> None:
        assert import_file(self.importer, file, "events", EVENTS_PROFILE).rejected == 0

    def tell(self, incident: UUID, phase: str, facts: actions.Facts | None = None, **more: UUID) -> int:
        """Tells a phase; what waits for an approval gets the deputy's, since who is on call sleeps."""
        outcome = actions.tell_phase(self.hand, incident, phase, facts, **more)
        if outcome.sent is None:
            self._deputy_answers(outcome.message_id)
            outcome = actions.tell_phase(self.hand, incident, phase)
        assert outcome.sent is not None
        return outcome.sent

    def scope_becomes(self, incident: UUID, size: int) -> None:
        """The worker follows by itself; a change that is too large for that waits until the dispatcher lets it go."""

        def grown() -> bool:
            if HeldChange.objects.filter(incident_id=incident, ended_at__isnull=True).exists():
                actions.let_change_go(self.hand, incident)
            return affected(incident) == size

        until(f"{size} shipments are affected", grown)

    def call_all(self) -> None:
        """An agent works through the call list, and everybody picks up."""
        agent = actor_of(User.objects.get(pk=self.agent.pk))
        while (call := messaging.take_call(agent)) is not None:
            messaging.end_call(agent, call.pk, "reached")

    def _deputy_answers(self, message: UUID) -> None:
        freeze = told.current_freeze(message)
        assert freeze is not None
        asked = ApprovalAsk.objects.get(freeze=freeze, ended_at__isnull=True)
        assert asked.person_id == self.sleeper.pk
        messaging.move_approval_on(system_actor("approvals"), freeze.pk, asked.answer_by)
        assert ApprovalAsk.objects.get(freeze=freeze, ended_at__isnull=True).person_id == self.deputy.pk
        messaging.approve_message(actor_of(self.deputy), message, freeze.digest)


def until(what: str, holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < give_up, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.25)


def affected(incident: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT shipment_id) FROM incidents_affected WHERE incident_id = %s AND gone_at IS NULL",
            [incident],
        )
        return int(cursor.fetchone()[0])


def reach_adds_up(incident: UUID) -> None:
    row = Incident.objects.get(pk=incident)
    for phase in queries.reach(row, now()):
        parts = phase.in_time + phase.late + phase.under_way + phase.overdue + phase.unreachable
        assert parts == phase.total > 0


def everybody_has_it(incident: UUID) -> bool:
    return all(not one.under_way for one in queries.reach(Incident.objects.get(pk=incident), now()))


def last_message(incident: UUID, phase: str) -> UUID:
    sent = Sending.objects.filter(incident_id=incident, phase=phase, sent_at__isnull=False)
    return sent.latest("sent_at").message_id


@pytest.mark.usefixtures("processes")
def test_a_day_of_an_incident_from_its_report_to_its_closing(tmp_path: Path) -> None:
    day = write_day(tmp_path / "day", SHIPMENTS, 1, now())
    desk = Desk(day)
    import_file(desk.importer, day.sample.shipments, "shipments", SHIPMENTS_PROFILE)
    desk.scans(day.sample.events)

    incident = desk.open()
    began = affected(incident)
    assert desk.tell(incident, "first_notice") > 0
    desk.call_all()
    until("the first notices are caught", lambda: everybody_has_it(incident))
    reach_adds_up(incident)

    desk.scans(day.grows[0])
    desk.scope_becomes(incident, began + DIVERTED)
    desk.tell(incident, "first_notice")

    actions.change_grade(desk.hand, incident, "high", "Medicines are among them.")
    actions.write_phase(desk.hand, incident, "update", {code: UPDATE[code] for code in ("en", "zh-hans")})
    waits = composer(desk.hand, Incident.objects.get(pk=incident), "update", now())
    assert waits.complete and waits.held["nl"] > 0, "Dutch is late: it holds its readers, and nobody else"
    desk.tell(incident, "update", UPDATE)
    update = last_message(incident, "update")
    reach_adds_up(incident)

    desk.scans(day.grows[1])
    desk.scope_becomes(incident, began + 2 * DIVERTED)
    desk.tell(incident, "first_notice")

    got_it = Counter(Recipient.objects.filter(message_id=update).values_list("contact_id", flat=True))
    desk.tell(incident, "correction", RIGHT, corrects=update)
    put_right = last_message(incident, "correction")
    corrected = Counter(Recipient.objects.filter(message_id=put_right).values_list("contact_id", flat=True))
    assert corrected and corrected <= got_it, "a correction goes to those who got what was wrong, once each"

    before = affected(incident)
    desk.scans(day.shrinks)
    desk.scope_becomes(incident, before - MISREAD)

    desk.tell(
        incident,
        "restored",
        {
            code: {"what_works": one["measures"], "what_stays_late": one["status"]}
            for code, one in UPDATE.items()
        },
    )
    desk.tell(incident, "all_clear")
    actions.move_incident(desk.hand, incident, "resolved")
    desk.tell(incident, "closing", LAST)
    desk.call_all()
    until("the closing messages are caught", lambda: everybody_has_it(incident))
    reach_adds_up(incident)
    with pytest.raises(Refused, match=r"incident\.not_ready_to_close"):
        actions.close_incident(desk.hand, incident)
    actions.write_review(
        desk.hand,
        incident,
        actions.Lessons(
            cause="A motor burnt out.", measures="It was replaced.", prevention="A spare lies ready."
        ),
    )
    actions.close_incident(desk.hand, incident)
    assert Incident.objects.get(pk=incident).state == "closed"
    assert {mail.language for mail in CaughtMail.objects.all()} >= {"en", "nl", "zh-hans"}
