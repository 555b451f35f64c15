"""Calls by Twilio before the table of cases, as its document says it answers ("Call resource", "<Gather>", "Answering machine
detection", "Error and warning dictionary"; read 2026-12).
"""

import json
from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID
from xml.dom.minidom import parseString

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.channels.twilio_signed import signature, taken
from tidings.messaging.channels.voice import _CODES, Voice, VoiceSettings
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

ACCOUNT, TOKEN = "ACXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "12345-auth-token"
CALL = "CA42ed11f93dc08b952027ffbc406d0868"
OURS = UUID("01890000-0000-7000-8000-000000000001")
URL = "https://tidings.example.org/messages/gateway/1/"
WHO = {"CallSid": CALL, "AccountSid": ACCOUNT, "From": "+15017122661", "To": "+31612345678"}


def error(status: int, code: int) -> Reply:
    return Reply(status, json.dumps({"code": code, "message": "…", "status": status}))


def signed(form: dict[str, str], token: str = TOKEN, **query: str) -> Incoming:
    asked = {"delivery": str(OURS), **query}
    url = f"{URL}?{urlencode(asked)}"
    headers = {"x-twilio-signature": signature(token, url, form).decode()}
    return Incoming("POST", url, headers, asked, urlencode(form).encode())


def ended(status: str, **more: str) -> Incoming:
    return signed({**WHO, "CallStatus": status, **more})


def pressed(digits: str, by: str = "human", asked: str = "first", language: str = "nl") -> Incoming:
    form = {**WHO, "CallStatus": "in-progress", "Digits": digits, "AnsweredBy": by}
    return signed(form, asked=asked, language=language)


class VoiceGateway(HttpGateway):
    channel = Voice
    reference = CALL
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_ACCESS
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(201, json.dumps({"sid": CALL, "status": "queued", "price": None})),
        Case.REFUSED: error(400, 21211),
        Case.OUR_FAULT: error(401, 20003),
        Case.TOO_MANY: Reply(429, error(429, 20429).body, {"retry-after": "7"}),
    }

    def settings(self, url: str) -> VoiceSettings:
        return VoiceSettings(ACCOUNT, TOKEN, "+15017122661", address=url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        nobody = {"outcome": Outcome.REFUSED, "reference": CALL, "delivery_id": OURS}
        return [
            Callback(
                pressed("1"),
                text="1",
                confirms=True,
                said_back=b'<Response><Say language="nl-NL">Dank u wel',
            ),
            Callback(pressed(""), Outcome.DELIVERED, CALL, OURS, said_back=b"<Response><Say"),
            Callback(pressed("", by="machine_start")),
            Callback(pressed("5"), said_back=b"<Response><Gather"),
            Callback(pressed("5", asked="again"), said_back=b"<Response><Say"),
            Callback(ended("completed", AnsweredBy="human"), said_back=b"<Response></Response>"),
            Callback(ended("completed", AnsweredBy="machine_start"), reason=Reason.EXPIRED, **nobody),
            Callback(ended("no-answer"), reason=Reason.EXPIRED, **nobody),
            Callback(ended("busy"), reason=Reason.EXPIRED, **nobody),
            Callback(ended("failed", SipResponseCode="503"), reason=Reason.EXPIRED, **nobody),
            Callback(ended("failed", SipResponseCode="404"), reason=Reason.UNKNOWN_NUMBER, **nobody),
            Callback(ended("ringing")),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = pressed("1")
        elsewhere = good.url.replace(str(OURS), str(UUID(int=1)))
        return [
            signed({**WHO, "Digits": "1"}, token="another-token", asked="first"),
            Incoming(
                "POST", elsewhere, good.headers, {**good.query, "delivery": str(UUID(int=1))}, good.body
            ),
            Incoming("POST", good.url, {}, good.query, good.body),
            Incoming("POST", good.url, good.headers, good.query, good.body.replace(b"Digits=1", b"Digits=2")),
        ]


async def script(**given: object) -> str:
    gateway = VoiceGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        await Voice(gateway.settings(service.url), net).send(gateway.outgoing(**given))
        await net.close()
        return str(service.requests[0].form["Twiml"])


async def test_what_goes_over_the_wire() -> None:
    gateway = VoiceGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        outgoing = gateway.outgoing()
        await Voice(gateway.settings(service.url), net).send(outgoing)
        await net.close()
        request = service.requests[0]
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = request.form
    assert form.pop("Twiml")
    assert form == {
        "To": "+31612345678",
        "From": "+15017122661",
        "Timeout": "40",
        "MachineDetection": "Enable",
        "StatusCallback": f"{outgoing.callback}?delivery={outgoing.delivery_id}",
    }


@pytest.mark.parametrize(
    ("language", "voice", "press"),
    [
        ("en", "en-GB", "press 1"),
        ("nl", "nl-NL", "Druk dan op de 1"),
        ("zh-hans", "cmn-CN", "请按数字键 1"),
        ("de", "de-DE", "press 1"),
    ],
)
async def test_the_text_is_read_twice_in_the_readers_language(language: str, voice: str, press: str) -> None:
    said = await script(language=language, short="A < B & “C”")
    document = parseString(said)
    spoken = document.getElementsByTagName("Say")
    assert {one.getAttribute("language") for one in spoken} == {voice}
    heard = [one.firstChild.data for one in spoken]
    assert [("A < B & “C”" in one, press in one) for one in heard] == [
        (True, True),
        (True, True),
        (False, False),
    ]
    asks = document.getElementsByTagName("Gather")
    assert [one.getAttribute("actionOnEmptyResult") for one in asks] == ["", "true"]


async def test_no_page_is_read_out_and_no_key_asked_for_where_none_can_be_told() -> None:
    said = await script(short="Uw zending komt later. Kijk op https://status.example.org/s/abc", callback="")
    assert "Gather" not in said
    assert "https" not in said
    assert said.count("Uw zending komt later.") == 2


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (400, 21215, Undeliverable, Reason.NO_ROUTE),
        (400, 21210, OurFault, Reason.NOT_REGISTERED),
        (400, 99999, OurFault, Reason.PROTOCOL),
        (503, 20503, TryLater, Reason.BUSY),
    ],
)
def test_what_a_code_means(status: int, code: int, kind: type[Exception], reason: Reason) -> None:
    with pytest.raises(kind) as raised:
        taken(
            VoiceGateway().outgoing(), HttpAnswer(status, {}, str(error(status, code).body).encode()), _CODES
        )
    assert raised.value.facts["reason"] == reason  # type: ignore[attr-defined]
