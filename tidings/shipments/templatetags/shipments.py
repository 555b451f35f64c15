"""Filters of the shipment pages: words for codes, local times of a place, money and weight."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tidings.customers.queries import may_see
from tidings.kernel.actor import Actor
from tidings.shipments.importers.fields import BadField
from tidings.shipments.models import Location
from tidings.shipments.queries.story import zone_of
from tidings.shipments.words import explain
from tidings.ui import moments, words

register = template.Library()

_SHAPES = {
    "delivered": ("good", "M2 8.5 6.5 13 14 3.5", False),
    "delivered_late": ("medium", "M2 8.5 6.5 13 14 3.5", False),
    "late": ("critical", "M1.5 1.5h13v13h-13z", True),
    "under_way": ("", "M2 8h11M9 3.5 13.5 8 9 12.5", False),
    "expected": ("low", "M8 2a6 6 0 1 0 .01 0", False),
    "ended": ("low", "M3 3l10 10M13 3 3 13", False),
}


@register.filter
def worded(code: str, thing: str) -> str:
    """The word for a code of `thing` ("event", "party"); a code that nobody worded is shown as a person would write it."""
    known = words.label(f"{thing}.{code}")
    return known if known != f"{thing}.{code}" else code.replace("_", " ").capitalize()


@register.filter
def awaited(code: str) -> str:
    """The word for an event that has not come yet: "Arrival", where one that has come is "Arrived"."""
    known = words.label(f"awaited.{code}")
    return known if known != f"awaited.{code}" else worded(code, "event")


@register.filter
def standing(state: str) -> SafeString:
    """A state: colour, shape and word."""
    css, path, filled = _SHAPES.get(state, ("", "", False))
    return format_html(
        '<span class="state {}"><svg viewBox="0 0 16 16" fill="{}" stroke="currentColor" stroke-width="2"'
        ' aria-hidden="true"><path d="{}"/></svg>{}</span>',
        css,
        "currentColor" if filled else "none",
        path,
        worded(state, "shipment"),
    )


@register.filter
def hour_there(at: datetime, zone: ZoneInfo) -> SafeString:
    """The time of day at the place; with its offset where that differs from the reader's at that moment."""
    there = at.astimezone(zone)
    said = format_skeleton("Hm", there, locale=moments.reader_locale())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>{}',
        at.isoformat(),
        moments.exact_moment(at),
        said,
        _offset(there),
    )


@register.filter
def moment_there(at: datetime | None, zone: ZoneInfo) -> str | SafeString:
    """Day and time at the place, with its offset where that differs from the reader's."""
    if at is None:
        return ""
    there = at.astimezone(zone)
    said = moments.moment_there(there)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>{}',
        at.isoformat(),
        moments.exact_moment(at),
        said,
        _offset(there),
    )


@register.filter
def moment_at(at: datetime | None, place: Location | None) -> str | SafeString:
    """The same at a place that may be unknown; then in UTC."""
    return moment_there(at, zone_of(place.time_zone if place else "UTC"))


@register.filter
def sees(actor: Actor, unit_id: UUID | None) -> bool:
    """Whether this reader may open the page of a customer of that unit, who is a party to something they see."""
    return may_see(actor, unit_id)


@register.filter
def long_day(day: datetime) -> str:
    """A day with its weekday: "Sunday 22 November 2026"."""
    return str(format_date(day, "full", locale=moments.reader_locale()))


@register.filter
def money(cents: int | None, currency: str) -> str:
    """An amount in its currency; hundredths also where the currency has none, as that is how we keep it."""
    if cents is None:
        return ""
    amount = Decimal(cents) / 100
    try:
        return str(format_currency(amount, currency, locale=moments.reader_locale()))
    except (UnknownLocaleError, ValueError):
        return f"{amount} {currency}"


@register.filter
def why(example: Mapping[str, str]) -> str:
    """Why a row was rejected, as the file of rejected rows says it."""
    return explain(BadField(example["column"], example["reason"], example["value"]))


@register.filter
def line_end(mark: str) -> str:
    """How lines end, by the names people know."""
    return {"\r\n": "CR LF", "\n": "LF", "\r": "CR"}.get(mark, "")


@register.filter
def kilograms(grams: int | None) -> str:
    if grams is None:
        return ""
    return f"{format_decimal(Decimal(grams) / 1000, '#,##0.###', locale=moments.reader_locale())} kg"


@register.filter
def positive(span: timedelta | None) -> bool:
    """Whether a length of time reaches a minute: later, not earlier or the same."""
    return span is not None and span >= timedelta(minutes=1)


@register.filter
def negative(span: timedelta | None) -> bool:
    return span is not None and span <= timedelta(minutes=-1)


def _offset(there: datetime) -> SafeString:
    offset = there.utcoffset() or timedelta(0)
    if offset == timezone.localtime(there).utcoffset():
        return SafeString("")
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    said = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    return format_html(' <span class="offset">{}</span>', said)
