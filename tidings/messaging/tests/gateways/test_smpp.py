"""SMPP before the table of cases. The short message centre is smpp34's server, an implementation that is not ours; where it
cannot misbehave (a refused bind, nonsense, a connection that is cut), a few lines of octets do.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import smpp34

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Answer, InDoubt, OurFault, Receipt
from tidings.messaging.channels.smpp import Smpp, SmppSettings
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.rules.segments import short_message, text_of_septets
from tidings.messaging.tests.gateways.base import Case, Gateway, Playing
from tidings.worker.net import OutboundNet

BIND_TRANSCEIVER, SUBMIT, DELIVER, RESPONSE = 0x09, 0x04, 0x05, 0x80000000
REJECTS = {
    Case.REFUSED: smpp34.ESME_RINVDSTADR,
    Case.OUR_FAULT: smpp34.ESME_RINVSRCADR,
    Case.TOO_MANY: smpp34.ESME_RTHROTTLED,
    Case.SERVER_ERROR: smpp34.ESME_RSYSERR,
}


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Centre(Playing):
    """smpp34's server. `answer` says what becomes of a message: an id, a status to refuse with, or None for silence."""

    def __init__(self, answer: Callable[[int], str | int | None]) -> None:
        self.answer = answer
        self.port = free_port()
        self.url = f"smpp://127.0.0.1:{self.port}"
        self.submitted: list[smpp34.SubmitSmEvent] = []
        self.bound: asyncio.Queue[smpp34.Esme] = asyncio.Queue()
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="centre")

    @property
    def messages(self) -> int:
        return len(self.submitted)

    async def serve(self) -> None:
        await self._server.start()
        while True:
            came = await self._server.next()
            if isinstance(came, smpp34.Esme):
                self.bound.put_nowait(came)
            elif isinstance(came, smpp34.SubmitSmEvent):
                self.submitted.append(came)
                given = self.answer(len(self.submitted))
                if isinstance(given, str):
                    came.accept(given)
                elif given is not None:
                    came.reject(given)

    async def stop(self) -> None:
        await self._server.stop()


@asynccontextmanager
async def centre(answer: Callable[[int], str | int | None]) -> AsyncIterator[Centre]:
    one = Centre(answer)
    serving = asyncio.create_task(one.serve())
    for _ in range(100):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", one.port)
            writer.close()
            break
        await asyncio.sleep(0.02)
    try:
        yield one
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        await one.stop()


class RawCentre(Playing):
    """A few lines of octets: answers a bind with `bind`, and a message with `says` (b"" cuts the connection)."""

    def __init__(self, *, bind: int = 0, says: bytes = b"") -> None:
        self.bind, self.says = bind, says
        self.taken = 0

    @property
    def messages(self) -> int:
        return self.taken

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, command, _, sequence = struct.unpack(">IIII", await reader.readexactly(16))
                await reader.readexactly(length - 16)
                if command == BIND_TRANSCEIVER:
                    writer.write(struct.pack(">IIII", 18, RESPONSE | command, self.bind, sequence) + b"x\0")
                    continue
                self.taken += 1
                if not self.says:
                    break
                writer.write(self.says)
        writer.close()


@asynccontextmanager
async def raw(one: RawCentre) -> AsyncIterator[RawCentre]:
    server = await asyncio.start_server(one.connected, "127.0.0.1", 0)
    one.url = f"smpp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()


class SmppGateway(Gateway):
    channel = Smpp
    reference = "id-1"
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NOT_REGISTERED
    waits = 5.0

    def settings(self, url: str, **changed: Any) -> SmppSettings:
        port = int(url.rpartition(":")[2])
        given: dict[str, Any] = {"password": "pass-wd1", "seconds": 0.4, **changed}
        return SmppSettings("127.0.0.1", port, "parcel", "Parcel", **given)

    @asynccontextmanager
    async def playing(self, case: Case) -> AsyncIterator[Playing]:
        if case in (Case.NONSENSE, Case.CLOSED):
            says = b"HTTP/1.1 400 Bad Request\r\n\r\n" if case is Case.NONSENSE else b""
            async with raw(RawCentre(says=says)) as cut:
                yield cut
            return
        given = None if case is Case.SLOW else REJECTS.get(case)
        async with centre(lambda _: "id-1" if case is Case.ACCEPTED else given) as one:
            yield one


@asynccontextmanager
async def channel_at(service: Playing, **settings: Any) -> AsyncIterator[Smpp]:
    net = OutboundNet(allow=["127.0.0.1"])
    channel = Smpp(SmppGateway().settings(service.url, **settings), net)
    try:
        yield channel
    finally:
        await channel.close()
        await net.close()


