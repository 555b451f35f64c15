"""The catcher's half of an SMTP conversation: takes what a client says, a whole content at a time.

RFC 5321, 2920 (PIPELINING), 1870 (SIZE), 6531 (SMTPUTF8), read 2026-11-22. For loopback alone: it offers no encryption and
no sign-in, and takes mail for anybody. A library that reads line by line took three times the sender's own time per mail.
"""

import asyncio
import re
from collections.abc import Callable
from typing import cast

LARGEST = 20_000_000
IDLE_SECONDS = 300.0
_LONGEST_LINE = 4096
_MOST_RECIPIENTS = 1000
_END = b"\r\n.\r\n"
_PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>\r\n]*)>(.*)", re.IGNORECASE)
_SIZE = re.compile(rb"\bSIZE=(\d{1,12})", re.IGNORECASE)
_HELLO = ("catcher.localhost", "PIPELINING", "8BITMIME", f"SIZE {LARGEST}", "SMTPUTF8")

_OK = b"250 2.0.0 ok\r\n"
_TOO_BIG = b"552 5.3.4 too big\r\n"
_ORDER = b"503 5.5.1 not now\r\n"
_SYNTAX = b"501 5.5.4 not understood\r\n"

Take = Callable[[str, list[str], bytes, Callable[[], None]], None]
"""Given sender, recipients and content; calls the last once the mail is kept, and never if it is not."""


class Conversation(asyncio.Protocol):
    """One client. Answers in order: while a mail is being kept, what comes after it waits."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._said = bytearray()
        self._searched = 0
        self._sender: bytes | None = None
        self._recipients: list[bytes] = []
        self._in_content = False
        self._too_big = False
        self._keeping = False
        self._answers: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._heard_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 catcher.localhost catches all mail\r\n")
        self._watch()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self._said += data
        if self._keeping and self._transport is not None and len(self._said) > LARGEST:
            self._transport.pause_reading()  # whoever sends ahead of our answer waits
        self._go_on()

    def _watch(self) -> None:
        """Lets go of a client that says nothing for minutes."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            return
        self._heard_at = self._heard_at or loop.time()
        if not self._keeping and loop.time() - self._heard_at > IDLE_SECONDS:
            self._transport.close()
        else:
            loop.call_later(IDLE_SECONDS / 5, self._watch)

    # What was said.

    def _go_on(self) -> None:
        while not self._keeping and self._transport is not None:
            if not (self._content() if self._in_content else self._line()):
                break
        if self._answers and self._transport is not None:
            self._transport.write(b"".join(self._answers))
        self._answers.clear()

    def _line(self) -> bool:
        """One command, if a whole one is there."""
        end = self._said.find(b"\r\n")
        if end < 0 or end > _LONGEST_LINE:
            if max(end, len(self._said)) > _LONGEST_LINE:
                self._hang_up(b"500 5.5.6 line too long\r\n")
            return False
        line = bytes(self._said[:end])
        del self._said[: end + 2]
        word, _, rest = line.partition(b" ")
        answer = _COMMANDS.get(bytes(word).upper(), Conversation._unknown)(self, rest)
        if answer:
            self._answers.append(answer)
        return True

    def _content(self) -> bool:
        """A whole content, if its end is there. It begins at a line's beginning, so a first dot may be the end."""
        if not self._too_big and self._said.startswith(b".\r\n"):
            end, after = 0, 3
        else:
            found = self._said.find(_END, self._searched)
            end, after = (found + 2, found + len(_END)) if found >= 0 else (-1, 0)
        if end < 0:
            self._searched = max(0, len(self._said) - len(_END))
            if len(self._said) > LARGEST:
                self._too_big = True
                del self._said[: self._searched]  # its end is still looked for, but no more at the beginning
                self._searched = 0
            return False
        content = bytes(self._said[:end])
        del self._said[:after]
        self._searched, self._in_content = 0, False
        self._keep(content)
        return True

    def _keep(self, content: bytes) -> None:
        sender, recipients = self._sender or b"", self._recipients
        self._sender, self._recipients = None, []
        if self._too_big or len(content) > LARGEST:
            self._too_big = False
            self._answers.append(_TOO_BIG)
            return
        self._keeping = True
        if content.startswith(b"."):
            content = content[1:]
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        self._take(_text(sender), [_text(one) for one in recipients], content, self._kept)

    def _kept(self) -> None:
        self._keeping = False
        self._answers.append(b"250 2.0.0 kept\r\n")
        if self._transport is not None:
            self._transport.resume_reading()
        self._go_on()

    def _hang_up(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(self._answers) + answer)
            self._transport.close()
        self._answers.clear()
        self._transport = None

    # Commands.

    def _ehlo(self, rest: bytes) -> bytes:  # noqa: ARG002 - every command has the same shape
        self._sender, self._recipients = None, []
        marks = ["-"] * (len(_HELLO) - 1) + [" "]
        return b"".join(f"250{mark}{said}\r\n".encode() for mark, said in zip(marks, _HELLO, strict=True))

    def _helo(self, rest: bytes) -> bytes:  # noqa: ARG002
        self._sender, self._recipients = None, []
        return b"250 catcher.localhost\r\n"

    def _mail(self, rest: bytes) -> bytes:
        found = _PATH.match(rest)
        if self._sender is not None:
            return _ORDER
        if found is None or not rest[:5].upper().startswith(b"FROM:"):
            return _SYNTAX
        size = _SIZE.search(found[2])
        if size and int(size[1]) > LARGEST:
            return _TOO_BIG
        self._sender = found[1]
        return _OK

    def _rcpt(self, rest: bytes) -> bytes:
        found = _PATH.match(rest)
        if self._sender is None:
            return _ORDER
        if found is None or not rest[:3].upper().startswith(b"TO:") or not found[1]:
            return _SYNTAX
        if len(self._recipients) >= _MOST_RECIPIENTS:
            return b"452 4.5.3 too many recipients\r\n"
        self._recipients.append(found[1])
        return _OK

    def _data(self, rest: bytes) -> bytes:  # noqa: ARG002
        if not self._recipients:
            return _ORDER
        self._in_content = True
        return b"354 go on\r\n"

    def _reset(self, rest: bytes) -> bytes:  # noqa: ARG002
        self._sender, self._recipients = None, []
        return _OK

    def _nothing(self, rest: bytes) -> bytes:  # noqa: ARG002
        return _OK

    def _quit(self, rest: bytes) -> bytes:  # noqa: ARG002
        self._hang_up(b"221 2.0.0 bye\r\n")
        return b""

    def _unknown(self, rest: bytes) -> bytes:  # noqa: ARG002
        return b"500 5.5.2 unknown command\r\n"


_COMMANDS: dict[bytes, Callable[[Conversation, bytes], bytes]] = {
    b"EHLO": Conversation._ehlo,
    b"HELO": Conversation._helo,
    b"MAIL": Conversation._mail,
    b"RCPT": Conversation._rcpt,
    b"DATA": Conversation._data,
    b"RSET": Conversation._reset,
    b"NOOP": Conversation._nothing,
    b"QUIT": Conversation._quit,
}


def _text(address: bytes) -> str:
    return address.decode("utf-8", "replace").replace("\0", "")
