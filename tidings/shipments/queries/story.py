"""One shipment as its page tells it: the promise and what became of it, and the events as a story."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidings.shipments.models import Event, Position, Shipment, TimeChange
from tidings.shipments.rules import REPLAN, VOID, EventKind, State, state_of

MOST_EVENTS = 2000
"""A master with more is told from its newest; the page says so."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as told: its place's local time, what had been planned or estimated for it, and what corrected it."""

    at: datetime
    hash: UUID
    kind: str
    code: str
    place: str
    place_code: str
    zone: ZoneInfo
    recorded_at: datetime | None
    received_at: datetime
    source: str
    transport_number: str
    piece: str
    remark: str
    of_master: bool
    expected: tuple["Happening", ...] = ()
    corrected_by: "Happening | None" = None
    corrects: "Happening | None" = None
    corrects_key: tuple[datetime, UUID] | None = None

    @property
    def key(self) -> tuple[datetime, UUID]:
        return self.at, self.hash

    @property
    def local(self) -> datetime:
        return self.at.astimezone(self.zone)

    @property
    def taken_back(self) -> bool:
        return self.corrected_by is not None and self.corrected_by.code == VOID

    @property
    def same(self) -> tuple[str, str, str]:
        """Two events about one happening share this: what, where, which piece."""
        return self.code, self.place_code, self.piece


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the place it happened at."""

    day: date
    happenings: list[Happening]


@dataclass(frozen=True, slots=True)
class Story:
    """Newest first. `expected` is still to come, the soonest first; `last` is the newest thing that really happened."""

    expected: list[Happening]
    days: list[Day]
    last: Happening | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """When it was to be delivered, when it is thought to be, when it was, and each change on the way."""

    promised_at: datetime | None
    estimated_at: datetime | None
    delivered_at: datetime | None
    state: State
    changes: list[TimeChange] = field(default_factory=list)

    @property
    def shifted(self) -> timedelta | None:
        """How much later than promised it was delivered, or is thought to be; negative is earlier."""
        reached = self.delivered_at or self.estimated_at
        return reached - self.promised_at if reached and self.promised_at else None

    @property
    def times_changed(self) -> int:
        return len(self.changes)

    @property
    def open(self) -> bool:
        return self.state in (State.EXPECTED, State.UNDER_WAY, State.LATE)


def promise_of(shipment: Shipment, at: datetime) -> Promise:
    """The promise of a shipment as it stands `at` this moment, with the history of its times, newest first."""
    seen = Position.objects.filter(shipment_id=shipment.pk).first()
    delivered_at = seen.delivered_at if seen else None
    state = state_of(seen.code if seen else "", delivered_at, shipment.promised_at, at)
    changes = list(TimeChange.objects.filter(shipment_id=shipment.pk).order_by("-changed_at", "-id")[:50])
    return Promise(shipment.promised_at, shipment.estimated_at, delivered_at, state, changes)


def story_of(shipment: Shipment, at: datetime) -> Story:
    """The events of a shipment and of its master, told as of `at`."""
    ids = [pk for pk in (shipment.pk, shipment.parent_id) if pk]
    found = (
        Event.objects.filter(shipment_id__in=ids)
        .select_related("place")
        .order_by("-happened_at", "-received_at")[: MOST_EVENTS + 1]
    )
    rows = list(found)
    told = tell([_happening(row, shipment.pk) for row in rows[:MOST_EVENTS]], at)
    return replace(told, cut=len(rows) > MOST_EVENTS)


def tell(happenings: Sequence[Happening], at: datetime) -> Story:
    """Joins plans to what became of them, corrections to what they correct, and groups by the place's local day."""
    joined = _with_corrections(happenings)
    shown = [one for one in joined if one.code != VOID]
    actual = [one for one in shown if one.kind == EventKind.ACTUAL]
    open_plans, fulfilled = _plans(shown, [one for one in actual if not one.corrected_by])
    actual = [replace(one, expected=tuple(fulfilled.get(one.key, ()))) for one in actual]
    past = actual + [one for one in open_plans if one.at <= at]
    past.sort(key=lambda one: (one.at, one.received_at), reverse=True)
    days = [Day(day, list(group)) for day, group in groupby(past, key=lambda one: one.local.date())]
    last = next((one for one in past if one.kind == EventKind.ACTUAL and not one.corrected_by), None)
    return Story(sorted((one for one in open_plans if one.at > at), key=lambda one: one.at), days, last)


def _with_corrections(happenings: Sequence[Happening]) -> list[Happening]:
    by_key = {one.key: one for one in happenings}
    correcting = {
        one.corrects_key: one
        for one in sorted(happenings, key=lambda one: one.received_at)
        if one.corrects_key in by_key
    }
    return [
        replace(
            one,
            corrected_by=correcting.get(one.key),
            corrects=by_key.get(one.corrects_key) if one.corrects_key else None,
        )
        for one in happenings
    ]


def _plans(
    shown: Iterable[Happening], actual: Iterable[Happening]
) -> tuple[list[Happening], dict[tuple[datetime, UUID], list[Happening]]]:
    """The plans that nothing fulfilled yet, each with its earlier versions; and the versions by what fulfilled them."""
    versions: dict[tuple[str, str, str], list[Happening]] = defaultdict(list)
    for one in shown:
        if one.kind != EventKind.ACTUAL and not one.corrected_by:
            versions[one.same].append(one)
    happened: dict[tuple[str, str, str], list[Happening]] = defaultdict(list)
    for one in actual:
        happened[one.same].append(one)
    unmet: list[Happening] = []
    fulfilled: dict[tuple[datetime, UUID], list[Happening]] = {}
    for same, plans in versions.items():
        plans.sort(key=lambda one: (one.received_at, one.kind == EventKind.ESTIMATED))
        newest = plans[-1]
        met = min(happened.get(same, ()), key=lambda one: abs(one.at - newest.at), default=None)
        if met is not None and abs(met.at - newest.at) <= REPLAN:
            fulfilled.setdefault(met.key, []).extend(plans)
        else:
            unmet.append(replace(newest, expected=tuple(plans[:-1])))
    return unmet, fulfilled


def _happening(event: Event, shipment_id: UUID) -> Happening:
    place = event.place
    return Happening(
        at=event.happened_at,
        hash=event.natural_hash,
        kind=event.kind,
        code=event.code,
        place=place.name if place else "",
        place_code=place.code if place else "",
        zone=zone_of(place.time_zone if place else "UTC"),
        recorded_at=event.recorded_at,
        received_at=event.received_at,
        source=event.source,
        transport_number=event.transport_number,
        piece=event.piece,
        remark=event.remark,
        of_master=event.shipment_id != shipment_id,
        corrects_key=(event.corrects_at, event.corrects_hash)
        if event.corrects_at and event.corrects_hash
        else None,
    )


def zone_of(name: str) -> ZoneInfo:
    """The zone by its name; UTC where a file brought one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
