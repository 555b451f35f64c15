"""Compiles a frozen text into a skeleton of bytes with typed slots, once per language; filling it is all that is left.

A mail is multipart/alternative, both parts quoted-printable, 7 bit and CRLF throughout, whatever the values hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from typing import NamedTuple
from uuid import UUID

from tidings.messaging.engine.encoders import (
    BadSlot,
    display_name,
    encoded_words,
    html_of,
    linked_html,
    linked_text,
    mailbox,
    plain_header,
    quoted_html,
    quoted_link,
    quoted_own,
    quoted_own_html,
    quoted_paragraph,
    quoted_text,
)
from tidings.messaging.engine.filled import Encoder, Filled, Hole, Parts, closed, getter, is_plain
from tidings.messaging.engine.text import ROW, Paragraph, Piece, Slot, Text, TextProblem
from tidings.messaging.engine.tokens import Tokens

_SOFT = b"=\r\n"
_HARD = b"\r\n"
_PART = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_HTML_HEAD = (
    '<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>\n'
    '<body style="font-family:sans-serif;line-height:1.5;max-width:40em;margin:auto;padding:1em;'
    'word-wrap:break-word;overflow-wrap:anywhere">\n'
)
_MAILS_KEPT, _ROWS_KEPT = 32, 1024
_ALWAYS_OWN = frozenset({"name", "code", "waybill"})
_ALONE: dict[Encoder, Encoder] = {quoted_text: quoted_own, quoted_html: quoted_own_html}
"""What nobody else has is not looked for among what was encoded before."""
_LINK = "link"
"""The slot of the reader's own link; in HTML it is one that can be pressed."""
_LINKED = ("more", "choice")
"""The slots of sentences that may end in it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom mail comes from, and the domains that bounces and answers come back to."""

    from_name: str
    from_address: str
    return_domain: str
    reply_domain: str
    tokens: Tokens


class Values(NamedTuple):
    """What a person's slots hold: those outside the row, and those of each row."""

    slots: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]


class Mail(NamedTuple):
    """One message ready for the wire: envelope, content without dot-stuffing, and whether it needs SMTPUTF8. `plain`: each of its
    parts was looked at, and goes out as it is."""

    sender: bytes
    to: bytes
    content: bytes
    utf8: bool
    plain: bool = False


_ONE_HOLE = Filled((b"", b""), ((quoted_own, "code"),))
"""A hole for what the skeleton puts there itself; it counts as one's own."""
_IN_THE_ENVELOPE = 5


