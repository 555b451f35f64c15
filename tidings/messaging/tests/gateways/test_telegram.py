"""Telegram before the table of cases, as its document says it answers ("Bot API": "Making requests", "ResponseParameters",
"Update", "CallbackQuery"; read 2026-12).
"""

import json
from typing import Any, ClassVar
from uuid import UUID

import pytest

from tidings.messaging.channels.base import Channel, HttpAnswer, Incoming, OurFault, Undeliverable
from tidings.messaging.channels.telegram import Telegram, TelegramSettings, _taken
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Callback, Case, HttpGateway
from tidings.messaging.tests.gateways.http import Reply, Request
from tidings.worker.net import OutboundNet

KEY = "a-word-of-ours"
CHAT = {"id": 1111111, "type": "private", "first_name": "Zoë"}
WHO = {"id": 1111111, "is_bot": False, "first_name": "Zoë", "language_code": "nl"}
OURS = UUID("01890000-0000-7000-8000-000000000001")
URL = "https://tidings.example.org/messages/gateway/1/"


def failed(status: int, description: str, **parameters: int) -> Reply:
    told: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        told["parameters"] = parameters
    return Reply(status, json.dumps(told))


def updated(key: str = KEY, **update: Any) -> Incoming:
    headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": key}
    return Incoming("POST", URL, headers, {}, json.dumps({"update_id": 10000, **update}).encode())


def written(text: str) -> dict[str, Any]:
    return {"message_id": 1365, "date": 1441645532, "chat": CHAT, "from": WHO, "text": text}


def pressed(data: str = str(OURS)) -> dict[str, Any]:
    return {
        "id": "4382bfdwdsb323b2d9",
        "from": WHO,
        "message": written("…"),
        "chat_instance": "1",
        "data": data,
    }


class TelegramGateway(HttpGateway):
    channel = Telegram
    reference = "1111111:42"
    address = "1111111"
    refused_for = Reason.OPTED_OUT
    blamed_for = Reason.NO_ACCESS
    answers: ClassVar[dict[Case, Reply]] = {
        Case.ACCEPTED: Reply(
            200,
            json.dumps(
                {"ok": True, "result": {"message_id": 42, "date": 1441645532, "chat": CHAT, "text": "…"}}
            ),
        ),
        Case.REFUSED: failed(403, "Forbidden: bot was blocked by the user"),
        Case.OUR_FAULT: failed(401, "Unauthorized"),
        Case.TOO_MANY: failed(429, "Too Many Requests: retry after 7", retry_after=7),
        Case.SERVER_ERROR: failed(502, "Bad Gateway"),
    }

    def before(self, request: Request) -> Reply | None:
        return Reply(200, '{"ok": true, "result": true}') if request.path.endswith("/setWebhook") else None

    def settings(self, url: str) -> TelegramSettings:
        return TelegramSettings("123456:ABC-DEF1234ghIkl", KEY, url)

    def callbacks(self, channel: Channel) -> list[Callback]:
        thanks = b'{"method": "answerCallbackQuery"'
        return [
            Callback(
                updated(callback_query=pressed()),
                delivery_id=OURS,
                text="Ik heb dit gelezen",
                confirms=True,
                said_back=thanks,
            ),
            Callback(updated(message=written("Bel mij")), text="Bel mij"),
            Callback(
                updated(message=written("/start")),
                said_back=b'{"method": "sendMessage", "chat_id": "1111111"',
            ),
            Callback(updated(callback_query=pressed("nonsense"))),
            Callback(updated(poll={"id": "1"}), said_back=b"{}"),
        ]

    def forged(self, channel: Channel) -> list[Incoming]:
        good = updated(callback_query=pressed())
        return [updated("another-word", callback_query=pressed()), Incoming("POST", URL, {}, {}, good.body)]


async def said(*cases: Reply, times: int = 1, **given: Any) -> list[Request]:
    """What goes over the wire, where the service answers so in turn, and then as ever."""
    gateway, turn = TelegramGateway(), list(cases)
    ever = gateway.answers[Case.ACCEPTED]
    gateway.answer = lambda case, request: turn.pop(0) if turn else ever  # type: ignore[method-assign]
    async with gateway.playing(Case.ACCEPTED) as service:
        net = OutboundNet(allow=["127.0.0.1"])
        channel = Telegram(gateway.settings(service.url), net)
        for _ in range(times):
            await channel.send(gateway.outgoing(**given))
        await net.close()
        return list(service._server.requests)


async def test_where_we_hear_it_is_told_once_and_then_the_message_goes() -> None:
    told, first, second = await said(times=2)
    assert told.path == "/bot123456:ABC-DEF1234ghIkl/setWebhook"
    assert json.loads(told.body) == {
        "url": URL,
        "secret_token": KEY,
        "allowed_updates": ["message", "callback_query"],
    }
    message = json.loads(first.body)
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "Ik heb dit gelezen"
    assert (message["chat_id"], message["text"]) == ("1111111", "Uw zending komt later.\n\nWij bellen u.")
    assert json.loads(second.body)["chat_id"] == "1111111"


async def test_where_nothing_can_be_heard_no_button_is_shown() -> None:
    (request,) = await said(callback="")
    assert "reply_markup" not in json.loads(request.body)


async def test_a_text_too_long_goes_in_its_short_form_with_the_readers_page() -> None:
    (request,) = await said(callback="", text="x" * 5000)
    assert json.loads(request.body)["text"] == (
        "Uw zending komt later. Wij bellen u.\nhttps://status.example.org/s/abc"
    )


async def test_a_group_that_moved_is_written_to_under_its_new_number() -> None:
    moved = failed(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-100123
    )
    first, second = await said(moved, callback="", address="-123")
    assert [json.loads(one.body)["chat_id"] for one in (first, second)] == ["-123", "-100123"]


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (failed(400, "Bad Request: chat not found"), Undeliverable, Reason.UNSENDABLE),
        (failed(403, "Forbidden: user is deactivated"), Undeliverable, Reason.DISABLED),
        (failed(403, "Forbidden: something new"), Undeliverable, Reason.OPTED_OUT),
        (failed(400, "Bad Request: message is too long"), OurFault, Reason.TOO_BIG),
        (failed(404, "Not Found"), OurFault, Reason.NO_ACCESS),
        (failed(400, "Bad Request: something new"), OurFault, Reason.PROTOCOL),
    ],
)
def test_what_a_refusal_means(reply: Reply, kind: type[Exception], reason: Reason) -> None:
    with pytest.raises(kind) as raised:
        _taken(TelegramGateway().outgoing(), HttpAnswer(reply.status, {}, str(reply.body).encode()))
    assert raised.value.facts["reason"] == reason  # type: ignore[attr-defined]


async def test_what_is_no_number_of_a_chat_is_never_sent() -> None:
    with pytest.raises(Undeliverable):
        await Telegram(TelegramGateway().settings("")).send(
            TelegramGateway().outgoing(address="zoë@example.org")
        )
