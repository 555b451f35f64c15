"""The values of the slots that differ per reader: times in their zone, their shipments, in their language. Pure.

Times are written as people say them, per language. The few words needed for that come in as `Words`, read from
`texts/words.<language>`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_datetime, get_timezone_location

ROWS_IN_A_MESSAGE = 7
"""The gravest shipments that a message lists; more than this are counted in one line, and stand on the reader's own page."""

PIECES_NAMED = 4

SHORT = "expected.short"

ENDED = frozenset(
    {"lost", "stolen", "destroyed", "delivered_late", "service_was_unavailable", "service_restored"}
)
"""Effects after which nothing is expected any more."""
SETTLED = frozenset(
    {"damaged", "part_lost", "returned", "unaffected", "service_unavailable", "pickup_not_done"}
)
"""Effects that say enough where no time is known."""

OF_SERVICES = frozenset({"service_unavailable", "pickup_not_done"})
"""Effects on a customer without a shipment: no goods are expected, but the service may be."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_CODE_LETTERS = 8
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One language's own words for codes (`effect.delayed`, `zone.Asia/Shanghai`) and short sentences with slots."""

    language: str
    entries: Mapping[str, str]

    @property
    def between_sentences(self) -> str:
        """What stands between two sentences: Chinese has nothing there."""
        return "" if self.entries["locale"].startswith("zh") else " "

    def say(self, code: str, **values: object) -> str:
        return self.entries[code].format(**values)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom the values are for. A date shows its year only where it is not `this_year`."""

    words: Words
    time_zone: str
    this_year: int


@lru_cache(maxsize=4096)
def say_zone(reader: Reader) -> str:
    """ "Dutch time", "北京时间": the language's own name for the zone, or else its city's."""
    zone = _zone(reader.time_zone)
    own = reader.words.entries.get(f"zone.{zone.key}")
    if own:
        return own
    city = get_timezone_location(zone, locale=_locale(reader.words), return_city=True)
    return reader.words.say("zone", city=city)


def say_day(at: datetime, reader: Reader) -> str:
    """ "Tuesday 24 November", where the reader is."""
    return _say(at, reader, "day", "")


def say_moment(at: datetime, reader: Reader) -> str:
    """ "Tuesday 24 November at 17:00", where the reader is."""
    return _say(at, reader, "day", "moment")


def say_moment_and_zone(at: datetime, reader: Reader) -> str:
    """The same with the zone's name, for a time that a promise hangs on."""
    return reader.words.say("moment_zone", moment=say_moment(at, reader), zone=say_zone(reader))


def say_expected(line: Line, reader: Reader, form: str = "expected") -> str:
    """When the goods are expected now: a moment, a span of days, or that it is not known yet.

    `form` is `expected` (of a service, `again`) or, for the short form, `expected.short`.
    """
    short = form.endswith(".short")
    until = _moment(line.get("expected_at"))
    if until is None:
        return reader.words.say(f"{form}.unknown")
    since = _moment(line.get("expected_from"))
    if since is not None and since < until:
        days = [_say(at, reader, "day_short" if short else "day", "") for at in (since, until)]
        if days[0] != days[1]:
            return reader.words.say(f"{form}.between", first=days[0], last=days[1])
    said = _say(until, reader, "day_short", "moment_short") if short else say_moment(until, reader)
    return reader.words.say(f"{form}.at", moment=said)


def say_effect(line: Line, reader: Reader) -> str:
    """What happened to this shipment, in words, by whom it is held, to which of its pieces where it is not to all, and what it
    comes from where that is not what the message is about. A code we have no word for is "affected".
    """
    return say_cause(_effect_of_pieces(line, reader), line, reader)


def say_cause(said: str, line: Line, reader: Reader) -> str:
    """An effect with what it comes from: where a shipment stands in another incident, that one's kind, place and number."""
    of = line.get("of")
    if not of:
        return said
    entries = reader.words.entries
    kind = entries.get(f"kind.{of.get('kind')}") or entries["kind.general"]
    form = "elsewhere" if of.get("place") else "elsewhere.unplaced"
    return reader.words.say(form, effect=said, kind=kind, place=of.get("place", ""), reference=of["about"])


def _effect_of_pieces(line: Line, reader: Reader) -> str:
    entries, effect = reader.words.entries, line.get("effect")
    holder = entries.get(f"held_by.{line.get('held_by')}") if effect == "held" else None
    said = holder or entries.get(f"effect.{effect}") or entries["effect.affected"]
    pieces = list(line.get("pieces") or ())
    if not pieces:
        return said
    return reader.words.say("pieces", effect=said, pieces=_named(pieces, reader, "pieces.more"))


def _named(numbers: Sequence[str], reader: Reader, more_than: str) -> str:
    named = (", " if reader.words.between_sentences else "、").join(numbers[:PIECES_NAMED])
    more = len(numbers) - PIECES_NAMED
    return reader.words.say(more_than, pieces=named, count=more) if more > 0 else named