class MailSkeleton:
    """One language of one broadcast, compiled. `render` fills it for one person.

    What many share is filled once for all of them: outside the rows by what those slots hold, and each row by what it tells.
    """

    def __init__(self, text: Text, identity: Identity, language: str) -> None:
        self._tokens = identity.tokens
        boundary = b"=_tidings"
        self._return_domain = identity.return_domain.encode()
        before, row, after = _split(text.paragraphs)
        self._tells_rows = bool(row)
        sender, _ = mailbox(identity.from_address)
        fixed = (
            b"From: %b<%b>\r\n"
            % (display_name(identity.from_name), sender)
            + b"Auto-Submitted: auto-generated\r\nContent-Language: %b\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/alternative; boundary="%b"\r\n\r\n' % (language.encode(), boundary)
        )
        plain, html = (b"--%b\r\n" % boundary + _PART % kind for kind in (b"plain", b"html"))
        start = _HTML_HEAD.format(language=escape(language))
        sections = (
            self._envelope(identity)
            .then(_subject(text.subject).after(b"Subject:").before(_HARD))
            .then(_text_part(before).after(fixed + plain)),
            _text_part(after, "\n" if row else "").then(
                _html_part(before, start, "<ul>\n" if row else "").after(_HARD + html)
            ),
            _html_part(after, "</ul>\n" if row else "", "</body>\n</html>\n").before(
                b"--%b--\r\n" % boundary
            ),
        )
        self._mail = sections[0].then(_ONE_HOLE).then(sections[1]).then(_ONE_HOLE).then(sections[2])
        head, *others = (section.own() for section in sections)
        self._own = [head[_IN_THE_ENVELOPE:], *others]
        self._shared = getter(self._mail.shared())
        self._mails: dict[tuple[str, ...], Parts] = {}
        self._row = _text_row(row), _html_row(row)
        self._row_own = [part.own() for part in self._row]
        self._row_shared = getter(slot for part in self._row for slot in part.shared())
        self._rows: dict[tuple[str, ...], tuple[Parts, Parts]] = {}

    def _envelope(self, identity: Identity) -> Filled:
        """The holes that are never a slot, in the order in which `render` fills them."""
        date, to = b"Date: ", b"\r\nTo: "
        ids = b"\r\nMessage-ID: <", b"@%b>" % self._return_domain
        answers = b">\r\nReply-To: <", b"@%b>\r\n" % identity.reply_domain.encode()
        parts = (date, ids[0], ids[1] + to, b"<", answers[0], answers[1])
        return Filled(parts, _ONE_HOLE.holes * _IN_THE_ENVELOPE)

    def render(self, delivery_id: UUID, name: str, address: str, values: Values, now: datetime) -> Mail:
        """One person's mail. Raises BadSlot where a value may not go out; nothing of it was sent then."""
        carried = self._tokens.carried(delivery_id)
        to, utf8 = mailbox(address)
        slots, rows = values
        if "code" not in slots:
            slots = {**slots, "code": carried.code}
        try:
            first, between, last = [[encode(slots[slot]) for encode, slot in own] for own in self._own]
            texts, htmls, said, plain = self._rows_of(rows if self._tells_rows else ())
            parts = self._mails.get(key := self._shared(slots)) or self._fill(key, slots)
        except KeyError:
            raise BadSlot("slot_missing") from None
        envelope = _date(int(now.timestamp())), carried.message_id, display_name(name), to, carried.reply_to
        content = closed(parts, (*envelope, *first, texts, *between, htmls, *last))
        plain = plain and parts.plain and is_plain((*envelope, *first, *said, *between, *last))
        return Mail(b"%b@%b" % (carried.return_path, self._return_domain), to, content, utf8, plain)

    def _rows_of(self, rows: Sequence[Mapping[str, str]]) -> tuple[bytes, bytes, list[bytes], bool]:
        """The rows in both forms; what in them is this person's own, and whether the rest is plain."""
        texts, htmls, all_said, plain = [], [], [], True
        text_own, html_own = self._row_own
        for row in rows:
            text, html = self._rows.get(key := self._row_shared(row)) or self._fill_row(key, row)
            plain = plain and text.plain and html.plain
            said = [encode(row[slot]) for encode, slot in text_own]
            texts.append(closed(text, said))
            all_said += said
            said = [encode(row[slot]) for encode, slot in html_own]
            htmls.append(closed(html, said))
            all_said += said
        return b"".join(texts), b"".join(htmls), all_said, plain

    def _fill(self, key: tuple[str, ...], slots: Mapping[str, str]) -> Parts:
        if len(self._mails) >= _MAILS_KEPT:
            del self._mails[next(iter(self._mails))]
        mail = self._mails[key] = self._mail.filled(slots)
        return mail

    def _fill_row(self, key: tuple[str, ...], row: Mapping[str, str]) -> tuple[Parts, Parts]:
        if len(self._rows) >= _ROWS_KEPT:
            del self._rows[next(iter(self._rows))]
        text, html = self._row
        kept = self._rows[key] = text.filled(row), html.filled(row)
        return kept


