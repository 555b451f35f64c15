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
    quoted_paragraph,
    quoted_text,
)
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
Encoder = Callable[[str], bytes]
_Whole = tuple[bytes, list[tuple[Encoder, str, int]]]
"""A mail's bytes with a %b per hole, the first five for what is never a slot; each hole's source is 0 or a row's number."""
_WHOLES_KEPT = 16
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
    """One message ready for the wire: envelope, content without dot-stuffing, and whether it needs SMTPUTF8."""

    sender: bytes
    to: bytes
    content: bytes
    utf8: bool


@dataclass(frozen=True, slots=True)
class _Filled:
    """Bytes with holes: `form` has one %b per (encoder, slot)."""

    form: bytes
    holes: tuple[tuple[Encoder, str], ...]

    def after(self, head: bytes) -> "_Filled":
        return _Filled(_literal(head) + self.form, self.holes)

    def before(self, tail: bytes) -> "_Filled":
        return _Filled(self.form + _literal(tail), self.holes)


class MailSkeleton:
    """One language of one broadcast, compiled. `render` fills it for one person."""

    def __init__(self, text: Text, identity: Identity, language: str) -> None:
        self._tokens = identity.tokens
        boundary = b"=_tidings"
        subject = _subject(text.subject).after(b"Subject:").before(_HARD)
        self._return_domain = identity.return_domain.encode()
        self._envelope = _Filled(
            b"Date: %%b\r\nMessage-ID: <%%b@%b>\r\nTo: %%b<%%b>\r\nReply-To: <%%b@%b>\r\n"
            % (_literal(self._return_domain), _literal(identity.reply_domain.encode())),
            (),
        )
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
        row_follows = "<ul>\n" if row else ""
        self._head = [subject, _text_part(before).after(fixed + plain)]
        self._text_row = _text_row(row)
        self._between = [
            _text_part(after, "\n" if row else ""),
            _html_part(before, _HTML_HEAD.format(language=escape(language)), row_follows).after(_HARD + html),
        ]
        self._html_row = _html_row(row)
        self._tail = [
            _html_part(after, "</ul>\n" if row else "", "</body>\n</html>\n").before(b"--%b--\r\n" % boundary)
        ]
        self._wholes: dict[int, _Whole] = {}

    def render(self, delivery_id: UUID, name: str, address: str, values: Values, now: datetime) -> Mail:
        """One person's mail. Raises BadSlot where a value may not go out; nothing of it was sent then."""
        carried = self._tokens.carried(delivery_id)
        to, utf8 = mailbox(address)
        slots, rows = values
        if not self._tells_rows:
            rows = ()
        if "code" not in slots:
            slots = {**slots, "code": carried.code}
        form, holes = self._wholes.get(len(rows)) or self._whole(len(rows))
        sources = (slots, *rows)
        try:
            filled = [encode(sources[source][slot]) for encode, slot, source in holes]
        except KeyError:
            raise BadSlot("slot_missing") from None
        date = _date(int(now.timestamp()))
        content = form % (date, carried.message_id, display_name(name), to, carried.reply_to, *filled)
        return Mail(b"%b@%b" % (carried.return_path, self._return_domain), to, content, utf8)

    def _whole(self, rows: int) -> "_Whole":
        """The form of a mail with so many rows, one for all who have as many."""
        parts = [(part, 0) for part in (self._envelope, *self._head)]
        parts += [(self._text_row, at + 1) for at in range(rows)]
        parts += [(part, 0) for part in self._between]
        parts += [(self._html_row, at + 1) for at in range(rows)]
        parts += [(part, 0) for part in self._tail]
        form = b"".join([part.form for part, _ in parts])
        holes = [(encode, slot, source) for part, source in parts for encode, slot in part.holes]
        while len(self._wholes) >= _WHOLES_KEPT:
            del self._wholes[next(iter(self._wholes))]
        whole = self._wholes[rows] = form, holes
        return whole


@lru_cache(maxsize=8)
def _date(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _literal(data: bytes) -> bytes:
    return data.replace(b"%", b"%%")


def _split(
    paragraphs: Sequence[Paragraph],
) -> tuple[Sequence[Paragraph], Sequence[Paragraph], Sequence[Paragraph]]:
    rows = [at for at, paragraph in enumerate(paragraphs) if paragraph.block == ROW]
    if not rows:
        return paragraphs, (), ()
    return paragraphs[: rows[0]], paragraphs[rows[0] : rows[-1] + 1], paragraphs[rows[-1] + 1 :]


def _subject(pieces: Sequence[Piece]) -> _Filled:
    if all(isinstance(piece, str) for piece in pieces):
        whole = " ".join("".join(piece for piece in pieces if isinstance(piece, str)).split())
        if not whole:
            raise TextProblem("subject_missing")
        with _as_problem("subject"):
            return _Filled(_literal(b" " + (plain_header(whole) or encoded_words(whole, 66))), ())
    form, holes = [], []
    for at, piece in enumerate(pieces):
        if isinstance(piece, Slot):
            form.append(b"%b")
            holes.append((_subject_slot if at else _subject_first, piece.name))
        else:
            with _as_problem("subject"):
                words = encoded_words(piece.replace("\n", " "), 75 if at else 66)
            form.append(_literal((b"\r\n " if at else b" ") + words))
    return _Filled(b"".join(form), tuple(holes))


def _subject_first(value: str) -> bytes:
    return b" " + encoded_words(value, 66) if value else b""


def _subject_slot(value: str) -> bytes:
    return b"\r\n " + encoded_words(value) if value else b""


class _Writer:
    """Collects one quoted-printable part. A slot stands between soft breaks, so that both sides begin a line."""

    def __init__(self, slot: Encoder, special: Mapping[str, Encoder] | None = None) -> None:
        self._slot, self._special = slot, special or {}
        self._form: list[bytes] = []
        self._holes: list[tuple[Encoder, str]] = []
        self._pending = ""
        self._line_open = False

    def say(self, text: str) -> None:
        self._pending += text

    def slot(self, name: str, encoder: Encoder | None = None) -> None:
        self._flush()
        if self._line_open:
            self._form.append(_SOFT)
        self._form += [b"%b", _SOFT]
        self._holes.append((encoder or self._special.get(name, self._slot), name))
        self._line_open = False

    def filled(self) -> _Filled:
        self._flush()
        return _Filled(b"".join(self._form), tuple(self._holes))

    def _flush(self) -> None:
        if self._pending:
            with _as_problem("body"):
                encoded = quoted_paragraph(self._pending)
            self._form.append(_literal(encoded))
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


def _text_part(paragraphs: Sequence[Paragraph], start: str = "") -> _Filled:
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


def _text_row(paragraphs: Sequence[Paragraph]) -> _Filled:
    writer = _Writer(quoted_text)
    for paragraph in paragraphs:
        _say_pieces(writer, paragraph.pieces, _same)
        writer.say("\n")
    return writer.filled()


def _html_part(paragraphs: Sequence[Paragraph], start: str, end: str) -> _Filled:
    writer = _HtmlWriter(quoted_html, {_LINK: quoted_link, **dict.fromkeys(_LINKED, linked_html)})
    writer.say(start)
    for paragraph in paragraphs:
        writer.say("<p>")
        _say_pieces(writer, paragraph.pieces, html_of)
        writer.say("</p>\n")
    writer.say(end)
    return writer.filled()


def _html_row(paragraphs: Sequence[Paragraph]) -> _Filled:
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
