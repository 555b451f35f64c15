"""Takes a mail that came back apart: what is said of each recipient, what is told in words, and what was returned. Pure.

Fields as in RFC 3464 (delivery status) and RFC 5965 (feedback report), read 2026-12-01. Many servers write them into plain text,
or fold and break them, so text is searched too.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message

Fields = Mapping[str, str]
ADDRESS = re.compile(r"[A-Za-z0-9_.+=%&~#'/-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LARGEST_TOLD = 200_000
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{2,40})\s*:\s*(.*)$")
_OF_A_RECIPIENT = ("final-recipient", "original-recipient", "action")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers")  # fmt: skip
_TAGS = re.compile(
    r"<(?:style|script)\b.*?</(?:style|script)>|</?[a-zA-Z!][^>@]*>", re.DOTALL | re.IGNORECASE
)
_CUT = re.compile(
    r"^(?:-{2,}.{0,20}(?:copy of (?:the|your) (?:message|mail)|below this line|original message|returned (?:message|mail)"
    r"|message (?:header|follow|text)|unsent message|forwarded message|body of|undelivered message|transcript of the message).{0,60}"
    r"|-{3,} ?(?:Original|Begin|Start).{0,30}"
    r"|\W*(?:original message (?:follows|headers)|message headers? follow|original (?:mail|message) header|headers of the original"
    r"|the (?:first|header|text) .{0,30}(?:of the|original) message|your original message).{0,40}"
    r"|(?:Received|Return-Path|X-Original-To): .*)$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """`statuses`: one set of fields per recipient, names in small letters. `told`: the words before what is returned.
    `original`: the head, or all, of the mail that came back, as text. `report`: the fields of a feedback report."""

    statuses: tuple[Fields, ...]
    told: str
    original: str
    report: Fields | None
    structured: bool
    """Whether a part of the mail is a report by its type, not only by its words."""


def take_apart(mail: Message) -> Returned:
    """Everything that a mail says about another one."""
    statuses: list[Fields] = []
    told: list[str] = []
    original: list[str] = []
    report: Fields | None = None
    structured = False
    for part in _outer(mail):
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            structured = True
            statuses += _recipients(text_of(part))
        elif kind == "message/feedback-report":
            report = {name: value for block in _blocks(text_of(part)) for name, value in block.items()}
        elif kind in _RETURNED:
            original.append(text_of(part))
        elif kind.startswith(("text/", "multipart/")) and part.get_filename() is None:
            words, rest = _cut(text_of(part))
            told.append(words)
            original.append(rest)
    words = "\n".join(told)[:_LARGEST_TOLD]
    return Returned(tuple(statuses or _recipients(words)), words, "\n".join(original), report, structured)


def text_of(part: Message) -> str:
    """A part's words, decoded as well as it says how; HTML without its tags. What is nested is written out, and what says that it
    has parts and has none (a broken boundary) is taken as it stands."""
    if part.is_multipart():
        return "\n\n".join(_written(one) for one in part.get_payload() if isinstance(one, Message))
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    text = decoded(raw, part.get_content_charset())
    if part.get_content_type() == "text/html":
        text = html.unescape(_TAGS.sub("\n", text))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _written(part: Message) -> str:
    """A nested mail or block of fields, its heads and its text. Never by the library's own writer, which falls over charsets."""
    heads = "\n".join(f"{name}: {value}" for name, value in part.raw_items())
    text = text_of(part)
    whole = f"{heads}\n\n{text}" if text.strip() else heads
    return whole.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded(raw: bytes, charset: str | None) -> str:
    """Bytes as text: by the charset that is named, else as UTF-8, else byte by byte."""
    for name in (charset, "utf-8", "gb18030" if charset and charset.lower().startswith("gb") else None):
        if name:
            try:
                return raw.decode(name)
            except (LookupError, ValueError):  # no such charset, or not these bytes
                continue
    return raw.decode("latin-1")


def addresses_in(text: str) -> list[str]:
    """The mail addresses in a text, each once, in small letters, in order."""
    return list(dict.fromkeys(found.strip(".'\"-=").lower() for found in ADDRESS.findall(text)))


def _outer(part: Message) -> Iterator[Message]:
    """The parts of a mail, without going into what it returns or reports."""
    if part.is_multipart() and not part.get_content_type().startswith("message/"):
        for inner in part.get_payload():
            if isinstance(inner, Message):
                yield from _outer(inner)
    else:
        yield part


def _cut(text: str) -> tuple[str, str]:
    found = _CUT.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _recipients(text: str) -> list[Fields]:
    """The blocks that speak of a recipient."""
    if "recipient" not in text.lower() and "action" not in text.lower():
        return []
    return [block for block in _blocks(text) if any(name in block for name in _OF_A_RECIPIENT[:2])]


def _blocks(text: str) -> list[dict[str, str]]:
    """Fields of each block, unfolded; a block ends with an empty line, or where a recipient begins anew."""
    blocks: list[dict[str, str]] = [{}]
    last = ""
    for line in text.split("\n"):
        if not line.strip():
            last = ""
            if blocks[-1] and any(name in blocks[-1] for name in _OF_A_RECIPIENT):
                blocks.append({})
            continue
        if line[0] in " \t" and last:
            blocks[-1][last] += " " + line.strip()
            continue
        found = _FIELD.match(line)
        if found is None:
            last = ""
            continue
        last = found[1].lower()
        if last in blocks[-1] and last in _OF_A_RECIPIENT:
            blocks.append({})
        blocks[-1][last] = found[2].strip()
    return [block for block in blocks if block]
