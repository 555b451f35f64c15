"""Working time: how much of it passed between two moments, and when a promise counted in it falls due. Pure.

Ours, because the packages for it fail on make-up Saturdays; the public holidays themselves come from `holidays`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 1100


@dataclass(frozen=True, slots=True)
class Block:
    """Open from `opens` until `closes` by the wall clock; `closes` 00:00 is the end of the day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """Seven days from Monday, each with its blocks in order. A day in `closed` has none; one in `made_up` has Monday's."""

    zone: str
    week: tuple[tuple[Block, ...], ...]
    closed: frozenset[date] = field(default=frozenset())
    made_up: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a calendar's week has seven days")

    def blocks(self, day: date) -> tuple[Block, ...]:
        """What is open on one day. A closing that an administrator added wins over a make-up workday."""
        if day in self.closed:
            return ()
        return self.week[0] if day in self.made_up else self.week[day.weekday()]


def always(zone: str = "UTC") -> Calendar:
    """Day and night, every day: 7×24×365."""
    return Calendar(zone, ((Block(time(0), time(0)),),) * 7)


def office(zone: str, *blocks: Block, days: int = 5) -> Calendar:
    """The same blocks on the first `days` days of the week, from Monday."""
    return Calendar(zone, tuple(blocks if day < days else () for day in range(7)))


def with_holidays(
    calendar: Calendar, country: str, years: Iterable[int], subdivision: str | None = None
) -> Calendar:
    """The calendar without a country's public holidays, and with its make-up workdays (China's are published each November)."""
    chosen = list(years)
    found = holidays.country_holidays(country, subdiv=subdivision, years=chosen)
    made_up = {day for day in found.weekend_workdays if day.year in chosen}
    return Calendar(
        calendar.zone,
        calendar.week,
        calendar.closed | (frozenset(found) - made_up),
        calendar.made_up | frozenset(made_up),
    )


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether work is done at that moment."""
    return any(start <= at < end for start, end in _spans(calendar, at))


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments; nothing when `end` is not after `start`."""
    total = timedelta()
    if end <= start:
        return total
    for opens, closes in _spans(calendar, start):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total


def due_after(calendar: Calendar, start: datetime, working: timedelta) -> datetime:
    """The moment, in UTC, at which `working` has passed since `start`. Raises ValueError when three years do not hold it."""
    left = working
    for opens, closes in _spans(calendar, start):
        begin = max(opens, start)
        if closes > begin:
            if closes - begin >= left:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
    raise ValueError("this calendar is not open long enough in three years")


def _spans(calendar: Calendar, start: datetime) -> Iterator[Span]:
    """Open spans in UTC, from the day before `start` on: durations are then true across changes of the clock."""
    zone = ZoneInfo(calendar.zone)
    day = start.astimezone(zone).date() - _DAY
    for _ in range(_LOOK_AHEAD_DAYS):
        for block in calendar.blocks(day):
            closing_day = day + _DAY if block.closes == time(0) else day
            opens = datetime.combine(day, block.opens, zone).astimezone(UTC)
            closes = datetime.combine(closing_day, block.closes, zone).astimezone(UTC)
            yield opens, closes
        day += _DAY
