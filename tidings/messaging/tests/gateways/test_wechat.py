"""WeChat's official account before the table of cases, as its document says it answers ("获取稳定版接口调用凭据", "模板消息",
"订阅通知", "接入指南", "消息加解密说明", "全局返回码"; read 2026-12).
"""

import base64
import json
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, Forged, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.channels.wechat import Wechat, WechatSettings, _taken
from tidings.messaging.channels.wechat_requests import fields_in, signature
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request
from tidings.worker.net import OutboundNet

WORD, AES = "our-own-word", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "oia2TjuEGTNoeX76QEjQNrcURxG8"
URL = "https://tidings.example.org/messages/gateway/1/"


def said(code: int, **more: Any) -> Reply:
    return Reply(200, json.dumps({"errcode": code, "errmsg": "ok" if code == 0 else "…", **more}))


def xml(**fields: str) -> bytes:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml><ToUserName>gh_7f083739789a</ToUserName>{inner}</xml>".encode()


def asked(body: bytes, method: str = "POST", word: str = WORD, **more: str) -> Incoming:
    query = {"timestamp": "1395658920", "nonce": "420424", **more}
    query["signature"] = signature(word, query["timestamp"], query["nonce"])
    return Incoming(method, URL, {"content-type": "text/xml"}, query, body)


def ended(status: str) -> bytes:
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "200163836", "Status": status}
    return xml(FromUserName=OPENID, CreateTime="1395658920", **event)


def encrypted(body: bytes, word: str = WORD) -> Incoming:
    key = base64.b64decode(f"{AES}=")
    plain = b"0123456789abcdef" + len(body).to_bytes(4, "big") + body + b"wx-app-id"
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()
    query = {"timestamp": "1395658920", "nonce": "420424", "encrypt_type": "aes"}
    query["msg_signature"] = signature(word, query["timestamp"], query["nonce"], sealed)
    return Incoming("POST", URL, {}, query, xml(Encrypt=sealed))


class WechatGateway(HttpGateway):
    channel = Wechat
    reference = "200228332"
    address = OPENID
    waits = 60.0
    refused_for = Reason.OPTED_OUT
    blamed_for = Reason.RATE
    honours_key = True
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: said(0, msgid=200228332),
        Case.REFUSED: said(43004),
        Case.OUR_FAULT: said(45009),
        Case.TOO_MANY: said(45011),
        Case.SERVER_ERROR: said(-1),
    }

    def before(self, request: Request) -> Reply | None:
        if request.path != "/cgi-bin/stable_token":
            return None
        return Reply(200, json.dumps({"access_token": "the-access-token", "expires_in": 7200}))

    def settings(self, url: str) -> WechatSettings:
        return WechatSettings("wx-app-id", "the-app-secret", WORD, address=url)

    def key_in(self, request: Request) -> str:
        return str(json.loads(request.body)["client_msg_id"])

    def callbacks(self, channel: Channel) -> list[Callback]:
        text = xml(
            FromUserName=OPENID,
            CreateTime="1348831860",
            MsgType="text",
            Content="收到",
            MsgId="1234567890123456",
        )
        follow = xml(FromUserName=OPENID, CreateTime="1348831860", MsgType="event", Event="subscribe")
        refused = {"outcome": Outcome.REFUSED, "reference": "200163836"}
        return [
            Callback(asked(b"", "GET", echostr="5838479218127813673"), said_back=b"5838479218127813673"),
            Callback(asked(ended("success")), Outcome.DELIVERED, "200163836", said_back=b"success"),
            Callback(asked(ended("failed:user block")), reason=Reason.OPTED_OUT, **refused),
            Callback(asked(ended("failed: system failed")), reason=Reason.EXPIRED, **refused),
            Callback(asked(text), text="收到"),
            Callback(asked(follow)),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = asked(ended("success"))
        return [
            asked(ended("success"), word="another-word"),
            asked(b"", "GET", word="another-word", echostr="1"),
            Incoming("POST", URL, {}, {**good.query, "nonce": "1"}, good.body),
            Incoming("POST", URL, {}, {}, good.body),
        ]


def test_with_the_key_only_what_was_encrypted_is_believed() -> None:
    channel = Wechat(WechatSettings("wx-app-id", "the-app-secret", WORD, AES))
    (told,) = channel.receive(encrypted(ended("success")))
    assert (told.outcome, told.reference) == (Outcome.DELIVERED, "200163836")  # type: ignore[union-attr]
    for came in (asked(ended("success")), encrypted(ended("success"), word="another-word")):
        with pytest.raises(Forged):
            channel.receive(came)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><MsgType>event</MsgType></xml>',
        b"<xml><MsgType>event</MsgType>",
        b"\xff\xfe",
        b"",
    ],
)
def test_entities_and_broken_documents_say_nothing(body: bytes) -> None:
    assert fields_in(body) == {}


