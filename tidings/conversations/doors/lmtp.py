"""A small mail server of ours that a mail server on this machine hands bounces and answers to, over LMTP.

RFC 2033 (LMTP), 5321, 1870 (SIZE), 2920 (PIPELINING), read 2026-12-01. A mail is answered 250, once for each address it is for,
only when it is committed; while the database is away it is answered 451, so that the other side keeps it and comes again.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tidings.conversations.doors.base import Looked, Way
from tidings.kernel.errors import TryLater

LARGEST = 50_000_000
_LONGEST_LINE = 65_536
_IDLE_SECONDS = 300.0
_MOST_RECIPIENTS = 1000
_PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>\r\n]*)>(.*)", re.IGNORECASE)
_SIZE = re.compile(rb"\bSIZE=(\d{1,12})", re.IGNORECASE)

KeepLater = Callable[[bytes, Sequence[str]], Awaitable[bool]]
"""Keeps a mail; False where it could not be kept now."""


@dataclass(frozen=True, slots=True)
class LmtpSettings:
    """Where it listens, and from which networks it takes mail: LMTP knows no sign-in."""

    host: str = "127.0.0.1"
    port: int = 2424
    networks: str = "127.0.0.0/8, ::1"


class Lmtp(Way):
    """Listened to by the process `tidings doors`."""

    code = "lmtp"
    listens = True
    Settings = LmtpSettings

    def look(self) -> Looked:
        """Greets our own server, as the mail server would."""
        host = "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host  # noqa: S104 - read, not bound
        try:
            with socket.create_connection((host, self.settings.port), 5) as line:
                line.sendall(b"LHLO look.localhost\r\nQUIT\r\n")
                heard = b""
                while b"221" not in heard and (more := line.recv(4096)):
                    heard += more
        except OSError:
            raise TryLater("door.no_answer", host=host) from None
        if b"250" not in heard:
            raise TryLater("door.said_no", host=host)
        return Looked()

    async def listen(self, keep: KeepLater) -> asyncio.Server:
        """Opens the port. Raises OSError where another program has it."""
        allowed = [
            ipaddress.ip_network(part.strip(), strict=False)
            for part in self.settings.networks.split(",")
            if part.strip()
        ]

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(
                OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError
            ):
                await _Talk(reader, writer, keep).go_on(_may_come(writer, allowed))
            writer.close()

        return await asyncio.start_server(serve, self.settings.host, self.settings.port, limit=_LONGEST_LINE)


def _may_come(
    writer: asyncio.StreamWriter, allowed: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    peer = writer.get_extra_info("peername")
    if not peer:
        return False
    address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    return any(address.version == network.version and address in network for network in allowed)


@dataclass(slots=True)
class _Talk:
    """One client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    keep: KeepLater
    sender: bytes | None = None
    recipients: list[str] = field(default_factory=list)

    async def go_on(self, may_come: bool) -> None:
        if not may_come:
            await self._say("554 5.7.1 not from there")
            return
        await self._say("220 tidings LMTP")
        while True:
            async with asyncio.timeout(_IDLE_SECONDS):
                line = (await self.reader.readuntil(b"\n")).rstrip(b"\r\n")
            word, _, rest = line.partition(b" ")
            if not await self._answer(word.upper(), rest):
                return

    async def _answer(self, word: bytes, rest: bytes) -> bool:
        match word:
            case b"LHLO":
                self._begin_anew()
                await self._say(
                    "250-tidings\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 50000000"
                )
            case b"MAIL":
                await self._say(self._mail(rest))
            case b"RCPT":
                await self._say(self._rcpt(rest))
            case b"DATA":
                await self._data()
            case b"RSET":
                self._begin_anew()
                await self._say("250 2.0.0 ok")
            case b"NOOP":
                await self._say("250 2.0.0 ok")
            case b"QUIT":
                await self._say("221 2.0.0 bye")
                return False
            case _:
                await self._say("500 5.5.2 unknown command")
        return True

    def _mail(self, rest: bytes) -> str:
        found = _PATH.match(rest)
        if found is None or not rest[:5].upper().startswith(b"FROM:"):
            return "501 5.5.4 not understood"
        size = _SIZE.search(found[2])
        if size and int(size[1]) > LARGEST:
            return "552 5.3.4 too big"
        self._begin_anew()
        self.sender = found[1]
        return "250 2.1.0 ok"

    def _rcpt(self, rest: bytes) -> str:
        found = _PATH.match(rest)
        if self.sender is None:
            return "503 5.5.1 not now"
        if found is None or not found[1]:
            return "501 5.5.4 not understood"
        if len(self.recipients) >= _MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        self.recipients.append(found[1].decode("utf-8", "replace").replace("\0", ""))
        return "250 2.1.5 ok"

    async def _data(self) -> None:
        if not self.recipients:
            await self._say("503 5.5.1 nobody to take it for")
            return
        await self._say("354 go on")
        raw = await self._content()
        recipients = self.recipients
        self._begin_anew()
        if raw is None:
            answer = "552 5.3.4 too big"
        else:
            answer = (
                "250 2.0.0 kept" if await self.keep(raw, recipients) else "451 4.3.0 not kept, come again"
            )
        await self._say("\r\n".join([answer] * len(recipients)))

    async def _content(self) -> bytes | None:
        """The mail with its dots taken off; None where it is larger than we take."""
        lines: list[bytes] = []
        size = 0
        while True:
            async with asyncio.timeout(_IDLE_SECONDS):
                line = await self._piece()
            if line in (b".\r\n", b".\n"):
                return b"".join(lines) if size <= LARGEST else None
            size += len(line)
            if size <= LARGEST:
                lines.append(line[1:] if line.startswith(b".") else line)

    async def _piece(self) -> bytes:
        """A line; one that is longer than a line may be comes whole too."""
        whole = b""
        while True:
            try:
                return whole + await self.reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as over:
                whole += await self.reader.readexactly(over.consumed)

    def _begin_anew(self) -> None:
        self.sender, self.recipients = None, []

    async def _say(self, answer: str) -> None:
        self.writer.write(answer.encode() + b"\r\n")
        await self.writer.drain()
