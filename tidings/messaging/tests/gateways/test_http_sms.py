"""The generic gateway before the table of cases: described by settings as three real kinds of gateway are (JSON with a bearer's
token, a form, a GET with text for an answer).
"""

import json
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID
from xml.etree import ElementTree

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, InDoubt, OurFault, Undeliverable
from tidings.messaging.channels.http_sms import HttpSms, HttpSmsSettings
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request, serving
from tidings.worker.net import OutboundNet

KEY = "key-in-the-callback"
URL = "https://tidings.example.org/messages/gateway/1/"
OURS = UUID("01890000-0000-7000-8000-000000000001")


def said(status: str, **more: str) -> str:
    return json.dumps({"messages": [{"status": status, **more}]})


class HttpSmsGateway(HttpGateway):
    channel = HttpSms
    reference = "m-1"
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_CREDIT
    honours_key = True
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(200, said("0", id="m-1")),
        Case.REFUSED: Reply(200, said("105")),
        Case.OUR_FAULT: Reply(200, said("7")),
    }

    def settings(self, url: str) -> HttpSmsSettings:
        return HttpSmsSettings(
            f"{url}/sms/json",
            body='{"to": "{digits}", "from": "{from}", "text": "{text}", "report": "{callback}"}',
            body_as="json",
            headers="Authorization: Bearer {password}\n\nX-User: {user}\nnonsense",
            user="parcel",
            password="token-of-parcel",
            sender="Parcel",
            key_header="Idempotency-Key",
            reference="messages.0.id",
            status="messages.0.status",
            accepted="0, ok",
            codes="105 = refused unknown_number\n7=ours no_credit\n11 = later rate\nUNDELIV = refused unknown_number\n?",
            callback_key=KEY,
            receipt_reference="msgid",
            receipt_status="stat",
            receipt_delivered="DELIVRD",
            receipt_failed="UNDELIV, EXPIRED",
            answer_from="msisdn",
            answer_text="text",
        )

    def key_in(self, request: Request) -> str:
        return request.headers.get("idempotency-key", "")

    def callbacks(self, channel: Channel) -> list[Callback]:
        return [
            Callback(got(msgid="m-1", stat="DELIVRD"), Outcome.DELIVERED, "m-1", said_back=b"OK"),
            Callback(got(msgid=str(OURS), stat="delivrd"), Outcome.DELIVERED, str(OURS), OURS),
            Callback(
                posted("form", msgid="m-1", stat="EXPIRED"), Outcome.REFUSED, "m-1", reason=Reason.EXPIRED
            ),
            Callback(
                posted("json", msgid="m-1", stat="UNDELIV"),
                Outcome.REFUSED,
                "m-1",
                reason=Reason.UNKNOWN_NUMBER,
            ),
            Callback(got(msgid="m-1", stat="ENROUTE")),
            Callback(got(msisdn="31612345678", text="Ja & graag"), text="Ja & graag"),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        told = {"msgid": "m-1", "stat": "DELIVRD"}
        return [got(**told, key="another"), Incoming("GET", URL, {}, told, b"")]


def got(**told: str) -> Incoming:
    query = {"key": KEY, **told}
    return Incoming("GET", f"{URL}?{urlencode(query)}", {}, query, b"")


def posted(kind: str, **told: str) -> Incoming:
    body = urlencode(told) if kind == "form" else json.dumps(told)
    return Incoming("POST", f"{URL}?key={KEY}", {}, {"key": KEY}, body.encode())


async def sent(settings: HttpSmsSettings, **outgoing: Any) -> Request:
    gateway = HttpSmsGateway()
    async with serving(lambda _: Reply(200, "OK: 4711; queued")) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        address = f"{service.url}{settings.address}"
        receipt = await HttpSms(replace(settings, address=address), net).send(gateway.outgoing(**outgoing))
        await net.close()
    assert receipt.reference == "4711"
    return service.requests[0]


AWKWARD = 'Één & twee = 3? "ja"\n{to} \\ 😀'


async def test_a_get_with_everything_in_its_address() -> None:
    settings = HttpSmsSettings(
        "/send?u={user}&p={password}&to={to}&text={text}",
        method="GET",
        user="a&b",
        password="p=w d+%",
        answer_as="text",
        reference="OK:",
    )
    request = await sent(settings, short=AWKWARD)
    assert request.method == "GET"
    assert request.query == {"u": "a&b", "p": "p=w d+%", "to": "+31612345678", "text": AWKWARD}
    assert (request.body, request.headers.get("content-type")) == (b"", None)


@pytest.mark.parametrize("kind", ["form", "json", "xml", "text"])
async def test_what_a_person_reads_never_ends_the_place_where_it_stands(kind: str) -> None:
    body = {
        "form": "a=1&text={text}&z=2",
        "json": '{"a": 1, "text": "{text}", "z": 2}',
        "xml": "<m><t a='{text}'>{text}</t></m>",
        "text": "<{text}>",
    }[kind]
    settings = HttpSmsSettings("/send", body=body, body_as=kind, answer_as="text", reference="OK:")
    request = await sent(settings, short=AWKWARD)
    if kind == "form":
        assert request.form == {"a": "1", "text": AWKWARD, "z": "2"}
    elif kind == "json":
        assert json.loads(request.body) == {"a": 1, "text": AWKWARD, "z": 2}
    elif kind == "xml":
        (text,) = ElementTree.fromstring(request.body)
        assert text.text == AWKWARD
        assert text.attrib["a"] == AWKWARD.replace("\n", " ")
    else:
        assert request.body.decode() == f"<{AWKWARD}>"


async def test_a_gateway_that_wants_unicode_as_hexadecimals() -> None:
    settings = HttpSmsSettings(
        "/send",
        body="dcs={coding}&msg={hex}&auth={basic}",
        user="u",
        password="secret-1",
        answer_as="text",
        reference="OK:",
    )
    request = await sent(settings, short="收到")
    assert request.form == {"dcs": "8", "msg": "65365230", "auth": "dTpzZWNyZXQtMQ=="}


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, said("11"), TryLater, Reason.RATE),
        (400, said("105"), Undeliverable, Reason.UNKNOWN_NUMBER),
        (200, said("999"), InDoubt, None),
        (200, said("0"), InDoubt, None),
        (200, "[]", InDoubt, None),
        (200, "[" * 100_000, InDoubt, None),
        (403, said("999"), OurFault, Reason.NO_ACCESS),
    ],
)
def test_what_an_answer_means(status: int, body: str, kind: type[Exception], reason: Reason | None) -> None:
    gateway = HttpSmsGateway()
    with pytest.raises(kind) as raised:
        HttpSms(gateway.settings(""))._taken(gateway.outgoing(), HttpAnswer(status, {}, body.encode()))
    assert raised.value.facts.get("reason") == reason  # type: ignore[attr-defined]
