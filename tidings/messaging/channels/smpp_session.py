"""A session of SMPP over one connection: who asked what, and what was answered. Holds no channel.

SMPP Protocol Specification v3.4, issue 1.2, sections 2.2 to 2.9. Read 2026-12.
"""

import asyncio
from collections.abc import Callable

from tidings.messaging.channels.smpp_wire import RESPONSE, BadPdu, Command, Pdu, Status, read_pdus


class Gone(Exception):
    """The connection ended, or an answer did not come. `left` says whether what was asked had left by then."""

    def __init__(self, *, left: bool) -> None:
        super().__init__("gone")
        self.left = left


class Session(asyncio.Protocol):
    """One connection. `hear` gets each deliver_sm; it answers by `say`."""

    def __init__(self, hear: "Callable[[Session, Pdu], None]") -> None:
        self.ended = asyncio.Event()
        self._hear = hear
        self._buffer = bytearray()
        self._asked: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream it is one

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            for pdu in read_pdus(self._buffer):
                self._came(pdu)
        except BadPdu:
            self.abort()

    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(Gone(left=True))

    async def ask(self, command: Command, body: bytes, seconds: float) -> Pdu:
        """Says it and waits for its answer. Raises Gone."""
        if self._transport is None or self._transport.is_closing():
            raise Gone(left=False)
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        number = self._sequence
        asked: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        self._transport.write(Pdu(command, number, body=body).octets())
        try:
            async with asyncio.timeout(seconds):
                return await asked
        except TimeoutError:
            raise Gone(left=True) from None
        finally:
            del self._asked[number]

    def say(self, pdu: Pdu) -> None:
        """Answers the other side, where it is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(pdu.octets())

    def close(self) -> None:
        """Ends it after what was said has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends it now."""
        if self._transport is not None:
            self._transport.abort()

    def _came(self, pdu: Pdu) -> None:
        if pdu.is_answer:
            asked = self._asked.get(pdu.sequence)
            if asked is not None and not asked.done():
                asked.set_result(pdu)
        elif pdu.command == Command.DELIVER:
            self._hear(self, pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            self.say(Pdu(RESPONSE | Command.ENQUIRE_LINK, pdu.sequence))
        elif pdu.command == Command.UNBIND:
            self.say(Pdu(RESPONSE | Command.UNBIND, pdu.sequence))
            self.close()
        else:
            self.say(Pdu(Command.NACK, pdu.sequence, Status.UNKNOWN_COMMAND))
