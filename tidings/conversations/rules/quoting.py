"""What somebody wrote, without what they quote. Pure.

unquotemail reads first, mail-parser-reply second, and what both miss is cut here: QQ Mail, NetEase (163, 126), Foxmail, WeCom and
Outlook in Chinese; Outlook, Apple Mail and Thunderbird in Dutch. A library that leaves nothing, or takes words away that stand
before the first quote, is not believed: words lost are worse than a quote left.
"""

import email
import re
from dataclasses import dataclass
from email.message import Message

from mailparser_reply import EmailReplyParser
from unquotemail import Unquote

from tidings.messaging.rules.returned import text_of

LONGEST = 20_000
"""Characters of a text that are read: the libraries' patterns take their time over longer ones."""
_LANGUAGES = ["en", "nl", "zh", "de", "fr"]

_HEAD = r"(?:发件人|寄件者|寄件人|From|Van|Von|De)\s*[:：]"
_NEXT = r"(?:发送时间|发送日期|寄件日期|日期|时间|收件人|主题|Sent|Date|To|Subject|Verzonden|Datum|Aan|Onderwerp|Gesendet|An|Betreff|Envoyé|Objet|À|抄送|Cc)"
_BEGINS = re.compile(
    r"^[ \t>]*(?:"
    # QQ Mail and Foxmail, WeCom, NetEase: a line of dashes with words, then the heads.
    r"-{2,}\s*(?:原始邮件|原邮件|原始郵件|转发邮件信息|回复的?原邮件|Original(?: Message)?|Oorspronkelijk(?:e)? bericht|Origineel bericht|Doorgestuurd bericht|Ursprüngliche Nachricht)\s*-{2,}"
    r"|-{2,}\s*Original Message\s*-{0,}|_{20,}"
    # NetEase in one line: "At 2026-12-01 10:00:00, "Bo" <bo@…> wrote:" and "在 2026-12-01 10:00:00，…写道："
    r"|At \d{4}-\d\d-\d\d[^\n]{0,160}wrote[:：]"
    r"|(?:在|于)\s*\d{4}[^\n]{0,40}[^\n]{0,160}(?:写道|寫道|写到)\s*[:：]"
    r"|\d{4}年\d{1,2}月\d{1,2}日[^\n]{0,120}(?:写道|寫道)\s*[:：]"
    r"|[^\n]{0,80}<[^<>\s]+@[^<>\s]+>\s*(?:于|在)\s*\d{4}[^\n]{0,60}(?:写道|寫道)\s*[:：]"
    # Dutch: "Op 1 dec 2026 om 10:00 heeft Bo <…> het volgende geschreven:", "Op di 1 dec 2026 schreef Bo:"
    r"|Op [^\n]{4,120}\n?[^\n]{0,120}(?:het volgende geschreven|schreef[^\n]{0,120}|geschreven)\s*:"
    r"|On [^\n]{4,120}\n?[^\n]{0,120}wrote\s*:"
    r"|Am [^\n]{4,120}\n?[^\n]{0,120}schrieb[^\n]{0,100}:"
    r"|Le [^\n]{4,120}\n?[^\n]{0,120}a écrit\s*:"
    # Heads of the mail that is answered, two or more of them.
    rf"|[*]?{_HEAD}[^\n]*\n(?:[ \t>*]*\n)?(?:[ \t>*]*[^\n]{{0,200}}\n)?[ \t>*]*{_NEXT}\s*[:：]"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE = re.compile(r"^\s*[>|｜]")
_SENT_FROM = re.compile(
    r"^\s*(?:-- ?$|—+\s*$|(?:sent|verzonden|verstuurd|gesendet|envoyé) (?:from|vanaf|vanuit|met|von|depuis)\b.{0,60}$|get outlook for\b.{0,40}$|outlook voor\b.{0,40}downloaden.{0,20}$"
    r"|发自.{0,30}$|发送自.{0,40}$|来自.{0,12}(?:手机|客户端|邮箱).{0,10}$|从我的.{0,20}发送$|通过.{0,20}(?:手机|客户端)发送$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unquoted:
    """The words, and whether anything was taken away."""

    text: str
    shortened: bool


def words_of(raw: bytes) -> Unquoted:
    """What the writer of a raw mail says themselves."""
    mail = email.message_from_bytes(raw)
    plain, html = _parts(mail)
    return unquoted(plain, html)


def unquoted(plain: str, html: str = "") -> Unquoted:
    """The same of the two forms of its text; either may be empty."""
    whole = _tidy(plain or _as_text(html))[:LONGEST]
    if not whole:
        return Unquoted("", False)
    own = _without_end(_cut(whole))
    candidates = [found for found in (_first(whole), _second(own or whole)) if found]
    shortest = min((_without_end(_cut(found)) for found in candidates), key=len, default=own)
    kept = shortest if shortest and _begins_alike(shortest, own) else own
    return Unquoted(kept or whole, _plain_of(kept or whole) != _plain_of(whole))


def _first(whole: str) -> str:
    """What unquotemail leaves. It falls over some texts: then it says nothing."""
    try:
        return _tidy(Unquote(None, whole).get_text() or "")
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""


def _second(text: str) -> str:
    """What mail-parser-reply leaves."""
    try:
        return _tidy(EmailReplyParser(languages=_LANGUAGES).parse_reply(text) or "")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return ""


def _begins_alike(shorter: str, own: str) -> bool:
    """Whether the library took away only what stands at the end, and nothing of the first words before a quote."""
    return _plain_of(own).startswith(_plain_of(shorter)) and len(_plain_of(shorter)) * 2 >= len(
        _plain_of(own)
    )


def _cut(text: str) -> str:
    """What stands before the first quote; where nothing does, what stands between quoted lines."""
    found = _BEGINS.search(text)
    before = text[: found.start()] if found else text
    lines = [line for line in before.split("\n") if not _QUOTED_LINE.match(line)]
    if "".join(lines).strip():
        return "\n".join(lines).strip()
    below = (
        [line for line in text[found.end() :].split("\n") if not _QUOTED_LINE.match(line)] if found else []
    )
    return "\n".join(below).strip() if any(_QUOTED_LINE.match(line) for line in text.split("\n")) else ""


def _without_end(text: str) -> str:
    """Without a program's own line at the end, and what follows a signature's dashes."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at and _SENT_FROM.match(line) and (line.strip() in ("--", "—") or at >= len(lines) - 4):
            return "\n".join(lines[:at]).strip()
    return text.strip()


def _parts(mail: Message) -> tuple[str, str]:
    """The plain and the HTML form of its text, without what is attached."""
    plain: list[str] = []
    html: list[str] = []
    for part in mail.walk():
        kind = part.get_content_type()
        if part.is_multipart() or part.get_filename() is not None or not kind.startswith("text/"):
            continue
        (html if kind == "text/html" else plain).append(text_of(part))
        if kind == "text/plain" and len(plain) == 1:
            continue
    return "\n".join(plain[:3]), "\n".join(html[:1])


def _as_text(html: str) -> str:
    """`text_of` has taken the tags off; empty lines are too many then."""
    return re.sub(r"[ \t]*\n(?:[ \t]*\n){2,}", "\n\n", html)


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\xa0", " ").replace("\u200b", "")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def _plain_of(text: str) -> str:
    return re.sub(r"\s+", "", text)
