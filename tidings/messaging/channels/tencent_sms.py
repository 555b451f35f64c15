"""Text messages by Tencent Cloud's short message service: in mainland China, where only approved templates and signatures go.

cloud.tencent.com, 短信: "SendSms" (API 2021-01-11), "错误码", "短信下发状态通知" and "短信回复" (callbacks); and "签名方法 v3"
(TC3-HMAC-SHA256, with its worked example). What it calls back with bears no signature: its address carries our key instead.
Read 2026-12.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    HttpAnswer,
    Incoming,
    Limits,
    Outgoing,
    Receipt,
    secret,
)
from tidings.messaging.channels.refusing import (
    in_doubt,
    moment_of,
    not_now,
    object_of,
    our_fault,
    refuse_by_status,
    undeliverable,
)
from tidings.messaging.channels.texting import (
    check_key,
    china_number,
    china_time,
    number_of,
    objects_in,
    registered_of,
)
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    "InvalidParameterValue.IncorrectPhoneNumber": Reason.UNKNOWN_NUMBER,
    "FailedOperation.PhoneNumberInBlacklist": Reason.OPTED_OUT,
    "InvalidParameterValue.ContentLengthLimit": Reason.TOO_BIG,
    "InvalidParameterValue.TemplateParameterLengthLimit": Reason.TOO_BIG,
    "FailedOperation.ContainSensitiveWord": Reason.CONTENT,
    "UnsupportedOperation.UnsupportedRegion": Reason.NO_ROUTE,
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": Reason.NO_ROUTE,
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": Reason.NO_ROUTE,
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": Reason.NO_ROUTE,
}
_OURS = {
    "FailedOperation.InsufficientBalanceInSmsPackage": Reason.NO_CREDIT,
    "FailedOperation.SignatureIncorrectOrUnapproved": Reason.NOT_REGISTERED,
    "FailedOperation.TemplateIncorrectOrUnapproved": Reason.NOT_REGISTERED,
    "FailedOperation.TemplateUnapprovedOrNotExist": Reason.NOT_REGISTERED,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Reason.NOT_REGISTERED,
    "FailedOperation.MissingSignature": Reason.NOT_REGISTERED,
    "FailedOperation.MissingTemplateToModify": Reason.NOT_REGISTERED,
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Reason.CONTENT,
    "InvalidParameterValue.SdkAppIdNotExist": Reason.NO_ACCESS,
    "LimitExceeded.AppDailyLimit": Reason.RATE,
    "LimitExceeded.AppMainlandChinaDailyLimit": Reason.RATE,
    "LimitExceeded.DailyLimit": Reason.RATE,
}
_BEGINS = (
    ("AuthFailure", Reason.NO_ACCESS),
    ("UnauthorizedOperation", Reason.NO_ACCESS),
    ("InvalidParameter", Reason.PROTOCOL),
    ("MissingParameter", Reason.PROTOCOL),
    ("UnsupportedOperation", Reason.PROTOCOL),
    ("FailedOperation", Reason.PROTOCOL),
)
_PER_NUMBER = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30.0,
    "LimitExceeded.PhoneNumberOneHourLimit": 3600.0,
    "LimitExceeded.PhoneNumberDailyLimit": 3600.0,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": 3600.0,
    "LimitExceeded.DeliveryFrequencyLimit": 60.0,
}
_FAILED = (
    ("空号", Reason.UNKNOWN_NUMBER),
    ("号码不存在", Reason.UNKNOWN_NUMBER),
    ("黑名单", Reason.OPTED_OUT),
    ("退订", Reason.OPTED_OUT),
    ("关键字", Reason.CONTENT),
    ("敏感", Reason.CONTENT),
)


@dataclass(frozen=True, slots=True)
class TencentSettings:
    """`app` is the SdkAppId of the application that sends; `callback_key` stands as ?key=… in the addresses that are entered
    in the console for reports and answers.
    """

    app: str
    secret_id: str
    secret_key: str = secret()
    callback_key: str = secret()
    region: str = "ap-guangzhou"
    address: str = "https://sms.tencentcloudapi.com"


class TencentSms(Channel):
    """One signed request per message; only forms that were approved go."""

    code: ClassVar[str] = "tencent_sms"
    rung: ClassVar[str] = "sms"
    Settings = TencentSettings
    limits: ClassVar[Limits] = Limits(links=False, subject=False, segments=True, registered_only=True)

    settings: TencentSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`."""
        form, number = registered_of(outgoing), number_of(outgoing)
        message = {
            "PhoneNumberSet": [number],
            "SmsSdkAppId": self.settings.app,
            "SignName": form.signature,
            "TemplateId": form.template,
            "TemplateParamSet": list(form.fields.values()),
            "SessionContext": str(outgoing.delivery_id),
        }
        content, at = json.dumps(message).encode(), now()
        headers = {
            "x-tc-action": "SendSms",
            "x-tc-version": "2021-01-11",
            "x-tc-region": self.settings.region,
            "x-tc-timestamp": str(int(at.timestamp())),
            "content-type": "application/json; charset=utf-8",
            "accept": "application/json",
        }
        signed = {name: headers[name] for name in ("content-type", "x-tc-action")}
        signed["host"] = urlsplit(self.settings.address).netloc
        headers["authorization"] = authorization(
            self.settings, "sms", {**signed, "x-tc-action": "sendsms"}, content, at
        )
        answer = await self.net.request(
            "POST", f"{self.settings.address.rstrip('/')}/", headers=headers, content=content
        )
        return _taken(outgoing, answer)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """Reports (a list), or one answer."""
        check_key(came, self.settings.callback_key)
        told = (_told(one) for one in objects_in(came.body))
        return [one for one in told if one is not None]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """What it insists on, or it calls again."""
        check_key(came, self.settings.callback_key)
        return "application/json", b'{"result": 0, "errmsg": "OK"}'


