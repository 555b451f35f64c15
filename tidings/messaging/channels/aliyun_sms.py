"""Text messages by Alibaba Cloud's short message service: in mainland China, where only approved templates and signatures go.

help.aliyun.com, 短信服务: "SendSms" (API 2017-05-25), "API错误码", "SmsReport" and "SmsUp" (HTTP batch push), "回执错误码"; and
"V3版本请求体&签名机制" (ACS3-HMAC-SHA256, with its worked example). What it pushes bears no signature: its address carries
our key instead. Read 2026-12.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    HttpAnswer,
    Incoming,
    Limits,
    Outgoing,
    Receipt,
    Registered,
    secret,
)
from tidings.messaging.channels.refusing import (
    in_doubt,
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
    uuid_of,
)
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.numbers import digits
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    "isv.MOBILE_NUMBER_ILLEGAL": Reason.UNKNOWN_NUMBER,
    "isv.NOT_SUPPORTED_COUNTRY": Reason.NO_ROUTE,
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": Reason.NO_ROUTE,
    "isv.UNSUPPORTED_REGION": Reason.NO_ROUTE,
    "isv.PARAM_LENGTH_LIMIT": Reason.TOO_BIG,
    "isv.BLACK_KEY_CONTROL_LIMIT": Reason.CONTENT,
}
_OURS = {
    "isv.OUT_OF_SERVICE": Reason.NO_CREDIT,
    "isv.AMOUNT_NOT_ENOUGH": Reason.NO_CREDIT,
    "isv.BILLING_DEDUCTION_ERROR": Reason.NO_CREDIT,
    "isv.ACCOUNT_NOT_EXISTS": Reason.NO_ACCESS,
    "isv.ACCOUNT_ABNORMAL": Reason.NO_ACCESS,
    "isv.PRODUCT_UN_SUBSCRIPT": Reason.NO_ACCESS,
    "isv.PRODUCT_UNSUBSCRIBE": Reason.NO_ACCESS,
    "isv.DENY_IP_RANGE": Reason.NO_ACCESS,
    "isp.RAM_PERMISSION_DENY": Reason.NO_ACCESS,
    "isv.SMS_TEST_NUMBER_LIMIT": Reason.NO_ACCESS,
    "isv.SMS_TEMPLATE_ILLEGAL": Reason.NOT_REGISTERED,
    "isv.SMS_SIGNATURE_ILLEGAL": Reason.NOT_REGISTERED,
    "isv.SMS_SIGN_ILLEGAL": Reason.NOT_REGISTERED,
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": Reason.NOT_REGISTERED,
    "isv.TEMPLATE_MISSING_PARAMETERS": Reason.NOT_REGISTERED,
    "isv.TEMPLATE_PARAMS_ILLEGAL": Reason.CONTENT,
    "isv.PARAM_NOT_SUPPORT_URL": Reason.CONTENT,
    "isv.SMS_CONTENT_ILLEGAL": Reason.CONTENT,
    "isv.INVALID_PARAMETERS": Reason.PROTOCOL,
    "isv.INVALID_JSON_PARAM": Reason.PROTOCOL,
    "isv.DAY_LIMIT_CONTROL": Reason.RATE,
    "isv.MONTH_LIMIT_CONTROL": Reason.RATE,
    "SignatureDoesNotMatch": Reason.NO_ACCESS,
    "IncompleteSignature": Reason.NO_ACCESS,
    "InvalidTimeStamp.Expired": Reason.NO_ACCESS,
    "Forbidden.RAM": Reason.NO_ACCESS,
    "NoPermission": Reason.NO_ACCESS,
}
_PER_NUMBER = (("分钟", 60.0), ("小时", 3600.0), ("天", 3600.0))
_FAILED = {
    "MOBILE_NOT_ON_SERVICE": Reason.UNKNOWN_NUMBER,
    "INVALID_NUMBER": Reason.UNKNOWN_NUMBER,
    "MOBILE_ACCOUNT_ABNORMAL": Reason.DISABLED,
    "IS_CLOSED": Reason.DISABLED,
    "MOBILE_IN_BLACK": Reason.OPTED_OUT,
    "USER_REJECT": Reason.OPTED_OUT,
    "MOBILE_SEND_LIMIT": Reason.RATE,
    "CONTENT_KEYWORD": Reason.CONTENT,
    "CONTENT_ERROR": Reason.CONTENT,
    "NO_ROUTE": Reason.NO_ROUTE,
    "SP_NOT_BY_INTER_SMS": Reason.NO_ROUTE,
}


@dataclass(frozen=True, slots=True)
class AliyunSettings:
    """`callback_key` stands as ?key=… in the addresses that are entered in the console for reports and answers."""

    access_key_id: str
    access_key_secret: str = secret()
    callback_key: str = secret()
    address: str = "https://dysmsapi.aliyuncs.com"


class AliyunSms(Channel):
    """One signed request per message; only forms that were approved go."""

    code: ClassVar[str] = "aliyun_sms"
    rung: ClassVar[str] = "sms"
    Settings = AliyunSettings
    limits: ClassVar[Limits] = Limits(links=False, subject=False, segments=True, registered_only=True)

    settings: AliyunSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. Our own id goes along and comes back with the report."""
        form, number = registered_of(outgoing), digits(number_of(outgoing))
        query = _query(form, number, outgoing.delivery_id)
        host = urlsplit(self.settings.address).netloc
        headers = signed_headers(self.settings, host, "SendSms", query, str(uuid4()), now())
        answer = await self.net.request(
            "POST", f"{self.settings.address.rstrip('/')}/?{query}", headers=headers
        )
        return _taken(outgoing, answer)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """Reports and answers, several in one request."""
        check_key(came, self.settings.callback_key)
        told = (_told(one) for one in objects_in(came.body))
        return [one for one in told if one is not None]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """What it insists on, or it pushes again."""
        check_key(came, self.settings.callback_key)
        return "application/json", json.dumps({"code": 0, "msg": "接收成功"}).encode()


