"""WhatsApp's Cloud API before the table of cases, as its document says it answers ("Messages API", "Webhooks: messages",
"WhatsApp error codes", "Verification requests"; read 2026-12).
"""

import json
from typing import Any, ClassVar
from uuid import UUID

import pytest

from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import (
    Channel,
    Forged,
    HttpAnswer,
    Incoming,
    OurFault,
    Registered,
    Undeliverable,
)
from tidings.messaging.channels.whatsapp import Whatsapp, WhatsappSettings, _taken, signature
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply
from tidings.worker.net import OutboundNet

WAMID = "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"
SECRET, VERIFY = "app-secret-0123456789", "our-own-word"
OURS = UUID("01890000-0000-7000-8000-000000000001")
URL = "https://tidings.example.org/messages/gateway/1/"


def error(status: int, code: int) -> Reply:
    told = {
        "message": f"(#{code}) …",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
    }
    return Reply(status, json.dumps({"error": told}))


def told(value: dict[str, Any], key: str = SECRET) -> Incoming:
    change = {"value": {"messaging_product": "whatsapp", **value}, "field": "messages"}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}
    body = json.dumps(whole).encode()
    return Incoming("POST", URL, {"x-hub-signature-256": signature(key, body)}, {}, body)


def status(said: str, *codes: int) -> Incoming:
    one: dict[str, Any] = {
        "id": WAMID,
        "status": said,
        "timestamp": "1731705721",
        "recipient_id": "31612345678",
    }
    one["biz_opaque_callback_data"] = str(OURS)
    if codes:
        one["errors"] = [{"code": code, "title": "…"} for code in codes]
    return told({"statuses": [one]})


def wrote(kind: str, content: object) -> Incoming:
    return told(
        {
            "messages": [
                {
                    "from": "31612345678",
                    "id": "wamid.in",
                    "timestamp": "1731705721",
                    "type": kind,
                    kind: content,
                }
            ]
        }
    )


def handshake(word: str = VERIFY, mode: str = "subscribe", challenge: str = "1158201444") -> Incoming:
    query = {"hub.mode": mode, "hub.challenge": challenge, "hub.verify_token": word}
    return Incoming("GET", URL, {}, query, b"")


