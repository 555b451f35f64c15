"""A client's own system before the table of cases, as "Standard Webhooks" 1.0.0 says it answers (spec/standard-webhooks.md,
read 2026-12-01). Whatever it answers is its own trouble, so that one system cannot stop the others.
"""

import json
from typing import ClassVar

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Undeliverable
from tidings.messaging.channels.webhook import Webhook, WebhookSettings
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.rules.webhooks import secret_for, signature
from tidings.messaging.tests.gateways.base import Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request
from tidings.worker.net import OutboundNet

MASTER = "a-secret-of-twenty-four-characters"


class WebhookGateway(HttpGateway):
    channel = Webhook
    outcome = Outcome.ACCEPTED
    honours_key = True
    refused_for = Reason.DISABLED
    answers: ClassVar[dict[Case, Reply]] = {Case.ACCEPTED: Reply(204), Case.REFUSED: Reply(410)}
    left_out: ClassVar[dict[Case, str]] = {
        Case.OUR_FAULT: "no answer of one client's system blames us: it is tried again",
        Case.NONSENSE: "any 2xx is yes, whatever it holds",
    }

    def settings(self, url: str) -> WebhookSettings:
        self.url = f"{url}/hooks/tidings"
        return WebhookSettings(MASTER, plain=True)

    def outgoing(self, **given: object):  # type: ignore[no-untyped-def]
        return super().outgoing(
            **{"address": getattr(self, "url", "https://client.example.org/hook"), **given}
        )

    def key_in(self, request: Request) -> str:
        return request.headers["webhook-id"]


def test_the_signature_is_what_libraries_check() -> None:
    """The example of the standard's own libraries (libraries/python, tests)."""
    body = b'{"test": 2432232314}'
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_address_has_a_secret_of_its_own() -> None:
    one, other = secret_for(MASTER, "https://a.example/"), secret_for(MASTER, "https://b.example/")
    assert one.startswith("whsec_")
    assert one != other != secret_for("another", "https://b.example/")


async def test_what_goes_over_the_wire() -> None:
    gateway = WebhookGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        channel = Webhook(gateway.settings(service.url), net)
        outgoing = gateway.outgoing(shipments=({"waybill": "JJD1", "outcome": "later"},))
        await channel.send(outgoing)
        await net.close()
        (request,) = service.requests
    told = json.loads(request.body)
    assert (request.method, request.path, told["type"]) == ("POST", "/hooks/tidings", "shipment.notice")
    assert told["data"]["shipments"] == [{"waybill": "JJD1", "outcome": "later"}]
    assert (told["data"]["text"], told["data"]["code"]) == (outgoing.text, "K7-PX")
    assert request.headers["webhook-id"] == f"msg_{outgoing.delivery_id.hex}"
    assert request.headers["webhook-signature"] == signature(
        secret_for(MASTER, outgoing.address),
        request.headers["webhook-id"],
        request.headers["webhook-timestamp"],
        request.body,
    )


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 500])
async def test_what_one_system_answers_stops_nobody_else(status: int) -> None:
    gateway = WebhookGateway()
    gateway.answer = lambda case, request: Reply(status)  # type: ignore[method-assign]
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        with pytest.raises(TryLater):
            await Webhook(gateway.settings(service.url), net).send(gateway.outgoing())
        await net.close()


@pytest.mark.parametrize(
    "address", ["http://client.example.org/hook", "client.example.org", "file:///etc/passwd", ""]
)
async def test_only_https_is_spoken_to(address: str) -> None:
    with pytest.raises(Undeliverable):
        await Webhook(WebhookSettings(MASTER)).send(WebhookGateway().outgoing(address=address))


async def test_an_address_inside_our_own_network_is_the_addresses_fault() -> None:
    net = OutboundNet(allow=[])
    channel = Webhook(WebhookSettings(MASTER, plain=True), net)
    with pytest.raises(Undeliverable) as raised:
        await channel.send(WebhookGateway().outgoing(address="http://127.0.0.1:9/"))
    assert raised.value.facts["reason"] == Reason.UNSENDABLE
    await net.close()
