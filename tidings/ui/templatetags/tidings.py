"""Template tags of the house: words for codes, moments, clocks, grades, reach, the rail and the panels."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.ui import moments, rail, words

register = template.Library()

# Facts of audit lines that are codes of another name: what something was before is a severity or a state.
_FACT_KINDS = {
    "before": ("severity", "state"),
    "default": ("option",),
    "facts": ("fact",),
    "floor": ("severity",),
    "options": ("option",),
    "outcome": ("call",),
}
# Things that hold codes of others: a text is kept for a kind of incident and a phase of its messages.
_FACT_THINGS = {"kind": ("incident",), "recipient": ("message",), "text": ("message", "incident")}
_IDENTIFIER = re.compile(r"[0-9a-f-]{32,}")

_SHAPES = {
    "low": '<circle cx="8" cy="8" r="6"/>',
    "medium": '<path d="M8 1l7 7-7 7-7-7z"/>',
    "high": '<path d="M8 1l7 13.5H1z"/>',
    "critical": '<path d="M1.5 1.5h13v13h-13z"/>',
}


@register.filter
def label(code: object) -> str:
    """The word for a code."""
    return words.label(code)


@register.filter
def say(error: TidingsError) -> str:
    """The sentence for an error."""
    return words.say(error)


@register.filter
def may(actor: Actor, ability: str) -> bool:
    return actor.may(ability)


@register.filter
def count(number: int | float | None) -> str:
    return "" if number is None else moments.count(number)


@register.filter
def moment(at: datetime | None) -> str | SafeString:
    """Day and time in the reader's zone; the whole with its zone on hover."""
    if at is None:
        return ""
    exact = moments.exact_moment(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, moments.short_moment(at)
    )


@register.filter
def exact_moment(at: datetime | None) -> str:
    return "" if at is None else moments.exact_moment(at)


@register.filter
def moment_or_text(said: str) -> str | SafeString:
    """What a program noted: a moment in the reader's zone where it is one, the text itself where a person wrote it."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return said
    return moment(at) if at.tzinfo else said


@register.filter
def zoned_moment(at: datetime | None) -> str:
    """A promised moment with its zone, as short as the day allows."""
    return "" if at is None else moments.zoned_moment(at)


@register.filter
def time_of_day(at: datetime) -> SafeString:
    """The time alone, below a heading that says the day; the whole on hover."""
    exact, said = moments.exact_moment(at), moments.time_of_day(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, said)


@register.filter
def long_day(at: datetime) -> str:
    """The day of a moment, as a heading in the reader's zone."""
    return moments.long_day(timezone.localtime(at).date())


@register.filter
def days_until(first: datetime, last: datetime) -> str:
    """From one moment's day to another's: "23–25 Nov"."""
    return moments.short_days(timezone.localtime(first).date(), timezone.localtime(last).date())


@register.filter
def day(value: date | datetime | None) -> str | SafeString:
    if value is None:
        return ""
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), moments.short_day(local))


@register.filter
def how_long(span: timedelta | None) -> str:
    return "" if span is None else moments.length(span)


@register.inclusion_tag("ui/_clock.html")
def clock(due_by: datetime | None, prefix: str = "") -> dict[str, Any]:
    """A chip that counts down to a deadline. `prefix` says what is due, as a beginning of the sentence."""
    if due_by is None:
        return {"due_by": None}
    left = due_by - now()
    late = left < timedelta(0)
    soon = left < timedelta(hours=1)
    said = moments.clock_words()["late" if late else "due"].replace("{left}", moments.length(left))
    return {
        "due_by": due_by,
        "prefix": prefix,
        "state": "late" if late else "soon" if soon else "due",
        "said": said,
        "exact": moments.exact_moment(due_by),
    }


@register.simple_tag
def grade(severity: str) -> SafeString:
    """A severity: shape, colour and word. An unknown one is shown as its word alone."""
    shape = _SHAPES.get(severity, "")
    word = {"low": _("Low"), "medium": _("Medium"), "high": _("High"), "critical": _("Critical")}
    return format_html(
        '<span class="grade {}"><svg viewBox="0 0 16 16" fill="{}" stroke="currentColor" stroke-width="1.5"'
        ' aria-hidden="true">{}</svg>{}</span>',
        severity,
        "none" if severity in ("low", "medium") else "currentColor",
        SafeString(shape),
        word.get(severity) or words.label(severity),
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    from django.templatetags.static import static  # here: the manifest exists only once settings are read

    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("ui/icons.svg"),
        name,
    )


@dataclass(frozen=True, slots=True)
class ReachPart:
    """One part of a reach bar, measured for a drawing 1,000 wide."""

    code: str
    word: str
    number: int
    x: float
    width: float


_REACH_WORDS = {
    "in_time": lambda: _("in time"),
    "late": lambda: _("late"),
    "under_way": lambda: _("under way"),
    "overdue": lambda: _("overdue"),
    "unreachable": lambda: _("unreachable"),
}


