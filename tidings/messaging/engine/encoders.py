"""One encoder per kind of slot: header words, display name, address, quoted-printable text and HTML.

Each gives bytes that cannot end a line, a header or a message, and refuses control characters: the second gate after
the import's. RFC 2045 section 6.7 (quoted-printable), RFC 2047 (encoded words), RFC 5321 and 5322 (addresses), read 2026-11-22.
"""

import binascii
import re
from functools import lru_cache
from html import escape

LONGEST_LINE = 76
_ROOM = LONGEST_LINE - 1
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_QUOTED = [
    bytes([byte]) if (33 <= byte <= 126 and byte not in b"=") or byte in (9, 32) else b"=%02X" % byte
    for byte in range(256)
]
_NEVER_FIRST = (b".", b"F")
_PLAIN_VALUE = re.compile(r"[!-<>-~](?:[ -<>-~]{0,70}[!-<>-~])?")
_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+)*"
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
_PHRASE = re.compile(r"[A-Za-z0-9 .,'()&/+_@:;-]{1,60}")
_OWN_LINK = re.compile(r"https?://[A-Za-z0-9:/._~-]+")
_LINK = re.compile(r"https://[^\s<>\"'()]+[^\s<>\"'().,;:!?]")


class BadSlot(ValueError):
    """A value that may not go into its slot; the message is a code: control_character, address or encoding."""


def check(value: str) -> str:
    """The value, if it holds no control character, line separator or lone surrogate. Raises BadSlot."""
    if _FORBIDDEN.search(value):
        raise BadSlot("control_character")
    return value


def quoted_own(value: str) -> bytes:
    """A slot's value in quoted-printable, begun at the start of a line and ended by a soft break where it is long."""
    if value.isalnum() and value.isascii() and len(value) < LONGEST_LINE - 3 and value[:1] != "F":
        return value.encode()
    if _PLAIN_VALUE.fullmatch(value) and value[0] != "." and not value.startswith("From "):
        return value.encode()
    return quoted(check(value).encode())


def quoted_own_html(value: str) -> bytes:
    """The same inside HTML: markup in a value is text."""
    return quoted_own(value if value.isalnum() else escape(value, quote=True))


quoted_text = lru_cache(maxsize=8192)(quoted_own)
"""`quoted_own` for values that many readers share."""
quoted_html = lru_cache(maxsize=8192)(quoted_own_html)
"""The same inside HTML."""


@lru_cache(maxsize=16)
def quoted_link(value: str) -> bytes:
    """The slot of the reader's own link, thrice in a mail; nobody else has the same one, so few are remembered."""
    if value and not _OWN_LINK.fullmatch(value):
        raise BadSlot("link")
    data = value.encode()
    lines = [data[at : at + _ROOM] for at in range(0, len(data), _ROOM)]
    return quoted(data) if any(line[:1] in b".F" for line in lines) else b"=\r\n".join(lines)


def linked_text(value: str) -> bytes:
    """The slot of a sentence of ours that may end in the reader's own link: what stands before it many readers share."""
    if not value:
        return b""
    found = _OWN_LINK.search(value)
    if found is None:
        return quoted_text(value)
    before, after = quoted_text(value[: found.start()]), quoted_text(value[found.end() :])
    return b"=\r\n".join((before, quoted_link(found[0]), after))


def linked_html(value: str) -> bytes:
    """The same inside HTML, where the link can be pressed."""
    if not value:
        return b""
    found = _OWN_LINK.search(value)
    if found is None:
        return quoted_html(value)
    link, before, after = quoted_link(found[0]), value[: found.start()], value[found.end() :]
    pressed = (b'<a href=3D"', link, b'">', link, b"</a>")
    return b"=\r\n".join((quoted_html(before), *pressed, quoted_html(after)))


