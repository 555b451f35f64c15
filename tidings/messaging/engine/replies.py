"""Reads SMTP replies out of a stream of bytes, strictly: what is not a reply ends the connection."""

from functools import lru_cache
from typing import NamedTuple

_LONGEST_LINE = 2048
_MOST_LINES = 128


class Nonsense(Exception):
    """The peer said something that is no SMTP reply, or said it without being asked."""


class Reply(NamedTuple):
    """A whole reply: its code, and its lines' texts."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def good(self) -> bool:
        return self.code < 400


class Replies:
    """Feeds on bytes, gives whole replies. RFC 5321 section 4.2."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether bytes of an unfinished reply are held."""
        return bool(self._rest or self._lines)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes. Raises Nonsense."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            raise Nonsense("line_too_long")
        return [reply for line in lines if (reply := self._line(line))]

    def _line(self, line: bytes) -> Reply | None:
        line = line.rstrip(b"\r")
        if not self._lines and line[3:4] == b" ":
            return _single(line)
        text = _text(line)
        if len(self._lines) >= _MOST_LINES:
            raise Nonsense("line_too_long")
        self._lines.append(text)
        if line[3:4] == b"-":
            return None
        reply = Reply(int(line[:3]), tuple(self._lines))
        self._lines = []
        return reply


def said_first(line: bytes) -> Reply | None:
    """The reply that a line without its end is; None for a part of a longer one. Raises Nonsense."""
    return _single(line) if line[3:4] == b" " else None


@lru_cache(maxsize=64)
def goes_ahead(data: bytes) -> bool:
    """Whether these are three whole replies of one line: yes to a sender, yes to a recipient, and send the content."""
    lines = data.split(b"\r\n")
    codes = [line[:4] for line in lines]
    return len(data) < _LONGEST_LINE and codes == [b"250 ", b"250 ", b"354 ", b""]


@lru_cache(maxsize=256)
def _single(line: bytes) -> Reply:
    """A reply of one line; most are the same ever again."""
    text = _text(line)
    return Reply(int(line[:3]), (text,))


def _text(line: bytes) -> str:
    code, mark = line[:3], line[3:4]
    if not code.isdigit() or mark not in (b" ", b"-", b"") or not b"200" <= code <= b"599":
        raise Nonsense("not_a_reply")
    if len(line) > _LONGEST_LINE:
        raise Nonsense("line_too_long")
    return line[4:].decode("utf-8", "replace")
