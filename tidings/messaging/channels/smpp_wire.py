"""SMPP as octets: what is said over a connection to a short message centre, and how it is read. Pure; holds no channel.

SMPP Protocol Specification v3.4, issue 1.2 (12-Oct-1999): sections 3.2 (format), 4.1 to 4.11 (operations), 5.1.3
(command_status), 5.2 and 5.3 (parameters), appendix B (receipts). 3GPP TS 23.040, section 9.2.3.24.1 (the header that joins
segments). Read 2026-12.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from tidings.messaging.rules.segments import GSM_7, septets, short_message, text_of_septets

LONGEST = 1 << 16
RESPONSE = 0x80000000


class Command(IntEnum):
    """What is asked; an answer has the highest bit set."""

    SUBMIT = 0x04
    DELIVER = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    NACK = RESPONSE


class Status(IntEnum):
    """Some values of command_status."""

    OK = 0x00
    WRONG_LENGTH = 0x01
    UNKNOWN_COMMAND = 0x03
    WRONG_STATE = 0x04
    ALREADY_BOUND = 0x05
    SYSTEM_ERROR = 0x08
    WRONG_SOURCE = 0x0A
    WRONG_DESTINATION = 0x0B
    BIND_FAILED = 0x0D
    WRONG_PASSWORD = 0x0E
    WRONG_SYSTEM_ID = 0x0F
    QUEUE_FULL = 0x14
    SUBMIT_FAILED = 0x45
    WRONG_DESTINATION_TON = 0x50
    WRONG_DESTINATION_NPI = 0x51
    THROTTLED = 0x58
    NOT_NOW = 0x64
    NEVER = 0x65
    REJECTED = 0x66


class Tag(IntEnum):
    """Some optional parameters."""

    RECEIPTED_MESSAGE_ID = 0x001E
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class BadPdu(ValueError):
    """What came is no SMPP: the connection cannot be trusted any more."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One thing that is said."""

    command: int
    sequence: int
    status: int = Status.OK
    body: bytes = b""

    @property
    def is_answer(self) -> bool:
        return bool(self.command & RESPONSE)

    def octets(self) -> bytes:
        return struct.pack(">IIII", 16 + len(self.body), self.command, self.status, self.sequence) + self.body