def authorization(
    settings: TencentSettings, service: str, signed: Mapping[str, str], content: bytes, at: datetime
) -> str:
    """The Authorization header of a POST (TC3-HMAC-SHA256). `signed` are the headers to sign, as they are signed."""
    names = ";".join(sorted(signed))
    said = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["POST", "/", "", said, names, hashlib.sha256(content).hexdigest()])
    date = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    wanted = "\n".join(["TC3-HMAC-SHA256", str(int(at.timestamp())), scope, digest])
    key = f"TC3{settings.secret_key}".encode()
    for part in (date, service, "tc3_request", wanted):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    credential = f"Credential={settings.secret_id}/{scope}"
    return f"TC3-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={key.hex()}"


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    refuse_by_status(answer)
    kept = object_of(answer).get("Response")
    kept = kept if isinstance(kept, dict) else {}
    error = kept.get("Error")
    if isinstance(error, dict):
        _refuse(str(error.get("Code", "")))
    sent = kept.get("SendStatusSet")
    one = sent[0] if isinstance(sent, list) and sent and isinstance(sent[0], dict) else {}
    code, reference = str(one.get("Code", "")), one.get("SerialNo")
    if code and code != "Ok":
        _refuse(code)
    if code != "Ok" or not isinstance(reference, str) or not reference:
        raise in_doubt(code[:40] or "no status in the answer")
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference)


def _refuse(code: str) -> None:
    """Raises what a code means; an unknown one passes by itself, as far as anybody knows."""
    if code in _ADDRESS:
        raise undeliverable(_ADDRESS[code], code)
    if code in _OURS:
        raise our_fault(_OURS[code], code)
    if code in _PER_NUMBER:
        raise not_now(code, seconds=_PER_NUMBER[code], reason=Reason.RATE)
    if code.startswith(("RequestLimitExceeded", "LimitExceeded")):
        raise not_now(code, reason=Reason.RATE)
    for begins, reason in _BEGINS:
        if code.startswith(begins):
            raise our_fault(reason, code)
    raise not_now(code)


def _told(one: Mapping[str, Any]) -> Receipt | Answer | None:
    if "text" in one and one.get("mobile"):
        number = china_number(str(one.get("nationcode") or "86"), str(one["mobile"]))
        return Answer(None, number, str(one["text"]), moment_of(one.get("time")))
    if "report_status" not in one or not one.get("sid"):
        return None
    code, at = str(one.get("errmsg") or ""), china_time(one.get("user_receive_time"))
    if one["report_status"] == "SUCCESS":
        return Receipt(None, Outcome.DELIVERED, at, str(one["sid"]), code)
    said = str(one.get("description") or "")
    reason = next((meant for word, meant in _FAILED if word in said), Reason.EXPIRED)
    return Receipt(None, Outcome.REFUSED, at, str(one["sid"]), code, reason)