@lru_cache(maxsize=8)
def _date(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _split(
    paragraphs: Sequence[Paragraph],
) -> tuple[Sequence[Paragraph], Sequence[Paragraph], Sequence[Paragraph]]:
    rows = [at for at, paragraph in enumerate(paragraphs) if paragraph.block == ROW]
    if not rows:
        return paragraphs, (), ()
    return paragraphs[: rows[0]], paragraphs[rows[0] : rows[-1] + 1], paragraphs[rows[-1] + 1 :]


def _subject(pieces: Sequence[Piece]) -> Filled:
    if all(isinstance(piece, str) for piece in pieces):
        whole = " ".join("".join(piece for piece in pieces if isinstance(piece, str)).split())
        if not whole:
            raise TextProblem("subject_missing")
        with _as_problem("subject"):
            return Filled((b" " + (plain_header(whole) or encoded_words(whole, 66)),))
    subject = Filled((b"",))
    for at, piece in enumerate(pieces):
        if isinstance(piece, Slot):
            hole = (_subject_slot if at else _subject_first), piece.name
            subject = subject.then(Filled((b"", b""), (hole,)))
        else:
            with _as_problem("subject"):
                words = encoded_words(piece.replace("\n", " "), 75 if at else 66)
            subject = subject.before((b"\r\n " if at else b" ") + words)
    return subject


def _subject_first(value: str) -> bytes:
    return b" " + encoded_words(value, 66) if value else b""


def _subject_slot(value: str) -> bytes:
    return b"\r\n " + encoded_words(value) if value else b""


class _Writer:
    """Collects one quoted-printable part. A slot stands between soft breaks, so that both sides begin a line."""

    def __init__(self, slot: Encoder, special: Mapping[str, Encoder] | None = None) -> None:
        self._slot, self._special = slot, special or {}
        self._parts: list[bytes] = [b""]
        self._holes: list[Hole] = []
        self._pending = ""
        self._line_open = False

    def say(self, text: str) -> None:
        self._pending += text

    def slot(self, name: str, encoder: Encoder | None = None) -> None:
        self._flush()
        if self._line_open:
            self._parts[-1] += _SOFT
        self._parts.append(_SOFT)
        encoder = encoder or self._special.get(name, self._slot)
        self._holes.append((_ALONE.get(encoder, encoder) if name in _ALWAYS_OWN else encoder, name))
        self._line_open = False

    def filled(self) -> Filled:
        self._flush()
        return Filled(tuple(self._parts), tuple(self._holes))

    def _flush(self) -> None:
        if self._pending:
            with _as_problem("body"):
                encoded = quoted_paragraph(self._pending)
            self._parts[-1] += encoded
            self._line_open = not encoded.endswith(_HARD)
            self._pending = ""


class _HtmlWriter(_Writer):
    """The same for HTML, where the reader's own link can be pressed."""

    def slot(self, name: str, encoder: Encoder | None = None) -> None:
        if name != _LINK:
            return super().slot(name, encoder)
        self.say('<a href="')
        super().slot(name)
        self.say('">')
        super().slot(name)
        return self.say("</a>")


def _text_part(paragraphs: Sequence[Paragraph], start: str = "") -> Filled:
    writer = _Writer(quoted_text, {_LINK: quoted_link, **dict.fromkeys(_LINKED, linked_text)})
    writer.say(start)
    for paragraph in paragraphs:
        if all(isinstance(piece, Slot) for piece in paragraph.pieces):
            for piece in paragraph.pieces:
                writer.slot(piece.name, _own_paragraph)  # type: ignore[union-attr]
            continue
        _say_pieces(writer, paragraph.pieces, _same)
        writer.say("\n\n")
    return writer.filled()


def _own_paragraph(value: str) -> bytes:
    """A slot that is a whole paragraph of the plain part; where it holds nothing, no empty lines stand for it."""
    said = value.rstrip(" ")
    return linked_text(said) + _HARD + _HARD if said else b""


def _text_row(paragraphs: Sequence[Paragraph]) -> Filled:
    writer = _Writer(quoted_text)
    for paragraph in paragraphs:
        _say_pieces(writer, paragraph.pieces, _same)
        writer.say("\n")
    return writer.filled()


def _html_part(paragraphs: Sequence[Paragraph], start: str, end: str) -> Filled:
    writer = _HtmlWriter(quoted_html, {_LINK: quoted_link, **dict.fromkeys(_LINKED, linked_html)})
    writer.say(start)
    for paragraph in paragraphs:
        writer.say("<p>")
        _say_pieces(writer, paragraph.pieces, html_of)
        writer.say("</p>\n")
    writer.say(end)
    return writer.filled()


def _html_row(paragraphs: Sequence[Paragraph]) -> Filled:
    writer = _Writer(quoted_html)
    writer.say("<li>")
    for at, paragraph in enumerate(paragraphs):
        writer.say("<br>\n" if at else "")
        _say_pieces(writer, paragraph.pieces, html_of)
    writer.say("</li>\n")
    return writer.filled()


def _say_pieces(writer: _Writer, pieces: Sequence[Piece], shape: Callable[[str, bool], str]) -> None:
    for at, piece in enumerate(pieces):
        if isinstance(piece, Slot):
            writer.slot(piece.name)
        else:
            before_slot = at + 1 < len(pieces) and isinstance(pieces[at + 1], Slot)
            writer.say(shape(piece.replace("\r\n", "\n"), before_slot))


def _same(text: str, before_slot: bool) -> str:  # noqa: ARG001 - the shape of html_of
    return text


@contextmanager
def _as_problem(where: str) -> Iterator[None]:
    """A static text with a forbidden character is a fault of the text, found when it is compiled."""
    try:
        yield
    except BadSlot as bad:
        raise TextProblem(str(bad), where) from None
