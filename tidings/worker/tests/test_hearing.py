"""What services say over a connection of their channel's own: heard by the channel that sends, kept, then read."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

import pytest

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
from tidings.worker.net import OutboundNet
from tidings.worker.services import ChannelServices, Spoken

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