def read_pdus(buffer: bytearray) -> Iterator[Pdu]:
    """Takes every whole one from the front of a buffer. Raises BadPdu."""
    while len(buffer) >= 16:
        length, command, status, sequence = struct.unpack_from(">IIII", buffer)
        if not 16 <= length <= LONGEST:
            raise BadPdu(f"length {length}")
        if len(buffer) < length:
            return
        body = bytes(buffer[16:length])
        del buffer[:length]
        yield Pdu(command, sequence, status, body)


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """The body of bind_transceiver, for version 3.4."""
    return _c(system_id, 16) + _c(password, 9) + _c(system_type, 13) + bytes([0x34, 0, 0]) + _c("", 41)


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a message comes from: a number, a short code or a name, with its type of number and numbering plan."""

    address: str
    ton: int
    npi: int


def sender_of(written: str) -> Sender:
    """+31612345678 is an international number, 3669 a short code of the network, anything else a name."""
    number = written.removeprefix("+")
    if number.isdecimal() and number.isascii():
        return Sender(number, 1, 1) if len(number) > 8 else Sender(number, 3, 0)
    return Sender(written, 5, 0)


def submits(sender: Sender, number: str, text: str, joined_by: int, *, valid: str = "") -> list[bytes]:
    """The bodies of submit_sm, one per segment, each asking for a receipt. `number` is digits alone; `joined_by` tells the
    segments of one message (0 to 255); `valid` is a relative validity period.
    """
    cut = short_message(text)
    coding = 0 if cut.encoding == GSM_7 else 8
    parts = [septets(one) if coding == 0 else one.encode("utf-16-be") for one in cut.segments]
    joined = len(parts) > 1
    head = (
        _c("", 6) + bytes([sender.ton, sender.npi]) + _c(sender.address, 21) + bytes([1, 1]) + _c(number, 21)
    )
    head += bytes([0x40 if joined else 0, 0, 0]) + _c("", 17) + _c(valid, 17) + bytes([1, 0, coding, 0])
    bodies = []
    for at, part in enumerate(parts, 1):
        content = (bytes([5, 0, 3, joined_by & 0xFF, len(parts), at]) if joined else b"") + part
        bodies.append(head + bytes([len(content)]) + content)
    return bodies


@dataclass(frozen=True, slots=True)
class Delivered:
    """A deliver_sm: a receipt, or what a person wrote."""

    source: str
    esm_class: int
    data_coding: int
    content: bytes
    tags: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        """Section 5.2.12: a delivery receipt of the centre."""
        return self.esm_class & 0x3C == 0x04

    @property
    def is_written(self) -> bool:
        """An ordinary message of a person."""
        return self.esm_class & 0x3C == 0

    @property
    def joined(self) -> tuple[int, int, int]:
        """What joins it, how many parts there are and which this is; (0, 1, 1) for one that stands alone."""
        for kind, value in self._headers():
            if kind == 0 and len(value) == 3:
                return value[0], value[1], value[2]
            if kind == 8 and len(value) == 4:
                return value[0] << 8 | value[1], value[2], value[3]
        return 0, 1, 1

    @property
    def text(self) -> str:
        """The words, without the header that joins them."""
        octets = self.content[1 + self.content[0] :] if self._has_header else self.content
        if self.data_coding & 0x0C == 0x08:
            return octets.decode("utf-16-be", "replace")
        if self.data_coding == 3:
            return octets.decode("latin-1")
        if self.data_coding == 1:
            return octets.decode("ascii", "replace")
        return text_of_septets(octets)

    @property
    def _has_header(self) -> bool:
        return bool(self.esm_class & 0x40 and self.content)

    def _headers(self) -> Iterator[tuple[int, bytes]]:
        if not self._has_header:
            return
        rest = self.content[1 : 1 + self.content[0]]
        while len(rest) >= 2:
            yield rest[0], rest[2 : 2 + rest[1]]
            rest = rest[2 + rest[1] :]


def delivered(body: bytes) -> Delivered:
    """Reads the body of deliver_sm. Raises BadPdu."""
    try:
        _, at = _text(body, 0)
        source, at = _text(body, at + 2)
        _, at = _text(body, at + 2)
        esm_class = body[at]
        _, at = _text(body, at + 3)
        _, at = _text(body, at)
        data_coding, length = body[at + 2], body[at + 4]
        content, tags = body[at + 5 : at + 5 + length], _tags(body[at + 5 + length :])
    except IndexError:
        raise BadPdu("short deliver_sm") from None
    return Delivered(source, esm_class, data_coding, content or tags.get(Tag.MESSAGE_PAYLOAD, b""), tags)


def message_id(body: bytes) -> str:
    """The id in submit_sm_resp; "" where there is none."""
    return _text(body, 0)[0] if body else ""


@dataclass(frozen=True, slots=True)
class ReceiptSaid:
    """What a receipt says: `state` in the words of appendix B (DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD,
    or ENROUTE), `network_error` (type, code) where it is given. Its dates are left: they are in a zone that nobody tells.
    """

    reference: str
    state: str
    error: str
    network_error: tuple[int, int] | None


_STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_FIELD = re.compile(r"\b(id|stat|err)\s*:\s*(\S+)", re.IGNORECASE)


def receipt_said(told: Delivered) -> ReceiptSaid:
    """Reads a receipt: its optional parameters, and what they leave out from its text (appendix B, as centres write it)."""
    written = told.content.decode("latin-1")
    named = {name.lower(): value for name, value in _FIELD.findall(written)}
    reference = told.tags.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    state = told.tags.get(Tag.MESSAGE_STATE, b"")
    network = told.tags.get(Tag.NETWORK_ERROR_CODE, b"")
    return ReceiptSaid(
        reference or named.get("id", ""),
        _STATES.get(state[0], "") if state else named.get("stat", "").upper()[:7],
        named.get("err", ""),
        (network[0], network[1] << 8 | network[2]) if len(network) == 3 else None,
    )


def _c(text: str, longest: int) -> bytes:
    """A C-octet string of at most `longest` octets, its end included."""
    return text.encode("latin-1", "replace").replace(b"\0", b"")[: longest - 1] + b"\0"


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A C-octet string and where it ends. Raises BadPdu."""
    end = body.find(b"\0", at)
    if end < 0:
        raise BadPdu("a text without an end")
    return body[at:end].decode("latin-1"), end + 1


def _tags(rest: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(rest) >= 4:
        tag, length = struct.unpack_from(">HH", rest)
        found[tag] = rest[4 : 4 + length]
        rest = rest[4 + length :]
    return found