async def exchange(*answers: Reply, tokens: tuple[str, ...] = ("first",), times: int = 1) -> list[Request]:
    """What goes over the wire, where the service answers so in turn."""
    gateway, turn, given = WechatGateway(), list(answers), list(tokens)

    def before(request: Request) -> Reply | None:
        if request.path != "/cgi-bin/stable_token":
            return None
        token = given.pop(0) if len(given) > 1 else given[0]
        return Reply(200, json.dumps({"access_token": token, "expires_in": 7200}))

    gateway.before = before  # type: ignore[method-assign]
    gateway.answer = lambda case, request: turn.pop(0)  # type: ignore[method-assign]
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        channel = Wechat(gateway.settings(service.url), net)
        for _ in range(times):
            await channel.send(gateway.outgoing())
        await net.close()
        return list(service._server.requests)


async def test_one_token_serves_many_messages() -> None:
    requests = await exchange(said(0, msgid=1), said(0, msgid=2), times=2)
    assert [one.path.rpartition("/")[2] for one in requests] == ["stable_token", "send", "send"]
    message = json.loads(requests[1].body)
    assert requests[1].query == {"access_token": "first"}
    assert (message["touser"], message["template_id"]) == (OPENID, "tpl-1")
    assert message["data"] == {"status": {"value": "延误"}, "time": {"value": "14:00"}}
    assert message["url"] == "https://status.example.org/s/abc"


async def test_a_stale_token_is_renewed_once_and_by_force_only_where_it_is_the_same() -> None:
    requests = await exchange(said(42001), said(0, msgid=1), tokens=("first", "first", "second"))
    tokens = [json.loads(one.body)["force_refresh"] for one in requests if one.path.endswith("stable_token")]
    assert tokens == [False, False, True]
    assert requests[-1].query == {"access_token": "second"}
    with pytest.raises(OurFault) as raised:
        await exchange(said(40001), said(40001), tokens=("first", "second"))
    assert raised.value.facts["reason"] == Reason.NO_ACCESS


async def test_a_refused_secret_is_our_fault() -> None:
    gateway = WechatGateway()
    gateway.before = lambda request: said(40125)  # type: ignore[method-assign]
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        with pytest.raises(OurFault) as raised:
            await Wechat(gateway.settings(service.url), net).send(gateway.outgoing())
        await net.close()
    assert raised.value.facts["reason"] == Reason.NO_ACCESS


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (40037, OurFault, Reason.NOT_REGISTERED),
        (40003, Undeliverable, Reason.UNSENDABLE),
        (43101, Undeliverable, Reason.OPTED_OUT),
        (99999, OurFault, Reason.PROTOCOL),
        (-1, TryLater, Reason.BUSY),
    ],
)
def test_what_a_code_means(code: int, kind: type[Exception], reason: Reason) -> None:
    with pytest.raises(kind) as raised:
        _taken(WechatGateway().outgoing(), HttpAnswer(200, {}, str(said(code).body).encode()))
    assert raised.value.facts["reason"] == reason  # type: ignore[attr-defined]
