"""What services say over a connection of their channel's own: heard by the channel that sends, kept, then read."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connections

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.ids import new_id
from tidings.messaging.actions.services import Service, set_service
from tidings.messaging.channels.base import Answer, Receipt
from tidings.messaging.channels.heard import body_of, heard_of
from tidings.messaging.engine.compile import Identity
from tidings.messaging.engine.ledger import RelayAccess
from tidings.messaging.engine.service import Came, Word
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.jobs import reading, take_in_heard
from tidings.messaging.models import CameIn
from tidings.messaging.models import Spoken as SpokenRow
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.test_smpp import SmppGateway, centre, receipt_text, says
from tidings.worker.hearing import keep_hearing
from tidings.worker.net import OutboundNet
from tidings.worker.services import ChannelServices, Spoken

Result = TypeVar("Result")
AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
IDENTITY = Identity("Parcel", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"key"))


@pytest.mark.parametrize(
    "said",
    [
        Receipt(None, Outcome.REFUSED, AT, "id-1", "EXPIRED 027", Reason.EXPIRED, "0.05 EUR"),
        Receipt(new_id(), Outcome.DELIVERED, AT, "id-1"),
        Answer(None, "+31612345678", "Ja, graag 🚚", AT, "7", confirms=True),
    ],
)
def test_what_was_heard_is_kept_whole(said: Receipt | Answer) -> None:
    assert heard_of(body_of(said)) == said


async def test_the_connection_that_sends_is_the_one_that_hears() -> None:
    net, heard = OutboundNet(allow=["127.0.0.1"]), []
    came = asyncio.Event()

    async def hear(relay_id: UUID, said: Receipt | Answer) -> None:
        heard.append((relay_id, said))
        came.set()

    async with centre(lambda _: "id-1") as service:
        services = ChannelServices(net, IDENTITY, "", lambda _: None, demo=False)  # type: ignore[arg-type, return-value]
        settings = json.dumps(asdict(SmppGateway().settings(service.url)))
        one = Spoken(new_id(), "smpp", settings)
        for _ in range(2):  # it looks again and again
            services.listen([one, Spoken(new_id(), "twilio", "{}")], hear)
        esme = await asyncio.wait_for(service.bound.get(), 5)
        speak = services.speak(RelayAccess(one.id, "x", "relay", "", 0, service="smpp", settings=settings))
        word = await speak(SmppGateway().outgoing())
        assert isinstance(word, Word) and (word.came, word.reference) == (Came.TAKEN, "id-1")
        assert (await says(service, esme, receipt_text("id-1", "DELIVRD"))).is_success
        await asyncio.wait_for(came.wait(), 5)
        assert service.bound.empty(), "one connection"
        services.listen([], hear)
        await asyncio.sleep(0.05)
        assert not (await says(service, esme, receipt_text("id-1", "DELIVRD"))).is_success
        await services.close()
    await net.close()
    assert [(relay_id, said.reference) for relay_id, said in heard] == [(one.id, "id-1")]


@pytest.mark.django_db
def test_it_is_kept_before_it_is_read_and_a_repeat_is_one() -> None:
    administrator = Actor(ActorKind.PERSON, "a", frozenset({"relay.change"}))
    relay = set_service(administrator, Service("centre", "smpp", "sms", {"host": "a"}))
    said = Answer(None, "+31612345678", "Ja", AT)
    take_in_heard(relay, said)
    take_in_heard(relay, said)
    (kept,) = CameIn.objects.all()
    assert (kept.state, SpokenRow.objects.count()) == ("new", 0)
    reading(str(kept.pk))
    kept.refresh_from_db()
    (spoken,) = SpokenRow.objects.all()
    assert (kept.state, spoken.address, spoken.text) == ("applied", "+31612345678", "Ja")


@pytest.mark.usefixtures("own_database")
async def test_a_service_in_use_is_heard_and_acknowledged_once_it_is_kept() -> None:
    async with centre(lambda _: "id-1") as service:
        settings = asdict(SmppGateway().settings(service.url))
        administrator = Actor(ActorKind.PERSON, "a", frozenset({"relay.change"}))
        asked = Service("centre", "smpp", "sms", settings, sealed=["password"])
        await asyncio.to_thread(_with_its_own_connection, lambda: set_service(administrator, asked))
        net = OutboundNet(allow=["127.0.0.1"])
        services = ChannelServices(net, IDENTITY, "", lambda _: None, demo=False)  # type: ignore[arg-type, return-value]
        hearing = asyncio.create_task(keep_hearing(services))
        esme = await asyncio.wait_for(service.bound.get(), 10)
        assert (await says(service, esme, b"Ja, graag", esm_class=0)).is_success
        kept = await asyncio.to_thread(_with_its_own_connection, lambda: list(CameIn.objects.all()))
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing
        await services.close()
        await net.close()
    assert [heard_of(bytes(one.body)).text for one in kept] == ["Ja, graag"]  # type: ignore[union-attr]


def _with_its_own_connection(run: Callable[[], Result]) -> Result:
    try:
        return run()
    finally:
        connections.close_all()
