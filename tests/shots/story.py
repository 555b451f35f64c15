"""What the firm of the pictures went through: shipments, an incident told about, another being written about, a file half-way."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tests.shots.incoming import come_in

if TYPE_CHECKING:
    from tidings.kernel.actor import Actor

OWN_SENTENCES = {
    "en": {
        "status": "The fire in sorting hall 2 is out, and nobody was hurt.",
        "what_changed": "All lines run through another hub since 07:30.",
        "compensation": "Damaged goods are paid for as your contract says; our claims desk writes to you first.",
    },
    "nl": {
        "status": "De brand in sorteerhal 2 is geblust en niemand raakte gewond.",
        "what_changed": "Alle lijnen rijden sinds 07.30 uur via een ander sorteercentrum.",
        "compensation": "Beschadigde goederen worden vergoed volgens uw contract; onze schadeafdeling schrijft u daarover.",
    },
    "zh-hans": {
        "status": "2号分拣车间的火已扑灭，没有人员受伤。",
        "what_changed": "自7:30起，所有线路改由其他分拨中心中转。",
    },
}
OWN_FIRST_WORDS = {
    "en": {"prevention": "Drivers wait at the next hub until the road is open."},
    "nl": {"prevention": "Chauffeurs wachten op het volgende sorteercentrum tot de weg open is."},
    "zh-hans": {"prevention": "司机在下一个分拨中心等候，直到道路恢复通行。"},
}
_ROWS = "Waybill;Customer name;E-mail;Promised delivery\n774-1;Tulpen BV;a@example.org;22-11-2026 18:00\n"


def tell(say: Callable[[str], None], *, shipments: int = 600) -> None:
    """The demo's own story through its command, and what a working day adds to it."""
    command = [sys.executable, "-m", "tidings", "demo", "--shipments", str(shipments)]
    command += ["--to", "first_notice", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        say("`tidings demo` took longer than five minutes")
        return
    if done.returncode:
        say(f"`tidings demo` failed: {done.stderr.strip()[-300:]}")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    _work_on()
    come_in()
    _change_a_text()
    _send_a_file()


def _work_on() -> None:
    """The incident grows: facts, a higher grade, an update half written."""
    from tidings.incidents import actions, queries
    from tidings.incidents.models import Incident
    from tidings.kernel.clock import now
    from tidings.people.models import User
    from tidings.people.queries import actor_of

    desk = actor_of(User.objects.filter(roles_held__role="dispatcher").first())
    incident = Incident.objects.get()
    facts = actions.Facts(
        what="Fire in sorting hall 2; building evacuated, nobody hurt. Inbound and outbound stopped.",
        effect="Parcels in the hall delayed by 1 to 3 days; some may be damaged.",
        first_response="Lines rerouted through another hub from 07:30.",
    )
    actions.change_facts(desk, incident.pk, facts)
    actions.change_grade(desk, incident.pk, "critical", "Goods in the hall may be damaged.")
    actions.add_note(desk, incident.pk, "Operations: lines confirmed.")
    at = now()
    actions.add_task(
        desk,
        incident.pk,
        "operations",
        "Reroute the evening lines and confirm each one.",
        at + timedelta(minutes=50),
        UUID(desk.ref),
    )
    actions.add_task(
        desk, incident.pk, "legal", "Tell the insurer and the owner of the building.", at + timedelta(hours=5)
    )
    actions.finish_task(
        desk,
        actions.add_task(desk, incident.pk, "couriers", "Ask drivers on the road to wait.", at),
        "not_done",
        "Two could not be reached by telephone.",
    )
    actions.set_effect(
        desk,
        incident.pk,
        "delayed",
        why="there_now",
        from_at=at + timedelta(days=1),
        until_at=at + timedelta(days=3),
    )
    actions.offer_choice(
        desk,
        incident.pk,
        options=("wait", "redeliver", "return"),
        default="wait",
        closes_at=at + timedelta(days=2),
    )
    told = queries.affected(desk, incident).exclude(customer_id=None).first()
    if told and told.customer_id:
        actions.promise_customer(
            desk, incident.pk, told.customer_id, "Call back about the medicines.", at + timedelta(minutes=20)
        )
    lesson = actions.add_corrective(
        desk,
        incident.pk,
        "operations",
        "Test the smoke detectors of every hall each month.",
        at + timedelta(days=7),
        at + timedelta(days=90),
    )
    actions.finish_task(desk, lesson)
    actions.write_phase(desk, incident.pk, "update", OWN_SENTENCES)
    boss = actor_of(User.objects.filter(roles_held__role="administrator").first())
    names = {"en": "Pallet shortage", "nl": "Pallettekort", "zh-hans": "托盘短缺"}
    actions.save_kind(boss, "pallet_shortage", names, "low")
    report = actions.Report(
        kind="weather", place=incident.place, window_from=at, window_until=at + timedelta(hours=6)
    )
    _put_on_call()
    _call(desk)
    storm = actions.open_incident(desk, report)
    spill = actions.open_incident(
        desk, actions.Report(kind="dangerous_goods", place=incident.place, window_from=at)
    )  # the law asks something there
    _tell_without_chinese(desk, spill)
    actions.set_parent(desk, incident.pk, storm)
    actions.change_grade(desk, storm, "critical", "The motorway is closed as well.")
    actions.tell_phase(desk, storm, "first_notice", OWN_FIRST_WORDS)  # waits for an approver
    _run_it_together(desk, storm)
    _let_two_approve(desk, boss)


def _run_it_together(desk: "Actor", storm: UUID) -> None:
    """A team of two that was called in, a hotline of its own, and a customer added by hand."""
    from tidings.customers.models import Customer
    from tidings.incidents import actions
    from tidings.people.models import User

    boss = User.objects.get(roles_held__role="manager")
    actions.call_in(desk, storm, {"operations": UUID(desk.ref), "customer_service": boss.pk})
    actions.set_hotline(desk, storm, number="+31 20 555 0199", hours="Every day, 07:00 to 22:00")
    known = Customer.objects.order_by("number").values_list("pk", flat=True)
    actions.pick_customers(desk, storm, known[:1], "in", "Their pick-up of tonight is cancelled.")


def _let_two_approve(desk: "Actor", boss: "Actor") -> None:
    """Of a theft both legal and management must approve what is said."""
    from dataclasses import replace

    from tidings.incidents import actions, queries, rules
    from tidings.kernel.clock import now

    theft = frozenset({"theft"})
    high = queries.policies()[rules.Severity.HIGH]
    actions.change_policy(boss, replace(high, legal_kinds=theft, management_kinds=theft))
    place = queries.incidents(desk).earliest("number").place
    stolen = actions.open_incident(desk, actions.Report(kind="theft", place=place, window_from=now()))
    actions.tell_phase(desk, stolen, "first_notice", OWN_FIRST_WORDS)


def _tell_without_chinese(desk: "Actor", incident: UUID) -> None:
    """A first notice that went in the languages that were ready: its readers of Chinese wait."""
    from tidings.incidents import actions
    from tidings.messaging.actions import approve_message
    from tidings.messaging.queries import current_freeze
    from tidings.people.models import User
    from tidings.people.queries import actor_of

    ready = {code: said for code, said in OWN_FIRST_WORDS.items() if code != "zh-hans"}
    message = actions.tell_phase(desk, incident, "first_notice", ready).message_id
    freeze = current_freeze(message)
    if freeze:
        boss = actor_of(User.objects.get(roles_held__role="manager"))
        approve_message(boss, message, freeze.digest)
        actions.tell_phase(desk, incident, "first_notice")


def _put_on_call() -> None:
    """Who approves tonight, and who stands in."""
    from tidings.kernel.clock import now
    from tidings.people.actions import put_on_call
    from tidings.people.models import User
    from tidings.people.queries import actor_of

    boss = User.objects.get(roles_held__role="manager")
    night = {"begins_at": now() - timedelta(hours=2), "ends_at": now() + timedelta(hours=10)}
    for role, deputy in (("approver", boss.pk), ("dispatcher", None)):
        person = User.objects.filter(roles_held__role=role).order_by("pk")[0]
        where = {"unit_id": person.unit_id, "deputy_id": deputy}
        put_on_call(actor_of(boss), person.pk, role=role, **where, **night)


def _call(desk: "Actor") -> None:
    """A call that nobody answered, and one that the desk has in hand."""
    from tidings.messaging import actions

    for _turn in range(2):
        call = actions.take_call(desk)
        if call is not None and _turn == 0:
            actions.end_call(desk, call.pk, "no_answer", "Rang for a minute, no voice mail.")


def _change_a_text() -> None:
    """Two versions of the firm's own over a shipped text, so that there is something to compare and to go back to."""
    from tidings.messaging import actions, queries
    from tidings.people.models import User
    from tidings.people.queries import actor_of

    desk = actor_of(User.objects.filter(roles_held__role="dispatcher").first())
    for before, after in (("finding out", "looking into"), ("looking into", "checking")):
        text = queries.texts_for("general", "holding")["en"]
        source = text.source.replace(before, after)
        if source != text.source:
            actions.set_text(desk, "general", "holding", "en", source, seen_digest=text.digest)


def _send_a_file() -> None:
    """A file as a dispatcher sends it, so that the pages between sending and importing have something to show."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from tidings.people.models import User

    desk = Client(headers={"host": "127.0.0.1"})
    desk.force_login(User.objects.filter(roles_held__role="dispatcher").first())
    sent = desk.post("/shipments/import/", {"file": SimpleUploadedFile("week 47.csv", _ROWS.encode())})
    desk.post(sent["Location"], {"profile": "scms", "do": "check"})