def say_service(line: Line, reader: Reader) -> str:
    """What a line is about that is of no shipment: a service of ours by the reader's word for it, or by the firm's own name."""
    service, place = str(line.get("service", "")), str(line.get("place") or "")
    if service == "pickup" and place:
        return reader.words.say("service.pickup_at", place=place)
    known = reader.words.entries.get(f"service.{service}")
    return known or reader.words.say("service.named", service=service)


def say_duty(line: Line, reader: Reader) -> str:
    """What the reader must do, and by when; empty where there is nothing to do."""
    duty = reader.words.entries.get(f"must_do.{line.get('must_do')}", "")
    do_by = _moment(line.get("do_by"))
    return (
        reader.words.say("must_do.by", duty=duty, moment=say_moment(do_by, reader))
        if duty and do_by
        else duty
    )


def say_choice(lines: Sequence[Line], reader: Reader, link: str) -> str:
    """That the reader may choose on their own page, and until when: once where it is the same for all their shipments, else
    for each of those that have a choice. Empty where there is none, or no page to choose on.
    """
    closing: dict[str, list[str]] = {}
    for line in lines:
        if closes := line.get("choose_by"):
            closing.setdefault(str(closes), []).append(str(line.get("waybill", "")))
    if not closing or not link:
        return ""
    until = {at: say_moment_and_zone(datetime.fromisoformat(at), reader) for at in sorted(closing)}
    if len(closing) == 1 and sum(map(len, closing.values())) == len(lines):
        return reader.words.say("choice", moment=next(iter(until.values())), link=link)
    each = [
        reader.words.say(
            "choice.until", shipments=_named(closing[at], reader, "choice.more"), moment=until[at]
        )
        for at in until
    ]
    several = ("; " if reader.words.between_sentences else "；").join(each)
    return reader.words.say("choice.each", each=several, link=link)


def say_on_behalf(lines: Sequence[Line], reader: Reader, short: str = "") -> str:
    """In whose name we write, where the reader's client wants that: a sentence, or with `short` the short form with it. Names
    the clients of the reader's own shipments and nobody else.
    """
    names = list(dict.fromkeys(name for line in lines for name in line.get("in_name") or ()))
    if not names:
        return short
    named = _named(names, reader, "on_behalf.more")
    if short:
        return reader.words.say("on_behalf.short", names=named, said=short)
    return reader.words.say("on_behalf", names=named)


def say_outcome(line: Line, reader: Reader, form: str = "expected") -> str:
    """Effect and expected time in one phrase, the time left out where there is none to expect.

    The short form says nothing of theft: it may lie open on a table. Only where the firm wants that, it does (`openly`).
    """
    effect, short = line.get("effect"), form == SHORT
    said = _effect_of_pieces(line, reader) if short else say_effect(line, reader)
    if short and not line.get("openly"):
        said = reader.words.entries.get(f"effect_short.{effect}", said)
    if effect in OF_SERVICES:
        form = form.replace("expected", "again")
    if not (effect in ENDED or (line.get("expected_at") is None and effect in SETTLED)):
        said = reader.words.say("outcome", effect=said, expected=say_expected(line, reader, form))
    duty = "" if short else say_duty(line, reader)
    return reader.words.say("outcome.duty", outcome=said, duty=duty) if duty else said


def listed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines that a message lists: the gravest shipments, and what is of no shipment, which comes last."""
    first = lines[:ROWS_IN_A_MESSAGE]
    return [*first, *(line for line in lines[ROWS_IN_A_MESSAGE:][-1:] if line.get("service"))]


def row_values(line: Line, reader: Reader) -> dict[str, str]:
    """The values of one row: of a shipment, or of a service that stands where its waybill would."""
    effect, expected, outcome = _said_of(reader, *_told_of(line))
    return {
        "waybill": _headed(line, reader),
        "effect": effect,
        "expected": expected,
        "outcome": outcome,
    }


def _headed(line: Line, reader: Reader) -> str:
    return say_service(line, reader) if line.get("service") else str(line.get("waybill", ""))


_OF = ("about", "kind", "place")
_SAID = ("effect", "expected_from", "expected_at", "held_by", "must_do", "do_by", "openly", "pieces")


def _told_of(line: Line) -> tuple[Any, ...]:
    """What a line's words depend on, in a form that can be looked up."""
    *rest, pieces = (line.get(name) for name in _SAID)
    return (*rest, tuple(pieces or ()), *(map(line["of"].get, _OF) if "of" in line else ()))


def _line_of(told: tuple[Any, ...]) -> Line:
    """The line again, as far as its words depend on it."""
    line = dict(zip(_SAID, told, strict=False))
    of = told[len(_SAID) :]
    return {**line, "of": dict(zip(_OF, of, strict=True))} if of else line


@lru_cache(maxsize=16384)
def _said_of(reader: Reader, *told: Any) -> tuple[str, str, str]:
    """Effect, expected time and outcome of a shipment: many share them, and saying a time takes longest."""
    line = _line_of(told)
    return say_effect(line, reader), say_expected(line, reader), say_outcome(line, reader)


@lru_cache(maxsize=16384)
def _said_in_short(reader: Reader, *told: Any) -> str:
    return say_outcome(_line_of(told), reader, SHORT)


