"""Mail that our own mail server hands over is answered 250 only when it is kept; by real LMTP on loopback."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from tidings.conversations.actions import DoorSettings, set_door
from tidings.conversations.doors.lmtp import Lmtp, LmtpSettings
from tidings.conversations.models import Arrival, Door
from tidings.incidents.tests.cast import make_actor
from tidings.messaging.tests.test_bounces import report
from tidings.worker.doors import Attendant, wanted

RAW = report().replace(b"\n", b"\r\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Keeper:
    def __init__(self, keeps: bool = True) -> None:
        self.kept: list[tuple[bytes, list[str]]] = []
        self.keeps = keeps

    async def __call__(self, raw: bytes, recipients: Sequence[str]) -> bool:
        self.kept.append((raw, list(recipients)))
        return self.keeps


def talk(port: int, raw: bytes, to: list[str]) -> list[int]:
    """What a mail server says, by hand: the library's own LMTP client reads one answer for all. Gives the answer for each address."""
    with socket.create_connection(("127.0.0.1", port), 10) as line, line.makefile("rb") as heard:

        def said(what: bytes = b"") -> int:
            line.sendall(what)
            while (answer := heard.readline())[3:4] == b"-":
                pass
            return int(answer[:3])

        codes = [said(), said(b"LHLO mx.example\r\n"), said(b"MAIL FROM:<> SIZE=%d\r\n" % len(raw))]
        codes += [said(f"RCPT TO:<{one}>\r\n".encode()) for one in to]
        assert codes == [220, *[250] * (len(codes) - 1)]
        assert said(b"DATA\r\n") == 354
        stuffed = raw.replace(b"\r\n.", b"\r\n..")
        answers = [said(stuffed + b".\r\n"), *(said() for _ in to[1:])]
        assert said(b"QUIT\r\n") == 221
        return answers


async def handed_over(keep: Keeper, raw: bytes, to: list[str], **settings: str) -> list[int]:
    port = free_port()
    server = await Lmtp(LmtpSettings(port=port, **settings)).listen(keep)
    try:
        return await asyncio.to_thread(talk, port, raw, to)
    finally:
        server.close()


async def test_a_mail_is_kept_with_the_addresses_it_is_for_and_without_its_dots() -> None:
    keep = Keeper()
    raw = RAW + b"..a line that begins with dots\r\n.\xc3\xa9\r\n" + b"x" * 200_000 + b"\r\n"
    assert await handed_over(keep, raw, ["b-1@x.example", "b-2@x.example"]) == [250, 250]
    assert keep.kept == [(raw, ["b-1@x.example", "b-2@x.example"])]


async def test_what_is_not_kept_is_told_so_for_each_address() -> None:
    assert await handed_over(Keeper(keeps=False), RAW, ["a@x.example", "b@x.example"]) == [451, 451]


async def test_only_networks_that_are_named_may_come() -> None:
    keep = Keeper()
    with pytest.raises((AssertionError, ValueError, ConnectionError)):
        await handed_over(keep, RAW, ["a@x.example"], networks="192.0.2.0/24")
    assert not keep.kept


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"RCPT TO:<a@b>\r\n", b"503"),
        (b"LHLO x\r\nDATA\r\n", b"503"),
        (b"LHLO x\r\nMAIL FROM:<> SIZE=99999999\r\n", b"552"),
        (b"LHLO x\r\nMAIL TO:<a@b>\r\n", b"501"),
        (b"EHLO x\r\n", b"500"),
        (b"LHLO x\r\nMAIL FROM:<>\r\nRSET\r\nRCPT TO:<a@b>\r\n", b"503"),
    ],
)
async def test_who_speaks_out_of_order_is_told(said: bytes, answer: bytes) -> None:
    port = free_port()
    server = await Lmtp(LmtpSettings(port=port)).listen(Keeper())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said + b"QUIT\r\n")
    heard = await reader.read()
    writer.close()
    server.close()
    assert heard.rstrip().split(b"\r\n")[-2].startswith(answer)


def test_the_process_listens_to_the_doors_that_are_open_and_keeps_before_it_answers(
    own_database: str,
) -> None:
    port = free_port()
    opened = set_door(
        make_actor("administrator"), DoorSettings("lmtp", "bounces", {"host": "127.0.0.1", "port": port})
    )

    async def attended() -> list[int]:
        attendant = Attendant()
        await attendant.follow(await asyncio.to_thread(wanted))
        try:
            refused = await asyncio.to_thread(talk, port, RAW, ["b-1@x.example"])
            await attendant.follow({})
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(talk, port, RAW, ["b-1@x.example"])
        finally:
            attendant.close()
        return refused

    assert asyncio.run(attended()) == [250]
    arrival = Arrival.objects.get()
    assert (arrival.door_id, arrival.envelope) == (opened, ["b-1@x.example"])
    assert Door.objects.get().state == "open"
