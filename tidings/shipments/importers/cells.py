"""Reads single cells: dates in many styles, amounts, codes, names. Each reader gives text that a database reads, or raises.

A reader is made once per column and called per row; what repeats in a column (dates, codes) is remembered.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from tidings.customers.rules import SHAPES, language_code, said_uses, uses_in
from tidings.shipments.rules import OLDEST_YEAR, number_key

Read = Callable[[str], str]
"""From a cell's text, stripped and not empty, to what is stored."""


class BadCell(ValueError):
    """A cell that cannot be read: the reason's code and the text that stood there."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd\ufffe\uffff]"
)
"""Control characters, direction overrides and what stands for undecodable bytes: no such row is taken."""

_REMEMBERED = 50_000
_MAX_CENTS = 10**15
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february",
            "mar mrt maart march",
            "apr april",
            "may mei",
            "jun juni june",
            "jul juli july",
            "aug augustus august",
            "sep sept september",
            "oct okt oktober october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MMM": r"(?P<name>[A-Za-z]{3,9})\.?",
    "MM": r"(?P<month>\d{1,2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "h": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})(?:\.\d+)?",
    "AM": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "Z": r"(?P<zone>Z|[+-]\d{2}:?\d{2})",
}
_TOKEN = re.compile("|".join(_TOKENS))
ISO = "ISO"
_PLACE = re.compile(r"[0-9A-Z\u0080-\uffff][0-9A-Z._/\u0080-\uffff -]{0,31}")
_NOT_DIGITS = re.compile(r"\D+")
_CODE = re.compile(r"[^a-z0-9]+")
_KIND = re.compile(r"[a-z_]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[^\s@<>\",;:\\()\[\]]{1,189}")
_GRAMS: Mapping[str, Decimal | int] = {
    "g": 1,
    "kg": 1000,
    "t": 1_000_000,
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}


def remembered(read: Read) -> Read:
    """The same reader, which answers what it has seen before from memory (a bounded one)."""
    known: dict[str, str] = {}

    def remember(text: str) -> str:
        found = known.get(text)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[text] = read(text)
        return found

    return remember


def moment(styles: Sequence[str], zone: str, latest: datetime) -> Read:
    """Reader of moments, given in UTC. A time without offset is local to `zone`; a day alone is its first moment.

    `latest` bounds the future; years before 1990 are refused too, as they are typing errors.
    """
    parse = _parser(styles)
    local = ZoneInfo(zone)

    def read(text: str) -> str:
        found = parse(text, local)
        if found.year < OLDEST_YEAR or found > latest:
            raise BadCell("date_out_of_range", text)
        return found.astimezone(UTC).isoformat()

    return remembered(read)


def day(styles: Sequence[str], latest: datetime) -> Read:
    """Reader of days, as written, whatever the zone."""
    parse = _parser(styles)

    def read(text: str) -> str:
        found = parse(text, UTC).date()
        if found.year < OLDEST_YEAR or found > latest.date():
            raise BadCell("date_out_of_range", text)
        return found.isoformat()

    return remembered(read)


def amount(decimal: str = ".", scale: Decimal | int = 100) -> Read:
    """Reader of decimal numbers as a whole number of hundredths (or of `scale` parts); `decimal` is the decimal mark."""
    group = "." if decimal == "," else ","
    shape = re.compile(rf"(\d+|\d{{1,3}}(?:[{group} '\u00a0]\d{{3}})+)?(?:[{decimal}](\d+))?")

    def read(text: str) -> str:
        found = shape.fullmatch(text)
        if found is None or not (found[1] or found[2]):
            raise BadCell("number_out_of_range" if text[0] == "-" else "not_a_number", text)
        whole_part = re.sub(r"\D", "", found[1] or "0")
        exact = Decimal(f"{whole_part}.{found[2] or 0}") * scale
        if exact >= _MAX_CENTS:
            raise BadCell("number_out_of_range", text)
        return str(int(exact.to_integral_value()))

    return remembered(read)


def grams(unit: str, decimal: str = ".") -> Read:
    """Reader of weights in g, kg, t, lb or oz."""
    return amount(decimal, _GRAMS[unit])


def whole(most: int = 1_000_000) -> Read:
    """Reader of whole numbers from 0 to `most`."""

    def read(text: str) -> str:
        if not text.isascii() or not text.isdigit():
            raise BadCell("not_a_whole_number", text)
        if int(text) > most:
            raise BadCell("number_out_of_range", text)
        return str(int(text))

    return read


def words(most: int = 500) -> Read:
    """Reader of names and remarks: one line, at most `most` characters; a formula is refused."""

    def read(text: str) -> str:
        if text[0] in "='":
            text = _not_a_formula(text)
        if not text.isprintable():
            text = " ".join(text.split())
        if len(text) > most:
            raise BadCell("too_long", text)
        return text

    return read


def number(most: int = 64) -> Read:
    """Reader of waybills, orders and customer numbers as written; it must hold a letter or digit."""
    read_words = words(most)

    def read(text: str) -> str:
        found = read_words(text)
        if not number_key(found):
            raise BadCell("not_a_number_of_a_document", text)
        return found

    return read


def code(text: str) -> str:
    """A code of ours from a word: lower case, underscores."""
    found = _CODE.sub("_", text.lower()).strip("_")
    if not found or len(found) > 64:
        raise BadCell("not_a_code", text)
    return found


def listed(codes: frozenset[str]) -> Read:
    """Reader of a code that must be one of a few."""

    def read(text: str) -> str:
        found = code(text)
        if found not in codes:
            raise BadCell("not_one_of", text)
        return found

    return remembered(read)


def kind(text: str) -> str:
    """A kind of customer."""
    if not _KIND.fullmatch(found := code(text)):
        raise BadCell("not_a_code", text)
    return found


def place(text: str) -> str:
    """A place's code: upper case; a UN/LOCODE may be written `NL RTM`."""
    found = " ".join(text.upper().split())
    if len(found) == 6 and found[2] == " ":
        found = found[:2] + found[3:]
    if not _PLACE.fullmatch(found):
        raise BadCell("not_a_place_code", text)
    return found


