"""Twilio before the table of cases, as its document says it answers ("Message resource", "Error and warning dictionary",
"Validate signatures"; read 2026-12).
"""

import json
from typing import ClassVar
from urllib.parse import urlencode

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.channels.twilio import _CODES, Twilio, TwilioSettings
from tidings.messaging.channels.twilio_signed import signature, taken
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

ACCOUNT, TOKEN = "ACXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "12345-auth-token"
SID = "SM2b1f5c3d4e5f60718293a4b5c6d7e8f9"
URL = "https://tidings.example.org/messages/gateway/1/"


def error(status: int, code: int) -> Reply:
    told = {
        "code": code,
        "message": "…",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Reply(status, json.dumps(told))


def signed(form: dict[str, str], token: str = TOKEN, url: str = URL) -> Incoming:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signature(token, url, form).decode(),
    }
    return Incoming("POST", URL, headers, {}, urlencode(form).encode())


STATUS = {
    "MessageSid": SID,
    "SmsSid": SID,
    "AccountSid": ACCOUNT,
    "From": "+15017122661",
    "To": "+31612345678",
}
WRITTEN = {**STATUS, "From": "+31612345678", "To": "+15017122661", "Body": "Ja, graag!", "NumSegments": "1"}


class TwilioGateway(HttpGateway):
    channel = Twilio
    reference = SID
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_ACCESS
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(
            201, json.dumps({"sid": SID, "status": "queued", "price": None, "num_segments": "1"})
        ),
        Case.REFUSED: error(400, 21211),
        Case.OUR_FAULT: error(401, 20003),
        Case.TOO_MANY: Reply(429, error(429, 20429).body, {"retry-after": "7"}),
    }

    def settings(self, url: str) -> TwilioSettings:
        return TwilioSettings(ACCOUNT, TOKEN, "+15017122661", address=url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        failed = {**STATUS, "MessageStatus": "undelivered", "ErrorCode": "30005"}
        silent = {**STATUS, "MessageStatus": "undelivered", "ErrorCode": "30003"}
        with_port = signature(
            TOKEN, URL.replace(".org/", ".org:443/"), {**STATUS, "MessageStatus": "delivered"}
        )
        ported = signed({**STATUS, "MessageStatus": "delivered"})
        return [
            Callback(
                signed({**STATUS, "MessageStatus": "delivered"}),
                Outcome.DELIVERED,
                SID,
                said_back=b"<Response>",
            ),
            Callback(
                Incoming("POST", URL, {"x-twilio-signature": with_port.decode()}, {}, ported.body),
                Outcome.DELIVERED,
                SID,
            ),
            Callback(signed(failed), Outcome.REFUSED, SID, reason=Reason.UNKNOWN_NUMBER),
            Callback(signed(silent), Outcome.REFUSED, SID, reason=Reason.EXPIRED),
            Callback(signed({**STATUS, "MessageStatus": "sent"})),
            Callback(signed(WRITTEN), text="Ja, graag!"),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        delivered = {**STATUS, "MessageStatus": "delivered"}
        good = signed(delivered)
        return [
            signed(delivered, token="another-token"),
            signed(delivered, url="https://evil.example.org/"),
            Incoming("POST", URL, good.headers, {}, good.body.replace(b"delivered", b"undelivered")),
            Incoming("POST", URL, {}, {}, good.body),
        ]


def test_the_signature_is_the_documents_own() -> None:
    """The worked example of "Validate signatures", as it also stands in Twilio's libraries' tests."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
    }
    form["To"] = "+18005551212"
    assert (
        signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
        == b"0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    )


def test_a_channel_without_a_token_believes_nobody() -> None:
    from tidings.messaging.channels.base import Forged

    channel = Twilio(TwilioSettings(ACCOUNT))
    with pytest.raises(Forged):
        channel.receive(signed({**STATUS, "MessageStatus": "delivered"}, token=""))


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (400, 21610, Undeliverable, Reason.OPTED_OUT),
        (400, 21614, Undeliverable, Reason.UNSENDABLE),
        (400, 21408, Undeliverable, Reason.NO_ROUTE),
        (400, 21606, OurFault, Reason.NOT_REGISTERED),
        (403, 20005, OurFault, Reason.NO_ACCESS),
        (400, 21611, TryLater, Reason.RATE),
        (400, 99999, OurFault, Reason.PROTOCOL),
        (503, 20503, TryLater, Reason.BUSY),
    ],
)
def test_what_a_code_means(status: int, code: int, kind: type[Exception], reason: Reason) -> None:
    body = error(status, code).body
    with pytest.raises(kind) as raised:
        taken(TwilioGateway().outgoing(), HttpAnswer(status, {}, str(body).encode()), _CODES)
    assert raised.value.facts["reason"] == reason  # type: ignore[attr-defined]


async def test_what_goes_over_the_wire() -> None:
    gateway = TwilioGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        settings = TwilioSettings(ACCOUNT, TOKEN, messaging_service="MG1", address=f"{service.url}/")
        outgoing = gateway.outgoing(address="0031 6 12345678", short="Één & twee+drie")
        await Twilio(settings, net).send(outgoing)
        await net.close()
        request = service.requests[0]
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert request.form == {
        "To": "+31612345678",
        "Body": "Één & twee+drie",
        "MessagingServiceSid": "MG1",
        "StatusCallback": outgoing.callback,
    }


@pytest.mark.parametrize("address", ["0612345678", "info@example.org", ""])
async def test_what_is_no_whole_number_is_never_sent(address: str) -> None:
    channel = Twilio(TwilioSettings(ACCOUNT, TOKEN, "+15017122661"))
    with pytest.raises(Undeliverable) as raised:
        await channel.send(TwilioGateway().outgoing(address=address))
    assert raised.value.facts["reason"] == Reason.UNSENDABLE
