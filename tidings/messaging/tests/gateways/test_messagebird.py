"""MessageBird before the table of cases, as its document says it answers ("SMS Messaging API", "API errors", "Verifying HTTP
requests"; read 2026-12).
"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

import pytest

from tidings.messaging.channels.base import Channel, Forged, Incoming
from tidings.messaging.channels.messagebird import MessageBird, MessageBirdSettings
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request
from tidings.worker.net import OutboundNet

KEY = "signing-key-of-the-account"
ID = "e8077d803532c0b5937c639b60216938"
OURS = UUID("01890000-0000-7000-8000-000000000001")
URL = "https://tidings.example.org/messages/gateway/1/"
REPORT = {
    "id": ID,
    "reference": str(OURS),
    "recipient": "31612345678",
    "statusDatetime": "2026-12-01T08:58:10+00:00",
}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def token(url: str, body: bytes, key: str = KEY, algorithm: str = "HS256", **changed: Any) -> str:
    claims: dict[str, Any] = {
        "iss": "MessageBird",
        "nbf": time.time() - 5,
        "exp": time.time() + 55,
        "jti": "1",
    }
    claims["url_hash"] = hashlib.sha256(url.encode()).hexdigest()
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    head = encoded(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    said = f"{head}.{encoded(json.dumps({**claims, **changed}).encode())}"
    kind = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}.get(algorithm, hashlib.sha256)
    return f"{said}.{encoded(hmac.new(key.encode(), said.encode(), kind).digest())}"


def got(query: dict[str, str], **options: Any) -> Incoming:
    url = f"{URL}?{urlencode(query)}"
    return Incoming("GET", url, {"messagebird-signature-jwt": token(url, b"", **options)}, query, b"")


def posted(form: dict[str, str]) -> Incoming:
    body = urlencode(form).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "messagebird-signature-jwt": token(URL, body),
    }
    return Incoming("POST", URL, headers, {}, body)


class MessageBirdGateway(HttpGateway):
    channel = MessageBird
    reference = ID
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_CREDIT
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(
            201,
            json.dumps(
                {
                    "id": ID,
                    "href": f"https://rest.messagebird.com/messages/{ID}",
                    "direction": "mt",
                    "recipients": {"totalCount": 1, "items": [{"recipient": 31612345678, "status": "sent"}]},
                }
            ),
        ),
        Case.REFUSED: Reply(
            422,
            json.dumps(
                {
                    "errors": [
                        {"code": 9, "description": "no (correct) recipients found", "parameter": "recipient"}
                    ]
                }
            ),
        ),
        Case.OUR_FAULT: Reply(
            402,
            json.dumps({"errors": [{"code": 25, "description": "Not enough balance", "parameter": None}]}),
        ),
    }

    def settings(self, url: str) -> MessageBirdSettings:
        return MessageBirdSettings("Parcel", "live_access_key", KEY, url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        failed = {**REPORT, "status": "delivery_failed", "statusErrorCode": "1"}
        away = {**REPORT, "status": "expired", "statusErrorCode": "27"}
        written = {"id": "mo-1", "originator": "31612345678", "recipient": "3197010240000", "body": "Ja!"}
        return [
            Callback(got({**REPORT, "status": "delivered"}), Outcome.DELIVERED, ID, OURS, said_back=b"OK"),
            Callback(got({**REPORT, "status": "delivered"}, algorithm="HS512"), Outcome.DELIVERED, ID, OURS),
            Callback(got(failed), Outcome.REFUSED, ID, OURS, Reason.UNKNOWN_NUMBER),
            Callback(got(away), Outcome.REFUSED, ID, OURS, Reason.EXPIRED),
            Callback(got({**REPORT, "status": "buffered"})),
            Callback(posted(written), text="Ja!"),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        delivered = {**REPORT, "status": "delivered"}
        good, form = got(delivered), posted({"originator": "31612345678", "body": "Ja"})
        other = {**delivered, "id": "another"}
        return [
            got(delivered, key="another-key"),
            got(delivered, iss="Somebody"),
            got(delivered, exp=time.time() - 60),
            got(delivered, nbf=time.time() + 60),
            got(delivered, exp=None),
            got(delivered, algorithm="none"),
            Incoming("GET", f"{URL}?{urlencode(other)}", good.headers, other, b""),
            Incoming("GET", good.url, {}, delivered, b""),
            Incoming("POST", form.url, form.headers, {}, form.body + b"&a=b"),
            Incoming("POST", good.url, good.headers, delivered, b"body=Nee&originator=1"),
            Incoming("GET", good.url, {"messagebird-signature-jwt": "a.b"}, delivered, b""),
        ]


def test_a_token_that_is_signed_with_nothing_is_nothing() -> None:
    channel = MessageBird(MessageBirdSettings("Parcel", "live_access_key"))
    with pytest.raises(Forged):
        channel.receive(got({**REPORT, "status": "delivered"}, key=""))


async def test_what_goes_over_the_wire() -> None:
    gateway = MessageBirdGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        outgoing = gateway.outgoing()
        await MessageBird(gateway.settings(service.url), net).send(outgoing)
        await net.close()
        request: Request = service.requests[0]
    assert (request.path, request.headers["authorization"]) == ("/messages", "AccessKey live_access_key")
    assert json.loads(request.body) == {
        "originator": "Parcel",
        "recipients": ["31612345678"],
        "body": outgoing.short,
        "datacoding": "auto",
        "reference": str(outgoing.delivery_id),
        "reportUrl": outgoing.callback,
    }
