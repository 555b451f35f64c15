"""The network as channels see it, against a real server: what is kept, what is checked, and what a silence means."""

import asyncio
import gzip

import pytest

from tidings.kernel.errors import Refused, TryLater
from tidings.kernel.outbound import Door, Unanswered
from tidings.messaging.channels.base import InDoubt
from tidings.messaging.tests.gateways.http import DROP, HANG, Reply, Request, serving
from tidings.worker.net import OutboundNet


async def test_connections_to_one_service_are_kept() -> None:
    async with serving(lambda _: Reply(200, "ok")) as server, Door(allow=["127.0.0.1"]) as door:
        for _ in range(3):
            assert (await door.request("POST", f"{server.url}/a", content=b"x")).body == b"ok"
        assert (len(server.requests), server.connections) == (3, 1)


async def test_two_names_at_one_address_share_no_connection() -> None:
    """Or a certificate that was checked for one would stand for the other."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with (
        serving(lambda _: Reply(200)) as server,
        Door(allow=["a.example", "b.example"], resolve=resolve) as door,
    ):
        for name in ("a.example", "b.example", "a.example"):
            await door.request("GET", f"http://{name}:{server.port}/")
        assert server.connections == 2
        assert [request.headers["host"].partition(":")[0] for request in server.requests] == [
            "a.example",
            "b.example",
            "a.example",
        ]


async def test_each_connection_is_checked_anew() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    def answer(_: Request) -> Reply:
        return Reply(200, "", {"connection": "close"})

    async with serving(answer) as server, Door(allow=[], resolve=resolve) as door:
        with pytest.raises(Refused, match="forbidden_target"):
            await door.request("GET", f"http://partner.example:{server.port}/")
        with pytest.raises(Refused, match="forbidden_target"):
            await door.request("GET", f"http://partner.example:{server.port}/")
        assert server.connections == 0


@pytest.mark.parametrize("instead", [HANG, DROP])
async def test_a_request_that_left_and_was_not_answered_is_in_doubt(instead: str) -> None:
    async with serving(lambda _: Reply(instead=instead)) as server:
        async with Door(allow=["127.0.0.1"]) as door:
            with pytest.raises(Unanswered):
                await door.request("POST", server.url, content=b"x", seconds=0.3)
        net = OutboundNet(allow=["127.0.0.1"], patience=0.3)
        with pytest.raises(InDoubt):
            await net.request("POST", server.url, content=b"x", seconds=60)
        await net.close()


async def test_nobody_there_is_tried_later_and_nothing_is_in_doubt() -> None:
    net = OutboundNet(allow=["127.0.0.1"], patience=2)
    with pytest.raises(TryLater, match="no_answer") as raised:
        await net.request("POST", "http://127.0.0.1:9/", content=b"x")
    assert not isinstance(raised.value, Unanswered)
    await net.close()


async def test_a_header_that_cannot_be_said_never_leaves() -> None:
    async with serving(lambda _: Reply(200)) as server, Door(allow=["127.0.0.1"]) as door:
        with pytest.raises(TryLater) as raised:
            await door.request("GET", server.url, headers={"x-name": "a\r\nx-evil: b"})
        assert not isinstance(raised.value, Unanswered)
        assert server.requests == []


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b"x" * 1_100_000), Reply(200, gzip.compress(b"0" * 1000), {"content-encoding": "gzip"})],
    ids=["too large", "packed"],
)
async def test_an_answer_that_is_not_read_leaves_the_message_in_doubt(reply: Reply) -> None:
    async with serving(lambda _: reply) as server:
        net = OutboundNet(allow=["127.0.0.1"], patience=5)
        with pytest.raises(InDoubt):
            await net.request("POST", server.url, content=b"x")
        await net.close()


async def test_a_target_inside_is_refused() -> None:
    net = OutboundNet(allow=[])
    with pytest.raises(Refused, match="forbidden_target"):
        await net.request("GET", "http://169.254.169.254/latest/meta-data/")
    with pytest.raises(Refused, match="forbidden_target"):
        await net.addresses("localhost", 2775)
    await net.close()


async def test_a_service_that_ended_a_kept_connection_is_reached_by_a_new_one() -> None:
    async with serving(lambda _: Reply(200)) as server, Door(allow=["127.0.0.1"]) as door:
        await door.request("GET", server.url)
        server.hang_up()
        await asyncio.sleep(0.05)  # until its goodbye has arrived
        assert (await door.request("GET", server.url)).status == 200
        assert server.connections == 2
