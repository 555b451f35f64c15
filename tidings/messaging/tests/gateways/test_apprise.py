"""Services by the apprise library before the table of cases, played as Discord answers a webhook ("Execute Webhook": 204; read
2026-12). The library says only yes or no, so that no case but silence and acceptance can be told apart.
"""

import json
from typing import ClassVar

import pytest

from tidings.messaging.channels.apprise import HOSTS, Apprise, AppriseSettings
from tidings.messaging.channels.base import Undeliverable
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request
from tidings.worker.net import OutboundNet

ONLY_NO = "the library says only no, which is a doubt"
URL = "discord://174200000000000000/zFmTv0Xbgw-token"


class AppriseGateway(HttpGateway):
    channel = Apprise
    address = URL
    answers: ClassVar[dict[Case, Reply]] = {Case.ACCEPTED: Reply(204)}
    left_out: ClassVar[dict[Case, str]] = {
        Case.REFUSED: ONLY_NO,
        Case.TOO_MANY: ONLY_NO,
        Case.OUR_FAULT: ONLY_NO,
        Case.SERVER_ERROR: ONLY_NO,
        Case.NONSENSE: "the library takes any 200 for yes",
    }

    def settings(self, url: str) -> AppriseSettings:
        return AppriseSettings(url)


async def sent(**given: object) -> list[Request]:
    gateway = AppriseGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        await Apprise(gateway.settings(service.url), net).send(gateway.outgoing(**given))
        await net.close()
        return list(service.requests)


async def test_what_goes_over_the_wire() -> None:
    (request,) = await sent()
    assert request.path == "/api/webhooks/174200000000000000/zFmTv0Xbgw-token"
    assert "Uw zending komt later." in json.dumps(json.loads(request.body), ensure_ascii=False)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "json://127.0.0.1/",
        "jsons://evil.example.org/",
        "mailto://user:word@example.org",
        f"{URL}?template=/etc/passwd",
        f"{URL}?overflow=split",
        "discord://",
        "nonsense",
        "",
    ],
)
async def test_no_other_service_no_host_and_no_option_of_a_url_is_used(address: str) -> None:
    with pytest.raises(Undeliverable) as raised:
        await Apprise(AppriseSettings(), OutboundNet(allow=[])).send(
            AppriseGateway().outgoing(address=address)
        )
    assert raised.value.facts["reason"] == Reason.UNSENDABLE


@pytest.mark.parametrize(
    "url",
    [
        "dingtalk://abcdef0123456789",
        URL,
        "feishu://abcdef0123456789",
        "lark://abcdef0123456789",
        "line://token123456/U123",
        "pover://uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "prowl://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "threema://*GATEWAY@0123456789abcdef/ABCDEFGH",
        "viber://0123456789abcdef-0123456789abcdef-0123456789abcdef/receiver0123456789012345",
    ],
)
def test_each_service_of_the_table_is_reached_at_its_own_host_alone(url: str) -> None:
    plugin = Apprise(AppriseSettings())._made(AppriseGateway().outgoing(address=url))
    assert HOSTS[url.partition("://")[0]] in plugin.notify_url
    assert plugin.request_rate_per_sec == 0
