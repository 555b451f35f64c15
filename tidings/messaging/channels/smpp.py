"""Text messages over SMPP 3.4, one kept connection (a transceiver) to an operator's or aggregator's short message centre.

SMPP Protocol Specification v3.4, issue 1.2: sections 2 (sessions), 4 (operations), 5.1.3 (command_status), appendix B
(receipts); the octets are in `smpp_wire.py`. Read 2026-12.
"""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError, TryLater
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    Limits,
    Net,
    Outgoing,
    Receipt,
    chosen,
    secret,
)
from tidings.messaging.channels.refusing import in_doubt, not_now, our_fault, undeliverable
from tidings.messaging.channels.smpp_session import Gone, Session
from tidings.messaging.channels.smpp_wire import (
    RESPONSE,
    BadPdu,
    Command,
    Delivered,
    Pdu,
    ReceiptSaid,
    Status,
    bind,
    delivered,
    message_id,
    receipt_said,
    sender_of,
    submits,
)
from tidings.messaging.channels.texting import number_of, text_of
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.numbers import digits, e164
from tidings.messaging.rules.refusals import Reason

_ENQUIRE_SECONDS = 30.0
_THROTTLED_SECONDS = 5.0
_TRIES_OF_A_PART = 4
_AGAIN_SECONDS = (1.0, 5.0, 15.0, 60.0)
_MOST_AWAITED = 50_000
_BIND_PASSES = frozenset({Status.ALREADY_BOUND, Status.SYSTEM_ERROR, Status.THROTTLED, Status.NOT_NOW})
_ADDRESS = {
    Status.WRONG_DESTINATION: Reason.UNKNOWN_NUMBER,
    Status.WRONG_DESTINATION_TON: Reason.UNSENDABLE,
    Status.WRONG_DESTINATION_NPI: Reason.UNSENDABLE,
}
_OURS = {
    Status.WRONG_LENGTH: Reason.TOO_BIG,
    Status.WRONG_STATE: Reason.PROTOCOL,
    Status.WRONG_SOURCE: Reason.NOT_REGISTERED,
    Status.WRONG_PASSWORD: Reason.NO_ACCESS,
    Status.WRONG_SYSTEM_ID: Reason.NO_ACCESS,
    Status.NEVER: Reason.CONTENT,
    Status.REJECTED: Reason.CONTENT,
}
_RATE = frozenset({Status.THROTTLED, Status.QUEUE_FULL})
_FAILED = {
    "EXPIRED": Reason.EXPIRED,
    "DELETED": Reason.EXPIRED,
    "UNDELIV": Reason.EXPIRED,
    "REJECTD": Reason.CONTENT,
}
_GSM, _UNKNOWN_SUBSCRIBER = 3, 1


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """`sender` is a number (+…), a short code or a name of at most eleven characters. `receipt_ids`: whether receipts name a
    message as its answer did, or in decimals where that was hexadecimal. `valid_minutes`: how long the centre tries (0: as it
    likes). `seconds`: how long we wait for each answer.
    """

    host: str
    port: int
    system_id: str
    sender: str
    password: str = secret()
    system_type: str = ""
    tls: bool = False
    receipt_ids: str = chosen("same", "decimal")
    valid_minutes: int = 0
    seconds: float = 15.0


@dataclass
class Parts:
    """The segments of one message, by the centre's ids: those whose receipt is awaited, and whether all have been sent."""

    reference: str
    awaited: set[str] = field(default_factory=set)
    all_sent: bool = False


@dataclass(frozen=True)
class Heard:
    """Something to hand on, and what is answered once that is done."""

    event: Receipt | Answer
    session: Session | None = None
    answer: Pdu | None = None