def common_values(reader: Reader, times: Mapping[str, datetime]) -> dict[str, str]:
    """The part of `reader_values` that everybody of one language and zone shares."""
    return {"zone": reader.words.say("all_times", zone=say_zone(reader)), **_said_times(reader, times)}


def reader_values(
    reader: Reader, name: str, lines: Sequence[Line], times: Mapping[str, datetime], code: str, link: str = ""
) -> dict[str, str]:
    """The values of every slot outside the rows. `times` are the moments of the message's own facts."""
    return own_values(reader, name, lines, common_values(reader, times), code, link)


def own_values(
    reader: Reader, name: str, lines: Sequence[Line], common: Mapping[str, str], code: str, link: str = ""
) -> dict[str, str]:
    """`reader_values`, given those that the reader shares with others. `link` is the reader's own; empty without one.

    Subject and short form count the shipments in what the message is about; the lines also tell of other incidents.
    """
    about = [line for line in lines if "of" not in line or line["of"].get("both")]
    say, count = reader.words.say, sum(not line.get("service") for line in about)
    counted, first, outcome = (
        "none" if not about else "alone" if not count else "one" if count == 1 else "many",
        "",
        "",
    )
    if about:
        first = _headed(about[0], reader)
        outcome = _said_in_short(reader, *_told_of(about[0]))
    timed = any(map(tells_a_time, listed(lines)))
    over = sum(not line.get("service") for line in lines) - ROWS_IN_A_MESSAGE
    more = _more(reader, over, link) if over > 0 else ""
    return {
        **common,
        "choice": say_choice(about, reader, link),
        "on_behalf": say_on_behalf(lines, reader),
        **_stricter_promise(reader, lines),
        "name": name.strip() or say("customer"),
        "your_shipments": say(f"your_shipments.{counted}", count=count, waybill=first),
        "shipment_short": say_on_behalf(
            lines, reader, say(f"shipment_short.{counted}", count=count, waybill=first, outcome=outcome)
        ),
        "more": more if timed else more.strip(),
        "zone": common["zone"] if timed else "",
        "code": code,
        "link": link,
    }


def promised_elsewhere(lines: Sequence[Line]) -> datetime | None:
    """The earliest promise that another incident gave this reader and that the message repeats; None where its own is earlier."""
    given = [line["of"]["next_by"] for line in lines if "of" in line and "next_by" in line["of"]]
    return _moment(min(given, default=None))


def _stricter_promise(reader: Reader, lines: Sequence[Line]) -> dict[str, str]:
    at = promised_elsewhere(lines)
    return _said_times(reader, {"next_by": at}) if at else {}


def _said_times(reader: Reader, times: Mapping[str, datetime]) -> dict[str, str]:
    said = {}
    for slot, at in times.items():
        said[slot] = say_moment_and_zone(at, reader)
        said[f"{slot}_short"] = _say(at, reader, "day_short", "moment_short")
    return said


def code_of(recipient_id: UUID) -> str:
    """The code by which a reader can ask whether a message is from us: the last 40 bits of its recipient's id, in
    Crockford's base 32 (no I, L, O, U), as `K7F4-9QXD`."""
    bits = recipient_id.int & ((1 << 40) - 1)
    return f"{_PAIRS[bits >> 30]}{_PAIRS[bits >> 20 & 1023]}-{_PAIRS[bits >> 10 & 1023]}{_PAIRS[bits & 1023]}"


def bits_of_code(said: str) -> bytes | None:
    """The five bytes that a code names, however it was typed: small letters, no dash, O for 0, I or L for 1. None for no code."""
    typed = "".join(said.upper().split()).replace("-", "").translate(_MISREAD)
    if len(typed) != _CODE_LETTERS or not set(typed) <= set(_CROCKFORD):
        return None
    bits = 0
    for letter in typed:
        bits = bits << 5 | _CROCKFORD.index(letter)
    return bits.to_bytes(5)


def tells_a_time(line: Line) -> bool:
    """Whether a shipment's row holds a moment, so that its zone must be named."""
    return bool(line.get("do_by")) or (
        line.get("expected_at") is not None and line.get("effect") not in ENDED
    )


def _more(reader: Reader, count: int, link: str) -> str:
    """The sentence about the shipments that are not listed, with the space before the next one: a link needs one always."""
    number = "one" if count == 1 else "many"
    if link:
        return reader.words.say(f"more_link.{number}", count=count, link=link) + " "
    return reader.words.say(f"more.{number}", count=count) + reader.words.between_sentences


@lru_cache(maxsize=65536)
def _say(at: datetime, reader: Reader, day: str, moment: str) -> str:
    zone, locale, entries = _zone(reader.time_zone), _locale(reader.words), reader.words.entries
    year = "" if at.astimezone(zone).year == reader.this_year else "_year"
    said = format_datetime(at, entries[f"{day}{year}"], tzinfo=zone, locale=locale)
    if not moment:
        return said
    return reader.words.say(moment, day=said, time=format_datetime(at, entries["time"], zone, locale))


def _moment(given: Any) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    return datetime.fromisoformat(str(given))


@lru_cache(maxsize=64)
def _locale(words: Words) -> Locale:
    return Locale.parse(words.entries["locale"])


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