def quoted(data: bytes) -> bytes:
    """Quoted-printable of bytes without line breaks: lines of at most 76, none that begins with a dot or "From "."""
    if 3 * len(data) < LONGEST_LINE and data[:1] not in _NEVER_FIRST:
        return b"".join([_QUOTED[byte] for byte in data])
    lines: list[bytes] = []
    line: list[bytes] = []
    length = 0
    for byte in data:
        token = _QUOTED[byte]
        if length == 0 and byte in b".F":
            token = b"=%02X" % byte
        if length + len(token) > LONGEST_LINE - 1:
            lines.append(b"".join(line))
            line, length = [], 0
            if byte in b".F":
                token = b"=%02X" % byte
        line.append(token)
        length += len(token)
    lines.append(b"".join(line))
    return b"=\r\n".join(lines)


def quoted_paragraph(text: str) -> bytes:
    """Static text in quoted-printable; its line breaks become hard ones, a blank before one is kept as =20."""
    encoded = []
    for line in text.split("\n"):
        data = quoted(check(line.replace("\t", " ")).encode())
        if data.endswith((b" ", b"\t")):
            data = data[:-1] + b"=20"
        encoded.append(data)
    return b"\r\n".join(encoded)


def html_of(text: str, open_end: bool = False) -> str:
    """Static text as HTML: escaped, line breaks as <br>, https:// addresses as links.

    With `open_end` a slot follows: an address that runs into it is not made a link, as its end is not known.
    """
    parts, at = [], 0
    for link in _LINK.finditer(text):
        if open_end and link.end() >= len(text.rstrip("/=?&.#-")):
            break
        address = escape(link[0], quote=True)
        parts += [escape(text[at : link.start()], quote=True), f'<a href="{address}">{address}</a>']
        at = link.end()
    parts.append(escape(text[at:], quote=True))
    return "".join(parts).replace("\n", "<br>\n")


@lru_cache(maxsize=8192)
def encoded_words(value: str, first: int = 75) -> bytes:
    """A header's words (RFC 2047), folded; `first` is how long the first word may be. Neighbours join without a blank."""
    whole = check(value).encode()
    room = _bytes_in(first)
    if len(whole) <= room:
        return b"=?utf-8?B?%b?=" % _base64(whole) if whole else b""
    words: list[bytes] = []
    pending = b""
    for character in value:
        data = character.encode()
        if len(pending) + len(data) > room:
            words.append(b"=?utf-8?B?%b?=" % _base64(pending))
            pending, room = b"", _bytes_in(75)
        pending += data
    words.append(b"=?utf-8?B?%b?=" % _base64(pending))
    return b"\r\n ".join(words)


def _bytes_in(word: int) -> int:
    """How many bytes an encoded word of that length can say: twelve characters around base 64."""
    return (word - 12) // 4 * 3


def plain_header(value: str) -> bytes | None:
    """The value as it is, folded at blanks, where ASCII words of modest length allow it; else None."""
    check(value)
    words = value.split(" ")
    if not value.isascii() or "=?" in value or max(map(len, words)) > 60 or value != " ".join(value.split()):
        return None
    lines: list[str] = []
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > 66:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line]).encode()


def display_name(name: str) -> bytes:
    """What stands before an address: a quoted string in plain ASCII, else encoded words; empty for an empty name."""
    name = check(name).strip()
    if not name:
        return b""
    if _PHRASE.fullmatch(name) and "=?" not in name:
        return b'"%b" ' % name.encode()
    return encoded_words(name, 66) + b"\r\n "


@lru_cache(maxsize=1024)
def _domain(domain: str) -> str:
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise BadSlot("address") from None
    labels = ascii_domain.split(".")
    if len(ascii_domain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadSlot("address")
    return ascii_domain


def mailbox(address: str) -> tuple[bytes, bool]:
    """An address as it goes on the wire, and whether it needs SMTPUTF8 (a local part beyond ASCII).

    Raises BadSlot for anything but a dot-atom at a domain name: quoted local parts and address literals among them.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(local.encode("utf-8", "replace")) > 64 or not _LOCAL.fullmatch(local):
        raise BadSlot("address")
    if not local.isascii():
        check(local)
    ready = f"{local}@{_domain(domain)}"
    if len(ready) > 254:
        raise BadSlot("address")
    return ready.encode(), not local.isascii()


def _base64(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False)