async def test_a_short_text_goes_in_the_gsm_alphabet_and_asks_for_a_receipt() -> None:
    async with centre(lambda _: "id-1") as service, channel_at(service, valid_minutes=90) as channel:
        await channel.send(SmppGateway().outgoing(short="Één {pakket} @ €5"))
        (sent,) = service.submitted
    assert (sent.data_coding, sent.esm_class, sent.registered_delivery) == (0, 0, 1)
    assert text_of_septets(sent.short_message) == "Één {pakket} @ €5"
    assert (sent.source_addr, sent.source_addr_ton, sent.source_addr_npi) == ("Parcel", 5, 0)
    assert (sent.destination_addr, sent.dest_addr_ton, sent.dest_addr_npi) == ("31612345678", 1, 1)


async def test_a_long_chinese_text_goes_in_joined_segments_and_no_character_is_cut() -> None:
    text = "您的快件因暴雨延误，预计明天送达。" * 8 + "🚚" * 10
    async with centre(lambda number: f"id-{number}") as service, channel_at(service) as channel:
        receipt = await channel.send(SmppGateway().outgoing(short=text))
        sent = list(service.submitted)
    cut = short_message(text)
    assert receipt.reference == "id-1"
    assert len(sent) == cut.number > 2
    assert {(one.data_coding, one.esm_class) for one in sent} == {(8, 0x40)}
    heads = [one.short_message[:6] for one in sent]
    assert [head[:3] for head in heads] == [b"\x05\x00\x03"] * len(sent)
    assert {head[3] for head in heads} == {heads[0][3]}
    assert [(head[4], head[5]) for head in heads] == [(len(sent), at) for at in range(1, len(sent) + 1)]
    assert "".join(one.short_message[6:].decode("utf-16-be") for one in sent) == text


async def test_a_later_segment_that_is_throttled_is_sent_again() -> None:
    said = iter(["id-1", smpp34.ESME_RTHROTTLED, "id-2"])
    async with centre(lambda _: next(said)) as service, channel_at(service) as channel:
        receipt = await channel.send(SmppGateway().outgoing(short="x" * 200))
    assert receipt.reference == "id-1"
    assert service.messages == 3


async def test_a_later_segment_that_is_refused_leaves_the_message_in_doubt() -> None:
    said = iter(["id-1", smpp34.ESME_RINVDSTADR])
    async with centre(lambda _: next(said)) as service, channel_at(service) as channel:
        with pytest.raises(InDoubt):
            await channel.send(SmppGateway().outgoing(short="x" * 200))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(0x0E, OurFault), (0x0F, OurFault), (0x0D, OurFault), (0x05, TryLater), (0x58, TryLater)],
)
async def test_a_bind_that_is_refused(status: int, kind: type[Exception]) -> None:
    async with raw(RawCentre(bind=status)) as service, channel_at(service) as channel:
        with pytest.raises(kind):
            await channel.send(SmppGateway().outgoing())
        assert service.messages == 0


async def test_one_connection_carries_many_messages_at_once_and_is_made_anew_when_lost() -> None:
    async with centre(lambda number: f"id-{number}") as service, channel_at(service) as channel:
        gateway = SmppGateway()
        receipts = await asyncio.gather(*(channel.send(gateway.outgoing()) for _ in range(20)))
        assert len({receipt.reference for receipt in receipts}) == 20
        first = await service.bound.get()
        assert service.bound.empty()
        await first.unbind()
        await asyncio.sleep(0.1)
        await channel.send(gateway.outgoing())
        await service.bound.get()
    assert service.messages == 21


RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2612010900 done date:2612010901 stat:{stat} err:{err} text:Uw zending"


def receipt_text(reference: str, stat: str, err: str = "000") -> bytes:
    return RECEIPT.format(id=reference, stat=stat, err=err).encode()


async def says(service: Centre, esme: smpp34.Esme, content: bytes, **given: Any) -> Any:
    return await esme.deliver_sm("Parcel", content, source_addr="31612345678", **{"esm_class": 4, **given})


class Listening:
    """Somebody who records what a channel hears, one after the other."""

    def __init__(self, channel: Smpp) -> None:
        self.found: list[Receipt | Answer] = []
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._listen(channel))

    async def _listen(self, channel: Smpp) -> None:
        async for one in channel.events():
            self.found.append(one)
            self._came.set()

    async def until(self, number: int) -> list[Receipt | Answer]:
        async with asyncio.timeout(5):
            while len(self.found) < number:
                self._came.clear()
                await self._came.wait()
        return self.found

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@asynccontextmanager
async def listening(**settings: Any) -> AsyncIterator[tuple[Centre, smpp34.Esme, Smpp, Listening]]:
    async with centre(lambda number: f"id-{number}") as service, channel_at(service, **settings) as channel:
        listener = Listening(channel)
        esme = await asyncio.wait_for(service.bound.get(), 5)
        yield service, esme, channel, listener
        await listener.stop()