def _query(form: Registered, number: str, delivery_id: UUID) -> str:
    filled = json.dumps(dict(form.fields), ensure_ascii=False, separators=(",", ":"))
    return canonical(
        {
            "PhoneNumbers": number,
            "SignName": form.signature,
            "TemplateCode": form.template,
            "TemplateParam": filled,
            "OutId": str(delivery_id),
        }.items()
    )


def canonical(parameters: Iterable[tuple[str, str]]) -> str:
    """A query in order of name, percent-encoded as RFC 3986 says."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters))


def signed_headers(
    settings: AliyunSettings,
    host: str,
    action: str,
    query: str,
    nonce: str,
    at: datetime,
    version: str = "2017-05-25",
) -> dict[str, str]:
    """The headers of a request without a body, its signature among them (ACS3-HMAC-SHA256)."""
    nothing = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": nothing,
        "x-acs-date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    said = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(["POST", "/", query, said, names, nothing])
    wanted = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(settings.access_key_secret.encode(), wanted.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={settings.access_key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": f"ACS3-HMAC-SHA256 {credential}", "accept": "application/json"}


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    code = kept.get("Code")
    if isinstance(code, str) and code != "OK":
        _refuse(code, str(kept.get("Message", "")))
    if not 200 <= answer.status < 300:
        refuse_by_status(answer, str(code or ""))
    reference = kept.get("BizId")
    if code != "OK" or not isinstance(reference, str) or not reference:
        raise in_doubt(f"{code}"[:40])
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference)


def _refuse(code: str, message: str) -> None:
    """Raises what a code means. One that is unknown is our fault: the document calls every isv.… the caller's."""
    if code in _ADDRESS:
        raise undeliverable(_ADDRESS[code], code)
    if code in _OURS:
        raise our_fault(_OURS[code], code)
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        wait = next((seconds for word, seconds in _PER_NUMBER if word in message), 60.0)
        raise not_now(code, seconds=wait, reason=Reason.RATE)
    if code.startswith("Throttling"):
        raise not_now(code, reason=Reason.RATE)
    if code.startswith(("isp.", "ServiceUnavailable", "InternalError", "SignatureNonceUsed")):
        raise not_now(code)
    if code.startswith("InvalidAccessKeyId"):
        raise our_fault(Reason.NO_ACCESS, code)
    if code.startswith("isv."):
        raise our_fault(Reason.PROTOCOL, code)


def _told(one: Mapping[str, Any]) -> Receipt | Answer | None:
    if "content" in one and one.get("phone_number"):
        number, reference = china_number("86", str(one["phone_number"])), str(one.get("sequence_id") or "")
        return Answer(None, number, str(one["content"]), china_time(one.get("send_time")), reference)
    if "success" not in one or not one.get("biz_id"):
        return None
    code, at = str(one.get("err_code") or ""), china_time(one.get("report_time"))
    reached = one["success"] in (True, "true")
    outcome = Outcome.DELIVERED if reached else Outcome.REFUSED
    reason = None if reached else _FAILED.get(code, Reason.EXPIRED)
    return Receipt(uuid_of(one.get("out_id")), outcome, at, str(one["biz_id"]), code, reason)
