"""Tencent Cloud's short message service before the table of cases, as its document says it answers ("SendSms", "错误码",
"短信下发状态通知", "短信回复"; read 2026-12).
"""

import json
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.channels.tencent_sms import TencentSettings, TencentSms, _taken, authorization
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

KEY = "key-in-the-callback"
SERIAL = "5000:1045710669157053657849499619"
URL = "https://tidings.example.org/messages/gateway/1/"
REPORT = {
    "user_receive_time": "2026-12-01 09:00:07",
    "nationcode": "86",
    "mobile": "13800138000",
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "description": "用户短信送达成功",
    "sid": SERIAL,
}
WRITTEN = {
    "extend": "",
    "mobile": "13800138000",
    "nationcode": "86",
    "sign": "示例快递",
    "text": "收到",
    "time": 1457336869,
}


def said(code: str) -> Reply:
    one = {
        "SerialNo": SERIAL if code == "Ok" else "",
        "PhoneNumber": "+8613800138000",
        "Fee": 1,
        "SessionContext": "…",
        "Code": code,
        "Message": "…",
        "IsoCode": "CN",
    }
    return Reply(200, json.dumps({"Response": {"SendStatusSet": [one], "RequestId": "a0aabda6"}}))


def failed(code: str) -> Reply:
    told = {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "ed93f3cb"}}
    return Reply(200, json.dumps(told))


def called(told: object, key: str = KEY) -> Incoming:
    query = {"key": key}
    return Incoming(
        "POST", f"{URL}?key={key}", {"content-type": "application/json"}, query, json.dumps(told).encode()
    )


class TencentGateway(HttpGateway):
    channel = TencentSms
    reference = SERIAL
    address = "+8613800138000"
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_ACCESS
    waits = 30.0
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: said("Ok"),
        Case.REFUSED: said("InvalidParameterValue.IncorrectPhoneNumber"),
        Case.OUR_FAULT: failed("AuthFailure.SignatureFailure"),
        Case.TOO_MANY: said("LimitExceeded.PhoneNumberThirtySecondLimit"),
        Case.SERVER_ERROR: failed("InternalError.Timeout"),
    }

    def settings(self, url: str) -> TencentSettings:
        return TencentSettings("1400006666", "AKIDexample", "tencent-secret-key", KEY, address=url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        gone = {**REPORT, "report_status": "FAIL", "errmsg": "MK:0001", "description": "号码为空号"}
        silent = {**REPORT, "report_status": "FAIL", "errmsg": "EXPIRED", "description": "用户关机"}
        return [
            Callback(called([REPORT]), Outcome.DELIVERED, SERIAL, said_back=b'{"result": 0'),
            Callback(called([gone]), Outcome.REFUSED, SERIAL, reason=Reason.UNKNOWN_NUMBER),
            Callback(called([silent]), Outcome.REFUSED, SERIAL, reason=Reason.EXPIRED),
            Callback(called(WRITTEN), text="收到"),
            Callback(called([])),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = called([REPORT])
        return [
            called([REPORT], key="another"),
            called([REPORT], key=""),
            Incoming("POST", URL, {}, {}, good.body),
        ]


def test_the_signature_is_the_documents_own() -> None:
    """The worked example of "签名方法 v3" (DescribeInstances, 2019-02-26), as its first edition has it."""
    settings = TencentSettings("", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    content = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    signed = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    made = authorization(settings, "cvm", signed, content, datetime.fromtimestamp(1551113065, UTC))
    assert made.endswith("Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")


@pytest.mark.parametrize(
    ("reply", "kind", "facts"),
    [
        (said("LimitExceeded.PhoneNumberDailyLimit"), TryLater, {"seconds": 3600.0}),
        (said("LimitExceeded.AppDailyLimit"), OurFault, {"reason": Reason.RATE}),
        (said("FailedOperation.InsufficientBalanceInSmsPackage"), OurFault, {"reason": Reason.NO_CREDIT}),
        (said("FailedOperation.TemplateIncorrectOrUnapproved"), OurFault, {"reason": Reason.NOT_REGISTERED}),
        (said("FailedOperation.PhoneNumberInBlacklist"), Undeliverable, {"reason": Reason.OPTED_OUT}),
        (said("UnsupportedOperation.UnsupportedRegion"), Undeliverable, {"reason": Reason.NO_ROUTE}),
        (failed("RequestLimitExceeded"), TryLater, {"reason": Reason.RATE}),
        (failed("UnauthorizedOperation.SdkAppIdIsDisabled"), OurFault, {"reason": Reason.NO_ACCESS}),
        (failed("InvalidParameter.Anything"), OurFault, {"reason": Reason.PROTOCOL}),
    ],
)
def test_what_a_code_means(reply: Reply, kind: type[Exception], facts: dict[str, object]) -> None:
    with pytest.raises(kind) as raised:
        _taken(TencentGateway().outgoing(), HttpAnswer(200, {}, str(reply.body).encode()))
    assert facts.items() <= raised.value.facts.items()  # type: ignore[attr-defined]


async def test_what_goes_over_the_wire() -> None:
    gateway = TencentGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        outgoing = gateway.outgoing()
        await TencentSms(gateway.settings(service.url), net).send(outgoing)
        await net.close()
        request = service.requests[0]
    assert json.loads(request.body) == {
        "PhoneNumberSet": ["+8613800138000"],
        "SmsSdkAppId": "1400006666",
        "SignName": "示例快递",
        "TemplateId": "tpl-1",
        "TemplateParamSet": ["延误", "14:00"],
        "SessionContext": str(outgoing.delivery_id),
    }
    assert (request.headers["x-tc-action"], request.headers["x-tc-version"]) == ("SendSms", "2021-01-11")
    assert "SignedHeaders=content-type;host;x-tc-action," in request.headers["authorization"]


def test_an_answer_says_who_and_when() -> None:
    (told,) = TencentSms(TencentGateway().settings("")).receive(called(WRITTEN))
    assert told.address == "+8613800138000"  # type: ignore[union-attr]
    assert told.at == datetime.fromtimestamp(1457336869, UTC)