@pytest.mark.parametrize(
    ("stat", "outcome", "reason"),
    [
        ("DELIVRD", Outcome.DELIVERED, None),
        ("EXPIRED", Outcome.REFUSED, Reason.EXPIRED),
        ("UNDELIV", Outcome.REFUSED, Reason.EXPIRED),
        ("REJECTD", Outcome.REFUSED, Reason.CONTENT),
    ],
)
async def test_receipts_come_over_the_same_connection(
    stat: str, outcome: Outcome, reason: Reason | None
) -> None:
    async with listening() as (service, esme, channel, listener):
        receipt = await channel.send(SmppGateway().outgoing())
        answered = await says(service, esme, receipt_text(receipt.reference, stat))
        (told,) = await listener.until(1)
    assert answered.is_success
    assert isinstance(told, Receipt)
    assert (told.reference, told.outcome, told.reason) == (receipt.reference, outcome, reason)


async def test_a_receipt_in_optional_parameters_alone_is_read_and_an_unknown_subscriber_blamed() -> None:
    tlvs = [
        smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, b"id-1\0"),
        smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, b"\x05"),
        smpp34.Tlv(smpp34.TLV_NETWORK_ERROR_CODE, b"\x03\x00\x01"),
    ]
    async with listening() as (service, esme, _, listener):
        await says(service, esme, b"", tlvs=tlvs)
        (told,) = await listener.until(1)
    assert isinstance(told, Receipt)
    assert (told.reference, told.outcome, told.reason) == ("id-1", Outcome.REFUSED, Reason.UNKNOWN_NUMBER)


async def test_a_message_of_several_segments_is_delivered_when_all_of_them_are() -> None:
    async with listening() as (service, esme, channel, listener):
        receipt = await channel.send(SmppGateway().outgoing(short="x" * 400))
        assert (receipt.reference, service.messages) == ("id-1", 3)
        for reference in ("id-3", "id-1"):
            await says(service, esme, receipt_text(reference, "DELIVRD"))
        assert listener.found == []
        await says(service, esme, receipt_text("id-2", "DELIVRD"))
        (told,) = await listener.until(1)
        other = await channel.send(SmppGateway().outgoing(short="x" * 400))
        await says(service, esme, receipt_text("id-5", "EXPIRED"))
        failed = (await listener.until(2))[1]
    assert isinstance(told, Receipt) and isinstance(failed, Receipt)
    assert (told.reference, told.outcome) == ("id-1", Outcome.DELIVERED)
    assert (failed.reference, failed.outcome) == (other.reference, Outcome.REFUSED)


async def test_ids_that_are_hexadecimal_in_the_answer_and_decimal_in_the_receipt() -> None:
    async with centre(lambda _: "1A2B") as service, channel_at(service, receipt_ids="decimal") as channel:
        receipt = await channel.send(SmppGateway().outgoing())
    assert receipt.reference == str(0x1A2B)


@pytest.mark.parametrize(
    ("coding", "content", "text"),
    [
        (0, b"Ja, graag\x00\x1b\x65", "Ja, graag@€"),
        (8, "收到🚚".encode("utf-16-be"), "收到🚚"),
        (3, "Één".encode("latin-1"), "Één"),
    ],
)
async def test_what_a_person_writes_back(coding: int, content: bytes, text: str) -> None:
    async with listening() as (service, esme, _, listener):
        await says(service, esme, content, esm_class=0, data_coding=coding)
        (told,) = await listener.until(1)
    assert isinstance(told, Answer)
    assert (told.address, told.text, told.confirms) == ("+31612345678", text, False)


async def test_an_answer_in_two_segments_is_one() -> None:
    async with listening() as (service, esme, _, listener):
        for at, part in ((2, b"wij komen"), (1, b"Ja, ")):
            await says(service, esme, bytes([5, 0, 3, 7, 2, at]) + part, esm_class=0x40)
        (told,) = await listener.until(1)
    assert isinstance(told, Answer) and told.text == "Ja, wij komen"


async def test_while_nobody_listens_the_centre_keeps_what_it_has() -> None:
    async with centre(lambda _: "id-1") as service, channel_at(service) as channel:
        await channel.send(SmppGateway().outgoing())
        esme = await service.bound.get()
        answered = await says(service, esme, receipt_text("id-1", "DELIVRD"))
    assert not answered.is_success


async def test_what_is_not_yet_recorded_is_not_yet_acknowledged() -> None:
    async with centre(lambda _: "id-1") as service, channel_at(service) as channel:
        events = channel.events()
        first = asyncio.ensure_future(anext(events))
        esme = await asyncio.wait_for(service.bound.get(), 5)
        saying = asyncio.ensure_future(says(service, esme, receipt_text("id-1", "DELIVRD")))
        await asyncio.wait_for(first, 5)
        await asyncio.sleep(0.1)
        assert not saying.done()
        following = asyncio.ensure_future(anext(events))
        assert (await asyncio.wait_for(saying, 5)).is_success
        following.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await following