_EVIDENCE_WORDS: dict[str, Callable[[], str]] = {
    "confirmed": lambda: _("%(number)s confirmed"),
    "delivered": lambda: _("%(number)s delivered"),
    "presumed": lambda: _("%(number)s presumed"),
    "unproved": lambda: _("%(number)s handed over, no evidence"),
}


@register.inclusion_tag("ui/_reach_bar.html")
def reach_bar(reach: object, people: str = "") -> dict[str, Any]:
    """The bar and its key for anything with in_time, late, under_way, overdue, unreachable and total.

    `people` is the address of the list behind the numbers; each number leads to its part of it.
    """
    numbers = {code: int(getattr(reach, code, 0)) for code in _REACH_WORDS}
    total = sum(numbers.values())
    parts, x = [], 0.0
    for code, number in numbers.items():
        width = 1000 * number / total if total else 0.0
        parts.append(ReachPart(code, _REACH_WORDS[code](), number, round(x, 1), round(max(width - 2, 1), 1)))
        x += width
    present = [part for part in parts if part.number]
    spoken = _(", ").join(f"{moments.count(part.number)} {part.word}" for part in present)
    proved = ((int(getattr(reach, code, 0)), word) for code, word in _EVIDENCE_WORDS.items())
    evidence = _(", ").join(word() % {"number": moments.count(number)} for number, word in proved if number)
    return {"parts": present, "total": total, "spoken": spoken, "evidence": evidence, "people": people}


@register.inclusion_tag("ui/_rail.html", takes_context=True)
def rail_of(context: template.Context) -> dict[str, Any]:
    """The rail of whoever reads this page."""
    request = context["request"]
    lines = rail.rail_for(request, request.actor)
    return {"lines": lines, "rest": lines[3:], "request": request, "access": getattr(request, "access", None)}


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, thing_id: UUID | None = None) -> SafeString:
    """What other domains hang on this place: rendered fragments in their order, or nothing."""
    from tidings.ui.panels import rendered  # here: panels import queries, which need every model

    return format_html_join(
        "", "{}", ((SafeString(one),) for one in rendered(context["request"], place, thing_id))
    )


@register.simple_tag
def gap() -> str:
    """The space between two sentences, or a sentence and a link; Chinese has none."""
    return "" if (get_language() or "").startswith("zh") else " "


@register.simple_tag
def script_words() -> str:
    """The words that the page's script needs, as JSON for a data attribute."""
    return json.dumps(moments.clock_words(), ensure_ascii=False)


@register.inclusion_tag("ui/_sort_header.html", takes_context=True)
def sort_header(context: template.Context, key: str, text: str, css: str = "") -> dict[str, Any]:
    """A column heading that sorts a list by `key`; a second press turns it round."""
    chosen = context["request"].GET.get("sort", "") or str(getattr(context.get("listing"), "sort", ""))
    down = chosen == f"-{key}"
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = key if down or chosen != key else f"-{key}"
    order = "descending" if down else "ascending" if chosen == key else ""
    return {"text": text, "css": css, "order": order, "query": query.urlencode()}


@register.simple_tag
def fact(thing: str, name: str, value: object) -> str | SafeString:
    """A fact of an audit line as its reader says it: a code as its word, several with a comma, yes or no, a number with
    separators, a moment in their zone, and a dash for nothing."""
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, list):
        return _(", ").join(_fact_word(thing, name, one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return moments.count(value)
    if at := words.moment_in(str(value)):
        return moment(at)
    word = _fact_word(thing, name, value)
    return reference(word) if word == str(value) else word


def _fact_word(thing: str, name: str, value: object) -> str:
    """The word for a code as its thing calls it, or as everybody does; a language by its own name."""
    if name in ("language", "languages"):
        return language_name_local(str(value))
    for owner in (thing, *_FACT_THINGS.get(thing, ())):
        for kind in _FACT_KINDS.get(name, (name,)):
            code = f"{owner}.{kind}.{value}"
            if (word := words.label(code)) != code:
                return word
    return words.label(value)


@register.filter
def reference(known: object) -> str | SafeString:
    """A name as it is; an identifier or a digest by its end, where two differ, the whole of it on hover."""
    said = str(known)
    if not _IDENTIFIER.fullmatch(said):
        return said
    return format_html('<span class="mono nowrap" title="{}">…{}</span>', said, said[-8:])


@register.filter
def audited(code: object, what: str) -> str:
    """The word for the "verb", "thing" or "fact" of an audit line; the code itself where it has none."""
    name = f"audit.{what}.{code}"
    word = words.label(name)
    return str(code) if word == name else word


@register.filter
def language_name_local(code: str) -> str:
    """A language's own name: 中文, Nederlands."""
    return dict(settings.LANGUAGES).get(code, code)


@register.filter
def joined(values: Sequence[object]) -> str:
    """Codes as words, with the reader's comma."""
    return _(", ").join(words.label(value) for value in values)


@register.filter
def in_fours(text: str) -> str:
    """A secret in groups of four, as a person types it off; apps for one-time codes pass the blanks over."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
