"""How many segments a short message takes, and where it is cut. Pure.

3GPP TS 23.038 (GSM 03.38), sections 6.2.1 and 6.2.3: the default alphabet and its extension table, whose characters cost an
escape and so two septets; everything else goes as UCS-2. TS 23.040, section 9.2.3.24.1: a segment of several gives six
octets to the header that joins them, which leaves 153 septets or 67 code units. Read 2026-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass

GSM_7, UCS_2 = "gsm-7", "ucs-2"

_ESCAPE = "\x1b"
_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
_SEPTETS = {one: bytes([at]) for at, one in enumerate(_TABLE) if one != _ESCAPE} | {
    one: bytes([27, at]) for at, one in _EXTENSION.items()
}
_BASIC = frozenset(_TABLE) - {_ESCAPE}
_EXTENDED = frozenset(_EXTENSION.values())
_ALONE = {GSM_7: 160, UCS_2: 70}
_OF_SEVERAL = {GSM_7: 153, UCS_2: 67}


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A text as a network carries it. `units` are septets (GSM-7) or UTF-16 code units (UCS-2) of the text alone.

    `outside` are the characters, each once, for which it must go as UCS-2.
    """

    encoding: str
    units: int
    segments: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many segments it takes."""
        return len(self.segments)

    @property
    def left(self) -> int:
        """How many more units fit into the last segment."""
        room = (_ALONE if len(self.segments) < 2 else _OF_SEVERAL)[self.encoding]
        return room - _units(self.segments[-1] if self.segments else "", self.encoding)


def short_message(text: str) -> ShortMessage:
    """Counts a text and cuts it; neither an escaped character nor a surrogate pair is ever cut in two."""
    outside = tuple(dict.fromkeys(one for one in text if one not in _BASIC and one not in _EXTENDED))
    encoding = UCS_2 if outside else GSM_7
    units = _units(text, encoding)
    segments = (text,) if 0 < units <= _ALONE[encoding] else tuple(_cut(text, encoding))
    return ShortMessage(encoding, units, segments, outside)


def septets(text: str) -> bytes:
    """A GSM-7 text with one septet in each octet, as SMPP carries it. Raises KeyError for a character outside the alphabet."""
    return b"".join(_SEPTETS[one] for one in text)


def text_of_septets(octets: bytes) -> str:
    """The text of septets that stand in an octet each; an escape before nothing that is known is a space (section 6.2.1.1)."""
    read, escaped = [], False
    for one in octets:
        if escaped:
            read.append(_EXTENSION.get(one, " "))
        elif one < len(_TABLE) and one != 27:
            read.append(_TABLE[one])
        escaped = one == 27 and not escaped
    return "".join(read)


def _cut(text: str, encoding: str) -> Iterator[str]:
    """Pieces that each fit into one segment of several."""
    room, first, used = _OF_SEVERAL[encoding], 0, 0
    for at, one in enumerate(text):
        cost = _units(one, encoding)
        if used + cost > room:
            yield text[first:at]
            first, used = at, 0
        used += cost
    if first < len(text):
        yield text[first:]


def _units(text: str, encoding: str) -> int:
    if encoding == GSM_7:
        return len(text) + sum(one in _EXTENDED for one in text)
    return sum(2 if ord(one) > 0xFFFF else 1 for one in text)
