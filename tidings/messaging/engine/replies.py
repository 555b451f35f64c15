"""Reads SMTP replies out of a stream of bytes, strictly: what is not a reply ends the connection."""

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
        code, mark = line[:3], line[3:4]
        if not code.isdigit() or mark not in (b" ", b"-", b"") or not b"200" <= code <= b"599":
            raise Nonsense("not_a_reply")
        if len(line) > _LONGEST_LINE or len(self._lines) >= _MOST_LINES:
            raise Nonsense("line_too_long")
        self._lines.append(line[4:].decode("utf-8", "replace"))
        if mark == b"-":
            return None
        reply = Reply(int(code), tuple(self._lines))
        self._lines = []
        return reply
