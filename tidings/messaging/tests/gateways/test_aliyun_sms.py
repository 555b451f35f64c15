"""Alibaba Cloud's short message service before the table of cases, as its document says it answers ("SendSms", "API错误码",
"SmsReport", "SmsUp"; read 2026-12).
"""

import json
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.aliyun_sms import AliyunSettings, AliyunSms, _taken, canonical, signed_headers
from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

KEY = "key-in-the-callback"
BIZ, OURS = "900619746936498440^0", UUID("01890000-0000-7000-8000-000000000001")
URL = "https://tidings.example.org/messages/gateway/1/"
REPORT = {
    "phone_number": "13800138000",
    "send_time": "2026-12-01 09:00:00",
    "report_time": "2026-12-01 09:00:07",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": BIZ,
    "out_id": str(OURS),
}
WRITTEN = {
    "phone_number": "13800138000",
    "content": "收到",
    "send_time": "2026-12-01 09:05:00",
    "dest_code": "1234",
    "sequence_id": "1234567890",
}


def said(code: str, message: str = "…", status: int = 200) -> Reply:
    return Reply(status, json.dumps({"Code": code, "Message": message, "RequestId": "F655A8D5"}))


def pushed(*told: object, key: str = KEY) -> Incoming:
    query = {"key": key}
    return Incoming(
        "POST", f"{URL}?key={key}", {"content-type": "application/json"}, query, json.dumps(told).encode()
    )


class AliyunGateway(HttpGateway):
    channel = AliyunSms
    reference = BIZ
    address = "+8613800138000"
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_CREDIT
    waits = 60.0
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(
            200, json.dumps({"Code": "OK", "Message": "OK", "BizId": BIZ, "RequestId": "F655A8D5"})
        ),
        Case.REFUSED: said("isv.MOBILE_NUMBER_ILLEGAL"),
        Case.OUR_FAULT: said("isv.AMOUNT_NOT_ENOUGH"),
        Case.TOO_MANY: said("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"),
        Case.SERVER_ERROR: said("isp.SYSTEM_ERROR"),
    }

    def settings(self, url: str) -> AliyunSettings:
        return AliyunSettings("YourAccessKeyId", "YourAccessKeySecret", KEY, url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        gone = {**REPORT, "success": False, "err_code": "MOBILE_NOT_ON_SERVICE"}
        silent = {**REPORT, "success": False, "err_code": "UNDELIV"}
        return [
            Callback(pushed(REPORT), Outcome.DELIVERED, BIZ, OURS, said_back=b'{"code": 0'),
            Callback(pushed(gone), Outcome.REFUSED, BIZ, OURS, Reason.UNKNOWN_NUMBER),
            Callback(pushed(silent), Outcome.REFUSED, BIZ, OURS, Reason.EXPIRED),
            Callback(pushed(WRITTEN), text="收到"),
            Callback(pushed({"something": "else"}, 7)),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = pushed(REPORT)
        return [
            pushed(REPORT, key="another"),
            pushed(REPORT, key=""),
            Incoming("POST", URL, {}, {}, good.body),
        ]


def test_the_signature_is_the_documents_own() -> None:
    """The worked example of "V3版本请求体&签名机制" (RunInstances, 2023-10-26)."""
    settings = AliyunSettings("YourAccessKeyId", "YourAccessKeySecret")
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = canonical({"RegionId": "cn-shanghai", "ImageId": image}.items())
    nonce, at = "3156853299f313e23d1673dc12e1703d", datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    host = "ecs.cn-shanghai.aliyuncs.com"
    headers = signed_headers(settings, host, "RunInstances", query, nonce, at, "2014-05-26")
    assert headers["authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_several_reports_in_one_push_are_each_told() -> None:
    channel = AliyunSms(AliyunGateway().settings(""))
    told = channel.receive(pushed(REPORT, {**REPORT, "biz_id": "2"}, WRITTEN))
    assert len(told) == 3
    assert told[0].at == datetime(2026, 12, 1, 1, 0, 7, tzinfo=UTC)
    assert told[2].address == "+8613800138000"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("code", "message", "status", "kind", "facts"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5", 200, TryLater, {"seconds": 3600.0}),
        ("isv.DAY_LIMIT_CONTROL", "", 200, OurFault, {"reason": Reason.RATE}),
        ("isv.SMS_TEMPLATE_ILLEGAL", "", 200, OurFault, {"reason": Reason.NOT_REGISTERED}),
        ("isv.SMS_SIGNATURE_ILLEGAL", "", 200, OurFault, {"reason": Reason.NOT_REGISTERED}),
        ("isv.PARAM_LENGTH_LIMIT", "", 200, Undeliverable, {"reason": Reason.TOO_BIG}),
        ("isv.SOMETHING_NEW", "", 200, OurFault, {"reason": Reason.PROTOCOL}),
        ("InvalidAccessKeyId.NotFound", "", 404, OurFault, {"reason": Reason.NO_ACCESS}),
        ("SignatureDoesNotMatch", "", 400, OurFault, {"reason": Reason.NO_ACCESS}),
        ("Throttling.User", "", 400, TryLater, {"reason": Reason.RATE}),
        ("ServiceUnavailable", "", 503, TryLater, {"reason": Reason.BUSY}),
    ],
)
def test_what_a_code_means(
    code: str, message: str, status: int, kind: type[Exception], facts: dict[str, object]
) -> None:
    body = str(said(code, message).body).encode()
    with pytest.raises(kind) as raised:
        _taken(AliyunGateway().outgoing(), HttpAnswer(status, {}, body))
    assert facts.items() <= raised.value.facts.items()  # type: ignore[attr-defined]


async def test_what_goes_over_the_wire() -> None:
    gateway = AliyunGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        outgoing = gateway.outgoing()
        await AliyunSms(gateway.settings(service.url), net).send(outgoing)
        await net.close()
        request = service.requests[0]
    assert request.query == {
        "PhoneNumbers": "8613800138000",
        "SignName": "示例快递",
        "TemplateCode": "tpl-1",
        "TemplateParam": '{"status":"延误","time":"14:00"}',
        "OutId": str(outgoing.delivery_id),
    }
    assert (request.headers["x-acs-action"], request.headers["x-acs-version"]) == ("SendSms", "2017-05-25")