class WhatsappGateway(HttpGateway):
    channel = Whatsapp
    reference = WAMID
    refused_for = Reason.UNKNOWN_NUMBER
    blamed_for = Reason.NO_ACCESS
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(
            200,
            json.dumps(
                {
                    "messaging_product": "whatsapp",
                    "contacts": [{"input": "31612345678", "wa_id": "31612345678"}],
                    "messages": [{"id": WAMID, "message_status": "accepted"}],
                }
            ),
        ),
        Case.REFUSED: error(400, 131026),
        Case.OUR_FAULT: error(401, 190),
        Case.TOO_MANY: Reply(429, error(429, 130429).body, {"retry-after": "7"}),
        Case.SERVER_ERROR: error(500, 131000),
    }

    def settings(self, url: str) -> WhatsappSettings:
        return WhatsappSettings("106540352242922", "EAAJB-token", VERIFY, SECRET, address=url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        button = {"payload": "yes", "text": "Gelezen"}
        reply = {"type": "button_reply", "button_reply": {"id": "yes", "title": "Gelezen"}}
        return [
            Callback(handshake(), said_back=b"1158201444"),
            Callback(status("sent")),
            Callback(status("delivered"), Outcome.DELIVERED, WAMID, OURS),
            Callback(status("read"), Outcome.DELIVERED, WAMID, OURS),
            Callback(status("failed", 131026), Outcome.REFUSED, WAMID, OURS, Reason.UNKNOWN_NUMBER),
            Callback(status("failed", 131049), Outcome.REFUSED, WAMID, OURS, Reason.RATE),
            Callback(status("failed", 132015), Outcome.REFUSED, WAMID, OURS, Reason.NOT_REGISTERED),
            Callback(status("failed", 424242), Outcome.REFUSED, WAMID, OURS, Reason.EXPIRED),
            Callback(status("failed"), Outcome.REFUSED, WAMID, OURS, Reason.EXPIRED),
            Callback(wrote("text", {"body": "Bel mij"}), text="Bel mij"),
            Callback(wrote("button", button), text="Gelezen", confirms=True),
            Callback(wrote("interactive", reply), text="Gelezen", confirms=True),
            Callback(wrote("image", {"id": "1", "caption": "Kapot"}), text="Kapot"),
            Callback(wrote("reaction", {"emoji": "…"})),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = status("delivered")
        return [
            told({"statuses": []}, key="another-secret"),
            Incoming("POST", URL, good.headers, {}, good.body.replace(b"delivered", b"failed")),
            Incoming("POST", URL, {}, {}, good.body),
            handshake("another-word"),
            handshake(mode="unsubscribe"),
        ]


def test_a_handshake_repeats_no_markup() -> None:
    channel = Whatsapp(WhatsappGateway().settings(""))
    assert channel.answer_to(handshake(challenge="<script>"))[1] == b""
    with pytest.raises(Forged):
        Whatsapp(WhatsappSettings("1")).answer_to(handshake(""))


async def sent(form: Registered) -> Any:
    gateway = WhatsappGateway()
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        await Whatsapp(gateway.settings(service.url), net).send(gateway.outgoing(registered=form))
        await net.close()
        (request,) = service.requests
    assert request.path == "/v24.0/106540352242922/messages"
    assert request.headers["authorization"] == "Bearer EAAJB-token"
    return json.loads(request.body)


async def test_numbered_fields_go_by_place() -> None:
    said = await sent(Registered("late_parcel", "", "nl", {"1": "JJD1\n+ 2", "2": ""}))
    assert (said["to"], said["type"]) == ("31612345678", "template")
    assert said["template"] == {
        "name": "late_parcel",
        "language": {"code": "nl"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "JJD1 + 2"}, {"type": "text", "text": "–"}],
            }
        ],
    }


async def test_named_fields_go_by_name_and_languages_have_the_services_codes() -> None:
    said = await sent(Registered("late_parcel", "", "zh-hans", {"waybill": "JJD1"}))
    assert said["template"]["language"] == {"code": "zh_CN"}
    assert said["template"]["components"][0]["parameters"] == [
        {"type": "text", "text": "JJD1", "parameter_name": "waybill"}
    ]


@pytest.mark.parametrize(
    ("http", "code", "kind", "facts"),
    [
        (400, 131047, OurFault, {"reason": Reason.NOT_REGISTERED}),
        (404, 132001, OurFault, {"reason": Reason.NOT_REGISTERED}),
        (400, 132016, OurFault, {"reason": Reason.NOT_REGISTERED}),
        (400, 131042, OurFault, {"reason": Reason.NO_CREDIT}),
        (403, 299, OurFault, {"reason": Reason.NO_ACCESS}),
        (403, 368, OurFault, {"reason": Reason.REPUTATION}),
        (400, 131050, Undeliverable, {"reason": Reason.OPTED_OUT}),
        (400, 131049, TryLater, {"reason": Reason.RATE, "seconds": 3600.0}),
        (400, 131056, TryLater, {"reason": Reason.RATE, "seconds": 60.0}),
        (503, 2, TryLater, {"reason": Reason.BUSY}),
        (400, 424242, OurFault, {"reason": Reason.PROTOCOL}),
    ],
)
def test_what_a_code_means(http: int, code: int, kind: type[Exception], facts: dict[str, object]) -> None:
    with pytest.raises(kind) as raised:
        _taken(WhatsappGateway().outgoing(), HttpAnswer(http, {}, str(error(http, code).body).encode()))
    assert facts.items() <= raised.value.facts.items()  # type: ignore[attr-defined]
