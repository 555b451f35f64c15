"""WeCom's group robot before the table of cases, as its document says it answers ("群机器人配置说明", "全局错误码"; read 2026-12)."""

import json
from typing import ClassVar

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import HttpAnswer, OurFault, Undeliverable
from tidings.messaging.channels.wecom import Wecom, WecomSettings, _taken
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

KEY = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"


def said(code: int) -> Reply:
    return Reply(200, json.dumps({"errcode": code, "errmsg": "ok" if code == 0 else "…"}))


class WecomGateway(HttpGateway):
    channel = Wecom
    address = KEY
    outcome = Outcome.ACCEPTED
    waits = 60.0
    refused_for = Reason.UNSENDABLE
    blamed_for = Reason.PROTOCOL
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: said(0),
        Case.REFUSED: said(93000),
        Case.OUR_FAULT: said(40058),
        Case.TOO_MANY: said(45009),
        Case.SERVER_ERROR: said(-1),
    }

    def settings(self, url: str) -> WecomSettings:
        return WecomSettings(address=url)


@pytest.mark.parametrize(
    "address",
    [
        KEY,
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://evil.example.org/?key={KEY}",
    ],
)
async def test_of_an_address_only_the_key_counts(address: str) -> None:
    gateway = WecomGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        await Wecom(gateway.settings(service.url), net).send(gateway.outgoing(address=address))
        await net.close()
        (request,) = service.requests
    assert (request.path, request.query) == ("/cgi-bin/webhook/send", {"key": KEY})
    assert json.loads(request.body) == {
        "msgtype": "text",
        "text": {"content": "Uw zending komt later.\n\nWij bellen u."},
    }


async def test_the_limit_counts_bytes_not_characters() -> None:
    gateway = WecomGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        await Wecom(gateway.settings(service.url), net).send(gateway.outgoing(text="延" * 700))
        await net.close()
        (request,) = service.requests
    assert json.loads(request.body)["text"]["content"].startswith("Uw zending komt later.")


@pytest.mark.parametrize("address", ["", "group", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"])
async def test_what_is_no_key_is_never_sent(address: str) -> None:
    with pytest.raises(Undeliverable):
        await Wecom(WecomSettings()).send(WecomGateway().outgoing(address=address))


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (93008, Undeliverable, Reason.DISABLED),
        (45002, OurFault, Reason.TOO_BIG),
        (12345, OurFault, Reason.PROTOCOL),
        (50001, TryLater, Reason.BUSY),
    ],
)
def test_what_a_code_means(code: int, kind: type[Exception], reason: Reason) -> None:
    with pytest.raises(kind) as raised:
        _taken(WecomGateway().outgoing(), HttpAnswer(200, {}, str(said(code).body).encode()))
    assert raised.value.facts["reason"] == reason  # type: ignore[attr-defined]
