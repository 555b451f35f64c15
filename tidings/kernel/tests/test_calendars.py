"""Working time: tables of calendar, moment, duration and what comes out."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.kernel.calendars import (
    Block,
    Calendar,
    always,
    due_after,
    is_open,
    office,
    with_holidays,
    working_time,
)

AMSTERDAM, SHANGHAI, NEW_YORK = "Europe/Amsterdam", "Asia/Shanghai", "America/New_York"
DAY = Block(time(9), time(17))
SPLIT = office(SHANGHAI, Block(time(9), time(12)), Block(time(13, 30), time(18)))
DUTCH = with_holidays(office(AMSTERDAM, DAY), "NL", [2026])
CHINESE = with_holidays(SPLIT, "CN", [2026])
NIGHT = office(AMSTERDAM, Block(time(0), time(6)), Block(time(22), time(0)), days=7)


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("calendar", "zone", "start", "hours", "due"),
    [
        (DUTCH, AMSTERDAM, "2026-11-20 16:00", 2, "2026-11-23 10:00"),  # Friday to Monday
        (DUTCH, AMSTERDAM, "2026-11-21 12:00", 1, "2026-11-23 10:00"),  # begun on a Saturday
        (
            DUTCH,
            AMSTERDAM,
            "2026-11-20 09:00",
            8,
            "2026-11-20 17:00",
        ),  # the whole day: due at its end, not next morning
        (DUTCH, AMSTERDAM, "2026-04-24 16:00", 2, "2026-04-28 10:00"),  # over the weekend and King's Day
        (DUTCH, AMSTERDAM, "2026-12-24 16:30", 1, "2026-12-28 09:30"),  # over both days of Christmas
        (CHINESE, SHANGHAI, "2026-11-20 11:00", 3, "2026-11-20 15:30"),  # over the midday break
        (CHINESE, SHANGHAI, "2026-02-13 17:00", 2, "2026-02-14 10:00"),  # into a make-up Saturday
        (CHINESE, SHANGHAI, "2026-02-14 17:30", 1, "2026-02-24 09:30"),  # over the Spring Festival
        (CHINESE, SHANGHAI, "2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over the National Day holiday
        (NIGHT, AMSTERDAM, "2026-11-20 23:00", 3, "2026-11-21 02:00"),  # through midnight
        (always(), "UTC", "2026-12-31 23:00", 2, "2027-01-01 01:00"),
    ],
)
def test_when_a_promise_falls_due(calendar: Calendar, zone: str, start: str, hours: float, due: str) -> None:
    assert due_after(calendar, at(start, zone), timedelta(hours=hours)) == at(due, zone)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        (always(AMSTERDAM), "2026-03-28 12:00", "2026-03-29 12:00", 23),  # the clock goes forward
        (always(AMSTERDAM), "2026-10-24 12:00", "2026-10-25 12:00", 25),  # and back
        (NIGHT, "2026-03-28 22:00", "2026-03-29 06:00", 7),
        (NIGHT, "2026-10-24 22:00", "2026-10-25 06:00", 9),
        (DUTCH, "2026-03-27 09:00", "2026-03-30 17:00", 16),  # no office hour is touched by it
        (office(AMSTERDAM, Block(time(1), time(4)), days=7), "2026-03-29 00:00", "2026-03-29 12:00", 2),
        (office(AMSTERDAM, Block(time(1), time(4)), days=7), "2026-10-25 00:00", "2026-10-25 12:00", 4),
    ],
)
def test_a_change_of_the_clock_neither_gives_nor_takes_time(
    calendar: Calendar, start: str, end: str, hours: float
) -> None:
    measured = working_time(calendar, at(start, AMSTERDAM), at(end, AMSTERDAM))
    assert measured == timedelta(hours=hours)
    assert due_after(calendar, at(start, AMSTERDAM), measured) <= at(end, AMSTERDAM)


@pytest.mark.parametrize(
    ("calendar", "zone", "moment", "open_"),
    [
        (DUTCH, AMSTERDAM, "2026-11-20 09:00", True),
        (DUTCH, AMSTERDAM, "2026-11-20 17:00", False),
        (DUTCH, NEW_YORK, "2026-11-20 10:59", True),
        (DUTCH, NEW_YORK, "2026-11-20 11:00", False),
        (CHINESE, SHANGHAI, "2026-05-09 10:00", True),  # make-up Saturday
        (CHINESE, SHANGHAI, "2026-05-16 10:00", False),  # plain Saturday
        (CHINESE, SHANGHAI, "2026-11-20 12:30", False),  # midday
        (NIGHT, AMSTERDAM, "2026-11-20 23:59", True),
    ],
)
def test_whether_it_is_open(calendar: Calendar, zone: str, moment: str, open_: bool) -> None:
    assert is_open(calendar, at(moment, zone)) is open_


def test_a_day_that_an_administrator_closed_wins_over_a_make_up_workday() -> None:
    closed = Calendar(CHINESE.zone, CHINESE.week, CHINESE.closed | {date(2026, 5, 9)}, CHINESE.made_up)
    assert not is_open(closed, at("2026-05-09 10:00", SHANGHAI))


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="three years"):
        due_after(office("UTC"), datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1))


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20), timezones=st.just(UTC)),
    minutes=st.integers(1, 60 * 40),
    calendar=st.sampled_from([DUTCH, CHINESE, NIGHT, always(NEW_YORK)]),
)
def test_the_time_until_a_due_moment_is_just_what_was_asked(
    start: datetime, minutes: int, calendar: Calendar
) -> None:
    asked = timedelta(minutes=minutes)
    assert working_time(calendar, start, due_after(calendar, start, asked)) == asked
