"""Moments, lengths of time and numbers in words, as the reader's language and time zone have them."""

import re
from datetime import date, datetime, timedelta

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, match_skeleton
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from tidings.kernel.clock import now

_SAID_IN_HOURS = 48 * 60
"""Whole hours up to two days are said as hours, as promises are: 24 h, never 1 d 0 h."""
_SAID_IN_DAYS = 7
"""From a week on nobody counts the hours: 89 days, never 89 d 23 h. The page's script knows the same number."""


def reader_locale() -> Locale:
    """Babel's locale for the language that is active now."""
    locale = to_locale(get_language() or "en")
    return Locale.parse("en_GB" if locale == "en" else locale)  # the firm's day comes before its month


def short_moment(at: datetime) -> str:
    """Day and time, with the year only when it is another one: "22 Nov, 06:40"."""
    return moment_there(timezone.localtime(at))


def moment_there(local: datetime) -> str:
    """The same for a moment that already stands in the zone it is told in."""
    locale = reader_locale()
    skeleton = "MMMd" if local.year == timezone.localtime(now()).year else "yMMMd"
    joined = str(locale.datetime_formats["short"])  # no skeleton holds a day with a time: it is put together
    day = format_skeleton(skeleton, local, locale=locale)
    return joined.replace("{1}", day).replace("{0}", f"{local:%H:%M}")


def exact_moment(at: datetime) -> str:
    """The whole of it, with its zone: "22 November 2026 06:40 CET"."""
    local = timezone.localtime(at)
    return f"{format_date(local, 'long', locale=reader_locale())} {local:%H:%M %Z}"


def zoned_moment(at: datetime) -> str:
    """A moment that somebody was promised: "16:07 CET" today, "23 Nov, 16:07 CET" on another day."""
    local = timezone.localtime(at)
    today = local.date() == timezone.localtime(now()).date()
    return f"{local:%H:%M %Z}" if today else f"{moment_there(local)} {local:%Z}"


def time_of_day(at: datetime) -> str:
    """The time alone, where the day stands above it: "06:40"."""
    return f"{timezone.localtime(at):%H:%M}"


def short_day(day: date) -> str:
    """A day without its time, with the year only when it is another one: "22 Nov"."""
    skeleton = "MMMd" if day.year == timezone.localtime(now()).year else "yMMMd"
    return format_skeleton(skeleton, day, locale=reader_locale())


def short_days(first: date, last: date) -> str:
    """From one day to another, each part said once: "23–25 Nov"."""
    skeleton = "MMMd" if first.year == last.year == timezone.localtime(now()).year else "yMMMd"
    return format_interval(first, last, skeleton, locale=reader_locale())


def long_day(day: date) -> str:
    """A day as a heading, each part in full: "Sunday 22 November"."""
    locale = reader_locale()
    skeleton = "MMMMEEEEd" if day.year == timezone.localtime(now()).year else "yMMMMEEEEd"
    # Some languages have no such pattern, and the nearest one is short: "zo 22 nov".
    nearest = match_skeleton(skeleton, locale.datetime_skeletons) or skeleton
    pattern = str(locale.datetime_skeletons[nearest])
    full = re.sub(r"E+", "EEEE", re.sub(r"MMM+", "MMMM", pattern))
    said = format_date(day, full, locale=locale)
    return said[:1].upper() + said[1:]


def length(span: timedelta) -> str:
    """A length of time as people say it, down to the minute: "1 h 12 min", "24 h"."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes and minutes % 60 == 0 and minutes <= _SAID_IN_HOURS:
        return _("{h} h").format(h=minutes // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    return length_pattern(days, hours).format(d=days, h=hours, m=rest)


def length_pattern(days: int, hours: int) -> str:
    """How a length is said; `{d}`, `{h}`, `{m}` stand for days, hours and minutes."""
    if days >= _SAID_IN_DAYS:
        return _("{d} days")
    if days:
        return _("{d} d {h} h")
    return _("{h} h {m} min") if hours else _("{m} min")


def clock_words() -> dict[str, str]:
    """The same words for the page's small script, which counts down."""
    return {
        "due": _("due in {left}"),
        "late": _("late by {left}"),
        "weeks": length_pattern(_SAID_IN_DAYS, 0),
        "days": length_pattern(1, 0),
        "hours": length_pattern(0, 1),
        "minutes": length_pattern(0, 0),
        "kept": _("You were signed out meanwhile. What you had typed is here again; send it once more."),
        "offline": _("The server did not answer. Nothing was changed; try again in a moment."),
    }


def count(number: int | float) -> str:
    """A number with the reader's separators."""
    return str(format_decimal(number, locale=reader_locale()))


class Counted(int):
    """A number that chooses a sentence's plural form, and stands in it as its reader writes numbers."""

    def __str__(self) -> str:
        return count(int(self))
