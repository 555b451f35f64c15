"""The main job on real input, from a file to the figures that add up. The command and the first start of a demo share it.

It knows actions and queries only; starting processes is the worker's business.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tidings.home import sql
from tidings.incidents import actions as incidents
from tidings.incidents import queries as incident_queries
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused, TryLater
from tidings.kernel.installation import is_demo
from tidings.messaging.actions import approve_message
from tidings.messaging.queries import current_freeze
from tidings.people.queries import command_actor, demo_person
from tidings.shipments.actions import import_file, import_sample

DEFAULT_SHIPMENTS = 20_000
KIND = "accident"
FIRST = "first_notice"
STORY = (FIRST, "update", "restored", "closing")
"""The messages of the demo, in their order."""
FURNISHED_SHIPMENTS = 5_000
SENTENCES = {
    "update": {
        "en": {
            "status": "The yard is open again; the damaged trailer has been taken away and nobody was hurt.",
            "what_changed": "Sorting started again at half strength, and other hubs take over part of the work.",
            "measures": "Extra trips run tonight, and every shipment that waited longest goes first.",
        },
        "nl": {
            "status": "Het terrein is weer open; de beschadigde oplegger is weggehaald en niemand raakte gewond.",
            "what_changed": "Het sorteren is op halve kracht hervat en andere sorteercentra nemen een deel van het werk over.",
            "measures": "Vannacht rijden extra ritten; zendingen die het langst wachten, gaan het eerst.",
        },
        "zh-hans": {
            "status": "场地已重新开放，受损挂车已移走，无人员受伤。",
            "what_changed": "分拣已恢复一半产能，其他分拨中心分担部分作业。",
            "measures": "今晚加开班次，等待最久的快件优先发运。",
        },
    },
    "restored": {
        "en": {
            "what_works": "Since this morning the hub has been sorting at full strength again.",
            "what_stays_late": "Shipments that waited in the yard arrive up to a day later than planned.",
        },
        "nl": {
            "what_works": "Sinds vanochtend sorteert het sorteercentrum weer op volle kracht.",
            "what_stays_late": "Zendingen die op het terrein wachtten, komen tot een dag later aan dan gepland.",
        },
        "zh-hans": {
            "what_works": "自今天上午起，分拨中心已全面恢复作业。",
            "what_stays_late": "曾在场地等待的快件，到达时间最多比计划晚一天。",
        },
    },
    "closing": {
        "en": {
            "cause": "A trailer rolled away while it was being coupled, because its parking brake was not set.",
            "measures": "We cleared the yard the same day and took the goods on by other hubs and extra trips.",
            "prevention": "Wheel chocks are now in place before any coupling, and a second person checks the brake.",
        },
        "nl": {
            "cause": "Een oplegger rolde weg tijdens het aankoppelen, omdat de parkeerrem niet was aangetrokken.",
            "measures": "Wij maakten het terrein dezelfde dag vrij en vervoerden de goederen via andere sorteercentra en met extra ritten.",
            "prevention": "Voor elk aankoppelen liggen er nu wielkeggen, en iemand anders controleert de rem.",
        },
        "zh-hans": {
            "cause": "一辆挂车在连接时溜车，原因是驻车制动未拉紧。",
            "measures": "我们当天清理了场地，并通过其他分拨中心和加开班次转运货物。",
            "prevention": "今后每次连接前均须放置止轮块，并由另一人检查制动。",
        },
    },
}
"""What the demo's dispatcher writes after the first notice: phase to language to the sentences that only a person knows."""
_LOOK_AGAIN_SECONDS = 0.2
_PATIENCE_SECONDS = 120.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported: a file with its profile, or (without a file) a sample of so many shipments, made on the spot."""

    file: Path | None = None
    profile: str = ""
    shipments: int = DEFAULT_SHIPMENTS


@dataclass(frozen=True, slots=True)
class Where:
    """The incident's place and window; without a place, where most goods are."""

    place: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(slots=True)
class Demo:
    """What happened. `messages` counts by phase and language, `reach` by phase, `seconds` by step."""

    shipments: int = 0
    customers: int = 0
    rejected_rows: int = 0
    incident: str = ""
    affected_shipments: int = 0
    affected_customers: int = 0
    messages: dict[str, dict[str, int]] = field(default_factory=dict)
    reach: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)


def furnish() -> None:
    """What a fresh demo begins with: a courier's week, and an incident that nobody has been told of yet."""
    actor, demo = command_actor("first start"), Demo()
    open_incident(actor, import_source(actor, Source(shipments=FURNISHED_SHIPMENTS), demo), demo)


