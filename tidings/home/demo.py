"""The main job on real input, from a file to the figures that add up. The command and the first start of a demo share it.

It knows actions and queries only; starting processes is the worker's business.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tidings.home import sql
from tidings.incidents import actions as incidents
from tidings.incidents import queries as incident_queries
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused, TryLater
from tidings.kernel.installation import is_demo
from tidings.people.queries import command_actor
from tidings.shipments.actions import import_file, import_sample

DEFAULT_SHIPMENTS = 20_000
KIND = "accident"
PHASE = "first_notice"
FURNISHED_SHIPMENTS = 5_000
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
            demo.rejected_rows = import_file(actor, source.file, "shipments", source.profile).rejected
            busy = sql.busiest(now())
            found = Where(busy.place, busy.from_at, busy.until_at) if busy else Where()
        else:
            sample, results = import_sample(actor, now(), shipments=source.shipments)
            demo.rejected_rows = sum(result.rejected for result in results)
            found = Where(sample.place, sample.from_at, sample.until_at)
        demo.shipments, demo.customers = sql.counts()
    return found


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


def send_first_notice(actor: Actor, demo: Demo) -> None:
    """Writes, freezes and plans the first notice from the prepared texts."""
    with demo.step("plan"):
        incident = incident_queries.incident(actor, demo.incident)
        outcome = incidents.tell_phase(actor, incident.pk, PHASE)
        if outcome.sent is None:
            raise Refused("demo.waits_for_approval", number=demo.incident)


def wait_until_handed_over(demo: Demo, say: Say) -> None:
    """Waits for the sender. Raises TryLater("demo.sender_silent") when it does not get on for two minutes."""
    with demo.step("hand_over"):
        left, moved_at = sql.not_handed_over(demo.incident), time.monotonic()
        while left:
            time.sleep(_LOOK_AGAIN_SECONDS)
            before, left = left, sql.not_handed_over(demo.incident)
            if left != before:
                moved_at = time.monotonic()
                say(str(left))
            elif time.monotonic() - moved_at > _PATIENCE_SECONDS:
                raise TryLater("demo.sender_silent", left=left)


def take_stock(actor: Actor, demo: Demo) -> None:
    """Counts what was said and who has it."""
    incident = incident_queries.incident(actor, demo.incident)
    for phase in incident_queries.reach(incident, now()):
        demo.messages[phase.phase] = {code: part.total for code, part in sorted(phase.by_language.items())}
        names = ("in_time", "late", "under_way", "overdue", "unreachable", "total")
        demo.reach[phase.phase] = {name: getattr(phase, name) for name in names}