def services(text: str) -> str:
    """Services that a customer uses, in the one spelling that the staging table takes apart."""
    try:
        return said_uses(uses_in(text))
    except ValueError:
        raise BadCell("not_services", text) from None


def country(text: str) -> str:
    """A country's two letters (ISO 3166-1)."""
    if not _COUNTRY.fullmatch(found := text.upper()):
        raise BadCell("not_a_country", text)
    return found


def currency(text: str) -> str:
    """A currency's three letters (ISO 4217)."""
    found = text.upper()
    if len(found) != 3 or not found.isascii() or not found.isalpha():
        raise BadCell("not_a_currency", text)
    return found


def language(text: str) -> str:
    """A language's code; `zh` and `zh-CN` are `zh-hans`."""
    if not _LANGUAGE.fullmatch(found := language_code(text)):
        raise BadCell("not_a_language", text)
    return found


def zone(text: str) -> str:
    """A time zone of the IANA database such as `Europe/Amsterdam`."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise BadCell("not_a_time_zone", text) from None


def email(text: str) -> str:
    """An e-mail address that could exist; one with odd characters is refused rather than guessed."""
    if not text.isprintable() or not _EMAIL.fullmatch(text):
        raise BadCell("not_an_email_address", text)
    return text


def telephone(text: str) -> str:
    """A telephone number as written, with 4 to 20 digits."""
    if len(text) > 40 or not text.isprintable() or not 4 <= len(_NOT_DIGITS.sub("", text)) <= 20:
        raise BadCell("not_a_telephone_number", text)
    return text


def shaped(channel: str, reason: str) -> Read:
    """A reader of addresses that have the shape of a channel's."""
    shape = re.compile(SHAPES[channel])

    def read(text: str) -> str:
        if not shape.fullmatch(text):
            raise BadCell(reason, text)
        return text

    return read


PLAIN: Mapping[str, Read] = {
    "code": remembered(code),
    "kind": remembered(kind),
    "place": remembered(place),
    "services": remembered(services),
    "country": remembered(country),
    "currency": remembered(currency),
    "language": remembered(language),
    "zone": remembered(zone),
    "email": email,
    "telephone": telephone,
    "chat": shaped("telegram", "not_a_chat"),
    "robot": shaped("wecom", "not_a_robot"),
    "https": shaped("webhook", "not_an_address_of_a_system"),
    "words": words(),
    "number": number(),
    "short": words(64),
    "whole": whole(),
}
"""Readers that need nothing from the profile, by the kind of value they read."""


def style_is_known(style: str) -> bool:
    """Whether a date style has at least a day and a month or is ISO."""
    return style == ISO or {"M", "D"} <= {token[0] for token in _TOKEN.findall(style)}


def _parser(styles: Sequence[str]) -> Callable[[str, tzinfo], datetime]:
    patterns = [None if style == ISO else _pattern(style) for style in styles]

    def parse(text: str, local: tzinfo) -> datetime:
        for pattern in patterns:
            try:
                found = datetime.fromisoformat(text) if pattern is None else _match(pattern, text)
            except ValueError:
                continue
            return found if found.tzinfo else found.replace(tzinfo=local)
        raise BadCell("not_a_date", text)

    return parse


def _pattern(style: str) -> re.Pattern[str]:
    out, at = "", 0
    for token in _TOKEN.finditer(style):
        out += re.escape(style[at : token.start()]) + _TOKENS[token.group()]
        at = token.end()
    return re.compile(out + re.escape(style[at:]))


def _match(pattern: re.Pattern[str], text: str) -> datetime:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(text)
    parts = found.groupdict()
    year = int(parts["year"]) if parts.get("year") else _full_year(int(parts["short"]))
    month = int(parts["month"]) if parts.get("month") else _MONTHS.get(parts["name"].lower(), 0)
    hour = int(parts.get("hour") or 0)
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"] in "Pp" else 0)
    local = datetime.combine(date(year, month, int(parts["day"])), datetime.min.time()) + timedelta(0)
    local = local.replace(
        hour=hour, minute=int(parts.get("minute") or 0), second=int(parts.get("second") or 0)
    )
    offset = parts.get("zone")
    return local if offset is None else datetime.fromisoformat(local.isoformat() + offset)


def _full_year(short: int) -> int:
    """Two digits: up to 68 this century, as POSIX has it."""
    return short + (2000 if short < 69 else 1900)


def _not_a_formula(text: str) -> str:
    """`="00123"` is how spreadsheets keep leading zeros: that text is taken; any other formula is refused.

    An apostrophe before `=` or `@` is how a reject file shows such a cell; it is not part of the text.
    """
    if text[0] == "'":
        if text[1:2] != "=":
            return text[1:] if text[1:2] == "@" else text
        text = text[1:]
    if len(text) > 3 and text.startswith('="') and text.endswith('"') and '"' not in text[2:-1]:
        return text[2:-1]
    raise BadCell("formula", text)
