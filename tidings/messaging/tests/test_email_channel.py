"""E-mail by a relay, beyond the table of cases that every channel passes."""

import pytest

from tidings.kernel.errors import TryLater
from tidings.kernel.ids import new_id
from tidings.kernel.registry import plugins
from tidings.messaging.channels.base import Channel, InDoubt, Outgoing, Undeliverable
from tidings.messaging.channels.email import Email, EmailSettings
from tidings.messaging.engine.compile import Identity
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.rules.delivery import RelayKind
from tidings.messaging.tests.sinks import Conversation, Sink, serving

IDENTITY = Identity("Parcel", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"key"))


def channel(sink: Sink, kind: RelayKind = RelayKind.DIRECT) -> Email:
    return Email(
        EmailSettings(Server("127.0.0.1", sink.port, security="none", content_seconds=0.3), IDENTITY, kind)
    )


def outgoing(**given: str) -> Outgoing:
    said = {
        "address": "p@example.org",
        "name": "Zoë",
        "language": "nl",
        "subject": "Proef",
        "text": "Een.\n\nTwee.",
    }
    return Outgoing(new_id(), **{**said, **given})


def test_the_folder_is_the_list_of_channels() -> None:
    assert plugins("tidings.messaging.channels", Channel)["email"] is Email


@pytest.mark.parametrize(
    ("kind", "outcome"), [(RelayKind.DIRECT, "accepted"), (RelayKind.RELAY, "handed_over")]
)
async def test_accepted(kind: RelayKind, outcome: str) -> None:
    async with serving(Sink()) as sink:
        receipt = await channel(sink, kind).send(outgoing())
    assert receipt.outcome == outcome
    assert len(sink.took) == 1


@pytest.mark.parametrize(
    ("at", "reply", "error"),
    [
        (b"RCPT", b"550 5.1.1 no such user\r\n", Undeliverable),
        (b"RCPT", b"450 4.2.0 greylisted\r\n", TryLater),
        (b"RCPT", b"421 HL:ICC too many requests\r\n", TryLater),
        (b"MAIL", b"451 4.3.0 server error\r\n", TryLater),
        (b"DATA", b"nonsense\r\n", TryLater),
        (b".", b"hang", InDoubt),
    ],
    ids=["refused", "not now", "too many requests", "server error", "nonsense answer", "slow"],
)  # fmt: skip
async def test_what_goes_wrong_is_one_of_three_things(
    at: bytes, reply: bytes, error: type[Exception]
) -> None:
    def answer(line: bytes, _: Conversation) -> bytes | None:
        return reply if line[:4] == at else None

    async with serving(Sink(answer=answer)) as sink:
        with pytest.raises(error) as raised:
            await channel(sink).send(outgoing())
    assert "p@example.org" not in str(raised.value)


async def test_a_value_that_may_not_go_out_is_undeliverable_and_nothing_is_sent() -> None:
    async with serving(Sink()) as sink:
        for given in ({"address": "no address"}, {"name": "a\r\nBcc: b@c.d"}, {"text": "\x07"}):
            with pytest.raises(Undeliverable):
                await channel(sink).send(outgoing(**given))
    assert sink.connections == 0