class Smpp(Channel):
    """One connection, made when it is needed and made anew when it is lost. Receipts and answers come over it, by `events`;
    while nobody asks for those, the centre is told to keep them.
    """

    code: ClassVar[str] = "smpp"
    rung: ClassVar[str] = "sms"
    Settings = SmppSettings
    limits: ClassVar[Limits] = Limits(longest=1530, subject=False, segments=True)

    settings: SmppSettings

    def __init__(self, settings: SmppSettings, net: Net | None = None) -> None:
        super().__init__(settings, net)
        self._session: Session | None = None
        self._binding = asyncio.Lock()
        self._tending: asyncio.Task[None] | None = None
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()
        self._listeners = 0
        self._joined_by = 0
        self._parts: OrderedDict[str, Parts] = OrderedDict()
        self._written: OrderedDict[tuple[str, int], dict[int, str]] = OrderedDict()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. Several segments are sent in order; where one fails after the first was taken, it is in doubt."""
        number, text = digits(number_of(outgoing)), text_of(self.limits, outgoing)
        self._joined_by = (self._joined_by + 1) % 256
        valid = _relative(self.settings.valid_minutes)
        bodies = submits(sender_of(self.settings.sender), number, text, self._joined_by, valid=valid)
        session = await self._bound()
        parts = Parts("")
        for body in bodies:
            reference = await self._part(session, body, first=not parts.reference)
            parts.reference = parts.reference or reference
            if len(bodies) > 1:
                self._await(reference, parts)
        parts.all_sent = True
        if len(bodies) > 1 and (
            whole := self._whole(parts)
        ):  # every receipt came while the last segment was under way
            self._heard.put_nowait(Heard(whole))
        return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), parts.reference)

    async def events(self) -> AsyncGenerator[Receipt | Answer, None]:
        """See `Channel`. Keeps the connection for as long as somebody listens."""
        self._listeners += 1
        staying = asyncio.create_task(self._stay_bound())
        try:
            while True:
                heard = await self._heard.get()
                yield heard.event
                if heard.session is not None and heard.answer is not None:
                    heard.session.say(heard.answer)
        finally:
            self._listeners -= 1
            staying.cancel()

    async def close(self) -> None:
        """Says goodbye, and ends the connection."""
        if self._tending is not None:
            self._tending.cancel()
        session, self._session = self._session, None
        if session is not None:
            with suppress(Gone):
                await session.ask(Command.UNBIND, b"", 1.0)
            session.abort()

    async def _part(self, session: Session, body: bytes, *, first: bool) -> str:
        """Sends one segment and gives the centre's id of it."""
        for again in range(1 if first else _TRIES_OF_A_PART):
            if again:
                await asyncio.sleep(1.0)
            try:
                answer = await session.ask(Command.SUBMIT, body, self.settings.seconds)
            except Gone as gone:
                if gone.left or not first:
                    raise in_doubt("no answer") from None
                raise TryLater("outbound.no_answer", host=self.settings.host) from None
            if answer.status not in _RATE:
                break
        if answer.status != Status.OK:
            if not first:
                raise in_doubt(f"a later segment: {answer.status:#x}")
            raise _refusal(answer.status)
        try:
            reference = self._id(message_id(answer.body))
        except BadPdu:
            reference = ""
        if answer.command != RESPONSE | Command.SUBMIT or not reference:
            raise in_doubt("no id in the answer")
        return reference

    async def _bound(self) -> Session:
        """The connection, made if there is none. Raises TryLater and OurFault."""
        async with self._binding:
            if self._session is not None and not self._session.ended.is_set():
                return self._session
            session = await self._connected()
            try:
                await self._bind(session)
            except TidingsError:
                session.abort()
                raise
            self._session = session
            if self._tending is not None:
                self._tending.cancel()
            self._tending = asyncio.create_task(_tend(session, self.settings.seconds))
            return session

    async def _connected(self) -> Session:
        kept = self.settings
        addresses = await self.net.addresses(kept.host, kept.port)
        context = ssl.create_default_context() if kept.tls else None
        try:
            async with asyncio.timeout(kept.seconds):
                _, session = await asyncio.get_running_loop().create_connection(
                    lambda: Session(self._hear),
                    addresses[0],
                    kept.port,
                    ssl=context,
                    server_hostname=kept.host if context else None,
                )
        except (OSError, TimeoutError):
            raise TryLater("outbound.no_answer", host=kept.host) from None
        return session

    async def _bind(self, session: Session) -> None:
        kept = self.settings
        body = bind(kept.system_id, kept.password, kept.system_type)
        try:
            answer = await session.ask(Command.BIND_TRANSCEIVER, body, kept.seconds)
        except Gone:
            raise TryLater("outbound.no_answer", host=kept.host) from None
        if answer.status == Status.OK and answer.command == RESPONSE | Command.BIND_TRANSCEIVER:
            return
        if answer.status in _BIND_PASSES or answer.status == Status.OK:
            raise not_now(f"bind {answer.status:#x}")
        raise our_fault(Reason.NO_ACCESS, f"bind {answer.status:#x}")

    async def _stay_bound(self) -> None:
        failures = 0
        while True:
            try:
                session = await self._bound()
                failures = 0
                await session.ended.wait()
            except TidingsError:
                failures += 1
            await asyncio.sleep(_AGAIN_SECONDS[min(failures, len(_AGAIN_SECONDS) - 1)])

    def _hear(self, session: Session, pdu: Pdu) -> None:
        """A receipt or an answer: handed on where somebody listens, else refused for now, so that the centre keeps it."""
        answer = Pdu(RESPONSE | Command.DELIVER, pdu.sequence, body=b"\0")
        if not self._listeners:
            session.say(Pdu(answer.command, pdu.sequence, Status.NOT_NOW, b"\0"))
            return
        told = delivered(pdu.body)
        event = self._receipt(receipt_said(told)) if told.is_receipt else self._answer(told)
        if event is None:
            session.say(answer)
            return
        self._heard.put_nowait(Heard(event, session, answer))

    def _receipt(self, said: ReceiptSaid) -> Receipt | None:
        if said.state == "DELIVRD":
            return self._segment_delivered(said)
        if said.state not in _FAILED or not said.reference:
            return None
        parts = self._parts.get(said.reference)
        for one in list(parts.awaited) if parts else ():
            self._parts.pop(one, None)
        unknown = said.network_error == (_GSM, _UNKNOWN_SUBSCRIBER)
        reason = Reason.UNKNOWN_NUMBER if unknown else _FAILED[said.state]
        words = f"{said.state} {said.error}".strip()
        reference = parts.reference if parts else said.reference
        return Receipt(None, Outcome.REFUSED, now(), reference, words, reason)

    def _segment_delivered(self, said: ReceiptSaid) -> Receipt | None:
        parts = self._parts.pop(said.reference, None)
        if parts is None:
            return (
                Receipt(None, Outcome.DELIVERED, now(), said.reference, said.state)
                if said.reference
                else None
            )
        parts.awaited.discard(said.reference)
        return self._whole(parts)

    def _whole(self, parts: Parts) -> Receipt | None:
        if parts.awaited or not parts.all_sent:
            return None
        return Receipt(None, Outcome.DELIVERED, now(), parts.reference, "DELIVRD")

    def _await(self, reference: str, parts: Parts) -> None:
        parts.awaited.add(reference)
        self._parts[reference] = parts
        while len(self._parts) > _MOST_AWAITED:
            self._parts.popitem(last=False)

    def _answer(self, told: Delivered) -> Answer | None:
        if not told.is_written or not told.source:
            return None
        joined_by, number, which = told.joined
        number_from = e164(f"+{digits(told.source)}") or told.source
        if number <= 1:
            return Answer(None, number_from, told.text, now())
        key = (told.source, joined_by)
        pieces = self._written.setdefault(key, {})
        pieces[which] = told.text
        while len(self._written) > _MOST_AWAITED:
            self._written.popitem(last=False)
        if len(pieces) < number:
            return None
        del self._written[key]
        return Answer(None, number_from, "".join(pieces[at] for at in sorted(pieces)), now())

    def _id(self, given: str) -> str:
        """An id as receipts will write it."""
        if self.settings.receipt_ids == "decimal":
            with suppress(ValueError):
                return str(int(given, 16))
        return given


async def _tend(session: Session, seconds: float) -> None:
    """Asks now and then whether the other side is still there, and ends the connection where it is not."""
    while not session.ended.is_set():
        await asyncio.sleep(_ENQUIRE_SECONDS)
        try:
            await session.ask(Command.ENQUIRE_LINK, b"", seconds)
        except Gone:
            session.abort()


def _refusal(status: int) -> TidingsError:
    """What a status means (section 5.1.3). One of the vendor's own, or any that is not known, passes as far as anybody knows."""
    said = f"{status:#x}"
    known = Status(status) if status in set(Status) else None
    if known in _ADDRESS:
        return undeliverable(_ADDRESS[known], said)
    if known in _OURS:
        return our_fault(_OURS[known], said)
    if status in _RATE:
        return not_now(said, seconds=_THROTTLED_SECONDS, reason=Reason.RATE)
    return not_now(said)


def _relative(minutes: int) -> str:
    """A relative validity period (section 7.1.1): YYMMDDhhmmss000R."""
    if minutes <= 0:
        return ""
    hours, left = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{min(days, 99):02}{hours:02}{left:02}00000R"