def require_demo() -> None:
    """Raises Refused("demo.real_installation") unless this is a demo, or nothing at all yet."""
    if not is_demo() and sql.is_begun():
        raise Refused("demo.real_installation")


def import_source(actor: Actor, source: Source, demo: Demo) -> Where:
    """Imports the file, or the made-up courier's week; gives where an incident touches many."""
    with demo.step("import"):
        if source.file is not None:
            return _import_own(actor, source.file, source.profile, demo)
        sample, results = import_sample(actor, now(), shipments=source.shipments)
        demo.rejected_rows = sum(result.rejected for result in results)
        demo.shipments, demo.customers = sql.counts()
    return Where(sample.place, sample.from_at, sample.until_at)


def _import_own(actor: Actor, file: Path, profile: str, demo: Demo) -> Where:
    """Imports a file and counts what it brought, beside whatever a demo held before; all that is there where it brought nothing new."""
    began = sql.clock()
    result = import_file(actor, file, "shipments", profile)
    demo.rejected_rows = result.rejected
    demo.shipments, demo.customers = (
        result.created + result.changed + result.unchanged,
        sql.customers_since(began) or sql.counts()[1],
    )
    busy = sql.busiest(now(), began) or sql.busiest(now())
    return Where(busy.place, busy.from_at, busy.until_at) if busy else Where()


def open_incident(actor: Actor, where: Where, demo: Demo) -> None:
    """Opens the incident and finds the affected. Raises Refused("demo.nothing_there") where no event names a place."""
    if not where.place:
        raise Refused("demo.nothing_there")
    with demo.step("find"):
        report = incidents.Report(
            kind=KIND,
            place=where.place,
            window_from=where.from_at or now(),
            window_until=where.until_at,
            origin="command",
        )
        opened = incident_queries.incident(actor, incidents.open_incident(actor, report))
        reasons = incident_queries.affected_size(opened)
    demo.incident = opened.number
    demo.affected_shipments, demo.affected_customers = reasons


def send_message(actor: Actor, demo: Demo, phase: str) -> None:
    """Writes, freezes and plans a message: the prepared text with, after the first notice, the demo's sentences in it.

    Sentences of one's own wait for another person: here for the demo's own invented approver, who exists nowhere else.
    Raises Refused("demo.waits_for_approval") where there is none.
    """
    with demo.step("plan" if phase == FIRST else f"plan_{phase}"):
        incident = incident_queries.incident(actor, demo.incident)
        if phase == "closing" and incident.state != "resolved":
            incidents.move_incident(actor, incident.pk, "resolved")
        outcome = incidents.tell_phase(actor, incident.pk, phase, SENTENCES.get(phase))
        if outcome.sent is None:
            _approve(outcome.message_id, demo)
            incidents.tell_phase(actor, incident.pk, phase)


def _approve(message_id: UUID, demo: Demo) -> None:
    approver, freeze = demo_person("approver"), current_freeze(message_id)
    if approver is None or freeze is None:
        raise Refused("demo.waits_for_approval", number=demo.incident)
    approve_message(approver, message_id, freeze.digest)


def wait_until_handed_over(demo: Demo, phase: str, say: Say) -> None:
    """Waits for the sender. Raises TryLater("demo.sender_silent") when it does not get on for two minutes."""
    with demo.step(hand_over(phase)):
        left, moved_at = sql.not_handed_over(demo.incident), time.monotonic()
        while left:
            time.sleep(_LOOK_AGAIN_SECONDS)
            before, left = left, sql.not_handed_over(demo.incident)
            if left != before:
                moved_at = time.monotonic()
                say(str(left))
            elif time.monotonic() - moved_at > _PATIENCE_SECONDS:
                raise TryLater("demo.sender_silent", left=left)


def hand_over(phase: str) -> str:
    """The name of the step in which the sender hands a message over."""
    return "hand_over" if phase == FIRST else f"hand_over_{phase}"


def take_stock(actor: Actor, demo: Demo) -> None:
    """Counts what was said and who has it."""
    incident = incident_queries.incident(actor, demo.incident)
    for phase in incident_queries.reach(incident, now()):
        demo.messages[phase.phase] = {code: part.total for code, part in sorted(phase.by_language.items())}
        names = ("in_time", "late", "under_way", "overdue", "unreachable", "total")
        demo.reach[phase.phase] = {name: getattr(phase, name) for name in names}
