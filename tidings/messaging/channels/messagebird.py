"""Text messages by MessageBird's REST API (the company is called Bird now; this API stayed), and by services that speak it.

developers.messagebird.com, "SMS Messaging API" (send, status reports, statusErrorCode), "API errors" and "Verifying HTTP
requests" (MessageBird-Signature-JWT, with the claims that its own libraries check); support article "I am missing my
delivery reports": a report comes as a GET, and only for a message that has a reference. Read 2026-12.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    Forged,
    HttpAnswer,
    Incoming,
    Limits,
    Outgoing,
    Receipt,
    secret,
)
from tidings.messaging.channels.refusing import (
    in_doubt,
    object_of,
    our_fault,
    refuse_by_status,
    undeliverable,
)
from tidings.messaging.channels.texting import number_of, text_of, uuid_of
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.numbers import digits, e164
from tidings.messaging.rules.refusals import Reason

_SIGNATURES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_SECONDS_APART = 1
_OURS = {
    2: Reason.NO_ACCESS,  # request not allowed (wrong key)
    21: Reason.PROTOCOL,
    25: Reason.NO_CREDIT,
    98: Reason.NO_ACCESS,
}
_FAILED = {  # statusErrorCode; what is not here passes or is unknown
    1: Reason.UNKNOWN_NUMBER,
    5: Reason.UNKNOWN_NUMBER,
    6: Reason.EXPIRED,
    9: Reason.DISABLED,
    10: Reason.UNSENDABLE,
    11: Reason.UNSENDABLE,
    12: Reason.UNSENDABLE,
    13: Reason.DISABLED,
    27: Reason.EXPIRED,
    102: Reason.OPTED_OUT,
    103: Reason.NOT_REGISTERED,
    104: Reason.CONTENT,
    105: Reason.RATE,
    106: Reason.RATE,
}
_SAYS = {
    "delivered": Outcome.DELIVERED,
    "delivery_failed": Outcome.REFUSED,
    "expired": Outcome.REFUSED,
}


@dataclass(frozen=True, slots=True)
class MessageBirdSettings:
    """`originator` is a number of ours or a name of at most eleven letters and digits; `signing_key` checks what MessageBird
    tells us.
    """

    originator: str
    access_key: str = secret()
    signing_key: str = secret()
    address: str = "https://rest.messagebird.com"


class MessageBird(Channel):
    """One request per message; a report or an answer comes as a signed GET or POST."""

    code: ClassVar[str] = "messagebird"
    rung: ClassVar[str] = "sms"
    Settings = MessageBirdSettings
    limits: ClassVar[Limits] = Limits(longest=1377, subject=False, segments=True)
    listens_to: ClassVar[tuple[str, ...]] = ("GET", "POST")

    settings: MessageBirdSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. Our own id goes along as the reference, without which no report comes."""
        message: dict[str, Any] = {
            "originator": self.settings.originator,
            "recipients": [digits(number_of(outgoing))],
            "body": text_of(self.limits, outgoing),
            "datacoding": "auto",
            "reference": str(outgoing.delivery_id),
        }
        if outgoing.callback:
            message["reportUrl"] = outgoing.callback
        answer = await self.net.request(
            "POST",
            f"{self.settings.address.rstrip('/')}/messages",
            headers={
                "authorization": f"AccessKey {self.settings.access_key}",
                "content-type": "application/json",
                "accept": "application/json",
            },
            content=json.dumps(message).encode(),
        )
        return _taken(outgoing, answer)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """A status report, or what somebody wrote back."""
        told = self._signed(came)
        if "status" not in told and told.get("originator"):
            return [_answered(told)]
        outcome = _SAYS.get(told.get("status", ""))
        if outcome is None or not told.get("id"):
            return ()
        reason = _reason(told) if outcome is Outcome.REFUSED else None
        said = " ".join(filter(None, (told["status"], told.get("statusErrorCode"))))
        at, meant = _moment(told.get("statusDatetime", "")), uuid_of(told.get("reference"))
        return [Receipt(meant, outcome, at, told["id"], said, reason)]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """The word by which MessageBird knows that it arrived."""
        self._signed(came)
        return "text/plain", b"OK"

    def _signed(self, came: Incoming) -> Mapping[str, str]:
        """What a request says, in its query or its form. Raises Forged unless both are covered by a valid signature."""
        key, token = self.settings.signing_key, came.headers.get("messagebird-signature-jwt", "")
        claims = _claims(token, key)
        moment = (came.at or now()).timestamp()
        begins, ends = claims.get("nbf"), claims.get("exp")
        fits = (
            claims.get("iss") == "MessageBird"
            and isinstance(begins, int | float)
            and isinstance(ends, int | float)
            and begins - _SECONDS_APART <= moment <= ends + _SECONDS_APART
            and claims.get("url_hash") == _hash(came.url.encode())
            and (claims.get("payload_hash") or "") == (_hash(came.body) if came.body else "")
        )
        if not fits:
            raise Forged("messaging.forged")
        return {**came.query, **_form(came)}


def _claims(token: str, key: str) -> Mapping[str, Any]:
    """What a token says, its signature checked (RFC 7515, compact; the algorithms that MessageBird uses). Raises Forged."""
    try:
        head, body, signed = token.split(".")
        algorithm = _SIGNATURES[json.loads(_decoded(head))["alg"]]
        wanted = hmac.new(key.encode(), f"{head}.{body}".encode(), algorithm).digest()
        if not key or not hmac.compare_digest(_decoded(signed), wanted):
            raise Forged("messaging.forged")
        claims = json.loads(_decoded(body))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Forged("messaging.forged") from None
    return claims if isinstance(claims, dict) else {}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _form(came: Incoming) -> Mapping[str, str]:
    if came.headers.get("content-type", "").startswith("application/json"):
        told = object_of(HttpAnswer(200, {}, came.body))
        return {str(name): str(value) for name, value in told.items() if value is not None}
    return dict(parse_qsl(came.body.decode("utf-8", "replace"), keep_blank_values=True))


def _answered(told: Mapping[str, str]) -> Answer:
    text = told.get("body") or told.get("payload", "")
    number = e164(f"+{digits(told['originator'])}") or told["originator"]
    return Answer(None, number, text, _moment(told.get("createdDatetime", "")), told.get("id", ""))


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    if not 200 <= answer.status < 300:
        _refuse(kept.get("errors"))
        refuse_by_status(answer)
    reference = kept.get("id")
    if not isinstance(reference, str) or not reference:
        raise in_doubt("no id in the answer")
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference)


def _refuse(errors: object) -> None:
    """Raises what a list of errors means; returns where it says nothing that we know."""
    for error in errors if isinstance(errors, list) else ():
        code = error.get("code") if isinstance(error, dict) else None
        said = f"{code} {error.get('parameter') or ''}".strip() if code else ""
        if code in (9, 10) and error.get("parameter") in ("recipient", "recipients", "msisdn"):
            raise undeliverable(Reason.UNKNOWN_NUMBER, said)
        if code in (9, 10):
            raise our_fault(Reason.PROTOCOL, said)
        if code in _OURS:
            raise our_fault(_OURS[code], said)


def _reason(told: Mapping[str, str]) -> Reason:
    code = told.get("statusErrorCode", "")
    return _FAILED.get(int(code) if code.isascii() and code.isdigit() else 0, Reason.EXPIRED)


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return now()
    return moment if moment.tzinfo else now()
