"""The one table of cases that every channel passes, over the product's real door to the network.

A channel is found by its file; one without a gateway of its own fails here.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tidings.kernel.errors import TidingsError, TryLater
from tidings.kernel.registry import plugins
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    Forged,
    Incoming,
    InDoubt,
    OurFault,
    Outgoing,
    Receipt,
    Undeliverable,
)
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, Gateway, Playing, gateways, secrets_in
from tidings.worker.net import OutboundNet

CHANNELS = plugins("tidings.messaging.channels", Channel)
GATEWAYS = gateways()
PATIENCE = 0.4
every = pytest.mark.parametrize("code", sorted(CHANNELS.keys() & GATEWAYS.keys()))
listening = pytest.mark.parametrize(
    "code",
    sorted(
        code for code in CHANNELS.keys() & GATEWAYS.keys() if CHANNELS[code].receive is not Channel.receive
    ),
)


@dataclass
class Met:
    """A channel before its service."""

    gateway: Gateway
    channel: Channel
    service: Playing

    async def sends(self, outgoing: Outgoing | None = None) -> Receipt:
        return await self.channel.send(outgoing or self.gateway.outgoing())


@asynccontextmanager
async def met(code: str, case: Case) -> AsyncIterator[Met]:
    gateway = GATEWAYS[code]()
    if case in gateway.left_out:
        pytest.skip(gateway.left_out[case])
    net = OutboundNet(allow=["127.0.0.1"], patience=PATIENCE)
    async with gateway.playing(case) as service:
        channel = CHANNELS[code](gateway.settings(service.url), net)
        try:
            yield Met(gateway, channel, service)
        finally:
            await channel.close()
            await net.close()


async def refusal(code: str, case: Case, outgoing: Outgoing | None = None) -> TidingsError:
    """What sending raises, which is one of the four."""
    async with met(code, case) as one:
        with pytest.raises((Undeliverable, OurFault, InDoubt, TryLater)) as raised:
            await one.sends(outgoing)
    return raised.value


def test_every_channel_has_its_gateway() -> None:
    assert CHANNELS.keys() - GATEWAYS.keys() == set(), "write its test file, see gateways/base.py"
    assert GATEWAYS.keys() - CHANNELS.keys() == set()


@every
async def test_what_is_taken_gives_a_receipt_with_its_reference(code: str) -> None:
    async with met(code, Case.ACCEPTED) as one:
        outgoing = one.gateway.outgoing()
        receipt = await one.sends(outgoing)
        assert (receipt.delivery_id, receipt.outcome) == (outgoing.delivery_id, one.gateway.outcome)
        assert receipt.reference == one.gateway.reference
        assert one.service.messages >= 1


@every
async def test_a_second_message_goes_as_the_first(code: str) -> None:
    async with met(code, Case.ACCEPTED) as one:
        await one.sends()
        alone = one.service.messages
        await one.sends()
        assert one.service.messages == 2 * alone


@every
async def test_a_refused_address_is_undeliverable(code: str) -> None:
    raised = await refusal(code, Case.REFUSED)
    assert isinstance(raised, Undeliverable)
    assert raised.facts["reason"] in set(Reason)
    assert GATEWAYS[code].refused_for in (None, raised.facts["reason"])


@every
async def test_too_many_requests_come_back_when_the_service_says(code: str) -> None:
    raised = await refusal(code, Case.TOO_MANY)
    assert isinstance(raised, TryLater)
    assert raised.facts.get("seconds") == GATEWAYS[code].waits


@every
async def test_a_refusal_of_us_blames_no_address(code: str) -> None:
    raised = await refusal(code, Case.OUR_FAULT)
    assert isinstance(raised, OurFault)
    assert raised.facts["reason"] in set(Reason)
    assert GATEWAYS[code].blamed_for in (None, raised.facts["reason"])


@every
async def test_a_server_error_comes_back_later(code: str) -> None:
    assert isinstance(await refusal(code, Case.SERVER_ERROR), TryLater)


@every
async def test_a_nonsense_answer_is_never_taken_for_yes(code: str) -> None:
    assert isinstance(await refusal(code, Case.NONSENSE), TryLater | InDoubt)


@every
@pytest.mark.parametrize("case", [Case.SLOW, Case.CLOSED])
async def test_silence_after_the_message_left_is_a_doubt(code: str, case: Case) -> None:
    assert isinstance(await refusal(code, case), InDoubt)


@every
async def test_a_service_that_is_not_there_is_tried_later(code: str) -> None:
    async with met(code, Case.ACCEPTED) as one:
        away = one.service.url
    net = OutboundNet(allow=["127.0.0.1"], patience=PATIENCE)
    channel = CHANNELS[code](one.gateway.settings(away), net)
    with pytest.raises(TryLater):
        await channel.send(one.gateway.outgoing())
    await channel.close()
    await net.close()


@every
async def test_a_text_too_long_is_refused_before_the_network(code: str) -> None:
    longest = CHANNELS[code].limits.longest
    if not longest:
        pytest.skip("holds any text")
    async with met(code, Case.ACCEPTED) as one:
        with pytest.raises(OurFault) as raised:
            await one.sends(one.gateway.outgoing(text="x" * (longest + 1), short="x" * (longest + 1)))
        assert raised.value.facts["reason"] == Reason.TOO_BIG
        assert one.service.messages == 0


@every
async def test_a_channel_of_registered_texts_sends_no_other(code: str) -> None:
    if not CHANNELS[code].limits.registered_only:
        pytest.skip("carries free text")
    async with met(code, Case.ACCEPTED) as one:
        with pytest.raises(OurFault) as raised:
            await one.sends(one.gateway.outgoing(registered=None))
        assert raised.value.facts["reason"] == Reason.NOT_REGISTERED
        assert one.service.messages == 0


@every
@pytest.mark.parametrize("case", list(Case))
async def test_no_secret_and_no_address_is_logged_or_stands_in_an_error(
    code: str, case: Case, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    said = ""
    async with met(code, case) as one:
        outgoing = one.gateway.outgoing()
        settings = one.channel.settings
        try:
            await one.sends(outgoing)
        except TidingsError as raised:
            said = f"{raised} {raised!r} {raised.facts}"
    logged = "\n".join([caplog.text, *capfd.readouterr(), said, repr(settings)])
    said_to_one = [outgoing.address, outgoing.address.removeprefix("+"), outgoing.text, outgoing.short]
    hidden = [*secrets_in(settings), *said_to_one]
    assert [value for value in hidden if value and value in logged] == []
    assert all(len(value) >= 6 for value in secrets_in(settings)), "too short to be looked for"


@every
async def test_the_key_by_which_a_repeat_is_known_is_the_deliverys(code: str) -> None:
    if not GATEWAYS[code].honours_key:
        pytest.skip("the service honours none")
    async with met(code, Case.ACCEPTED) as one:
        outgoing = one.gateway.outgoing()
        await one.sends(outgoing)
        await one.sends(outgoing)
        first, again = (
            one.gateway.key_in(request) for request in (one.service.requests[0], one.service.requests[-1])
        )
        await one.sends()
        other = one.gateway.key_in(one.service.requests[-1])
    assert first
    assert first == again != other


def channel_alone(code: str) -> tuple[Gateway, Channel]:
    gateway = GATEWAYS[code]()
    return gateway, CHANNELS[code](gateway.settings("http://127.0.0.1:9"))


@listening
def test_what_the_service_says_later_is_understood(code: str) -> None:
    gateway, channel = channel_alone(code)
    callbacks = gateway.callbacks(channel)
    assert callbacks, "a channel that receives shows what"
    for callback in callbacks:
        assert matches(callback, channel.receive(callback.came)), callback
        assert channel.answer_to(callback.came)[1].startswith(callback.said_back)


def matches(callback: Callback, said: Sequence[Receipt | Answer]) -> bool:
    """Whether exactly what was meant was understood."""
    if callback.outcome is None and callback.text is None:
        return not said
    if len(said) != 1:
        return False
    one = said[0]
    if isinstance(one, Answer):
        return (one.text, one.confirms) == (callback.text, callback.confirms) and bool(one.address)
    return (one.outcome, one.reference, one.reason) == (
        callback.outcome,
        callback.reference,
        callback.reason,
    ) and (callback.delivery_id in (None, one.delivery_id))


@listening
def test_what_is_not_signed_by_the_service_is_forged(code: str) -> None:
    gateway, channel = channel_alone(code)
    forged = gateway.forged(channel)
    assert forged
    bare = Incoming("POST", "https://tidings.example.org/messages/gateway/1/", {}, {}, b"")
    odd = Incoming(
        "POST", "https://tidings.example.org/?a=%ff", {"content-type": "x"}, {"a": "�"}, b"\xff{[\x00"
    )
    for came in [*forged, bare, odd]:
        with pytest.raises(Forged):
            channel.receive(came)
