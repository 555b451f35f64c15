"""Messages by a Telegram bot. Its address is the chat's number, which the bot tells whoever starts it.

core.telegram.org, "Bot API" 9: "Making requests", "ResponseParameters", "sendMessage", "setWebhook", "CallbackQuery", "Making
requests when getting updates"; texts of errors as they come (its document calls them subject to change). Read 2026-12.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    HttpAnswer,
    Incoming,
    Limits,
    Net,
    Outgoing,
    Receipt,
    secret,
)
from tidings.messaging.channels.refusing import (
    LONGEST_WAIT,
    in_doubt,
    moment_of,
    not_now,
    object_of,
    our_fault,
    post_json,
    refuse_by_status,
    undeliverable,
    wait_of,
)
from tidings.messaging.channels.texting import check_same, objects_in, uuid_of
from tidings.messaging.channels.writing import chat_of, fitting, own_words
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = (
    ("bot was blocked", Reason.OPTED_OUT),
    ("bot was kicked", Reason.OPTED_OUT),
    ("can't initiate conversation", Reason.OPTED_OUT),
    ("is not a member", Reason.OPTED_OUT),
    ("user is deactivated", Reason.DISABLED),
    ("group chat was deleted", Reason.DISABLED),
    ("group is deactivated", Reason.DISABLED),
    ("chat not found", Reason.UNSENDABLE),
    ("user not found", Reason.UNSENDABLE),
    ("peer_id_invalid", Reason.UNSENDABLE),
    ("chat_id is empty", Reason.UNSENDABLE),
    ("not enough rights", Reason.OPTED_OUT),
    ("chat_write_forbidden", Reason.OPTED_OUT),
)
_OURS = (("message is too long", Reason.TOO_BIG), ("message text is empty", Reason.PROTOCOL))


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`token` as BotFather gives it; `secret` is a word of ours (A–Z, a–z, 0–9, _ and -) that Telegram sends back with whatever it
    tells us."""

    token: str = secret()
    secret: str = secret()
    address: str = "https://api.telegram.org"


class Telegram(Channel):
    """One request per message, with a button under it that says "I have it"."""

    code: ClassVar[str] = "telegram"
    rung: ClassVar[str] = "telegram"
    Settings = TelegramSettings
    limits: ClassVar[Limits] = Limits(longest=4096, subject=False)

    settings: TelegramSettings

    def __init__(self, settings: TelegramSettings, net: Net | None = None) -> None:
        super().__init__(settings, net)
        self._told = ""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. A group that became a larger one is written to under its new number."""
        chat, text = chat_of(outgoing), fitting(self.limits, outgoing)
        await self._tell_where(outgoing.callback)
        answer = await self._send(outgoing, chat, text)
        moved = _parameters(object_of(answer)).get("migrate_to_chat_id")
        if moved:
            answer = await self._send(outgoing, str(moved), text)
        return _taken(outgoing, answer)

    async def _send(self, outgoing: Outgoing, chat: str, text: str) -> HttpAnswer:
        said: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
        if outgoing.callback:
            label = own_words(outgoing.language).say("chat.have_it")
            button = {"text": label, "callback_data": str(outgoing.delivery_id)}
            said["reply_markup"] = {"inline_keyboard": [[button]]}
        return await self._ask("sendMessage", said)

    async def _tell_where(self, callback: str) -> None:
        """Tells the service once per process where we hear it; a message goes also where that fails."""
        if not callback or callback == self._told:
            return
        self._told = callback
        told = {"url": callback, "secret_token": self.settings.secret}
        try:
            await self._ask("setWebhook", {**told, "allowed_updates": ["message", "callback_query"]})
        except TidingsError:
            self._told = ""

    async def _ask(self, method: str, said: Mapping[str, Any]) -> HttpAnswer:
        address = f"{self.settings.address.rstrip('/')}/bot{self.settings.token}/{method}"
        return await post_json(self.net, address, said)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """A pressed button, or what somebody wrote to the bot. Starting it is no answer."""
        update = self._checked(came)
        pressed, written = update.get("callback_query"), update.get("message")
        if isinstance(pressed, dict):
            return _pressed(pressed)
        if not isinstance(written, dict) or _starts(written):
            return ()
        chat, text = _chat(written), written.get("text") or written.get("caption") or ""
        if not chat or not isinstance(text, str):
            return ()
        reference = f"{chat}:{written.get('message_id', '')}"
        return [Answer(None, chat, text, moment_of(written.get("date")), reference)]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """Whoever starts the bot reads the chat's number; whoever pressed the button reads our thanks."""
        update = self._checked(came)
        pressed, written = update.get("callback_query"), update.get("message")
        said: dict[str, Any] = {}
        if isinstance(pressed, dict):
            words = own_words(_language(pressed))
            query = str(pressed.get("id", ""))
            said = {
                "method": "answerCallbackQuery",
                "callback_query_id": query,
                "text": words.say("chat.thanks"),
            }
        elif isinstance(written, dict) and _starts(written) and _chat(written):
            told = own_words(_language(written)).say("chat.your_id", id=_chat(written))
            said = {"method": "sendMessage", "chat_id": _chat(written), "text": told}
        return "application/json", json.dumps(said, ensure_ascii=False).encode()

    def _checked(self, came: Incoming) -> Mapping[str, Any]:
        check_same(came.headers.get("x-telegram-bot-api-secret-token", ""), self.settings.secret)
        return next(iter(objects_in(came.body)), {})


def _pressed(pressed: Mapping[str, Any]) -> Sequence[Answer]:
    message = pressed.get("message")
    chat = _chat(message) if isinstance(message, dict) else ""
    delivery_id = uuid_of(pressed.get("data"))
    if not chat or delivery_id is None:
        return ()
    label = own_words(_language(pressed)).say("chat.have_it")
    return [Answer(delivery_id, chat, label, now(), str(pressed.get("id", "")), confirms=True)]


def _chat(message: Mapping[str, Any]) -> str:
    chat = message.get("chat")
    return str(chat.get("id", "")) if isinstance(chat, dict) else ""


def _starts(message: Mapping[str, Any]) -> bool:
    return str(message.get("text", "")).startswith("/start")


def _language(update: Mapping[str, Any]) -> str:
    sender = update.get("from")
    code = str(sender.get("language_code", "en")) if isinstance(sender, dict) else "en"
    return "zh-hans" if code.startswith("zh") else code.partition("-")[0]


def _parameters(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    given = kept.get("parameters")
    return given if isinstance(given, dict) else {}


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    if kept.get("ok") is False:
        _refuse(str(kept.get("description", "")), answer, kept)
    if not 200 <= answer.status < 300:
        refuse_by_status(answer)
    result = kept.get("result")
    message = result.get("message_id") if isinstance(result, dict) else None
    if kept.get("ok") is not True or not isinstance(result, dict) or not message:
        raise in_doubt("no message in the answer")
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), f"{_chat(result)}:{message}")


def _refuse(said: str, answer: HttpAnswer, kept: Mapping[str, Any]) -> None:
    """Raises what a refusal means; the service's words hold no address. Returns where its status says enough."""
    if answer.status == 429:
        wait = _parameters(kept).get("retry_after")
        seconds = min(float(wait), LONGEST_WAIT) if isinstance(wait, int) and wait > 0 else wait_of(answer)
        raise not_now("429", seconds=seconds, reason=Reason.RATE)
    lower = said.lower()
    for part, reason in _ADDRESS:
        if part in lower:
            raise undeliverable(reason, part)
    for part, reason in _OURS:
        if part in lower:
            raise our_fault(reason, part)
    if answer.status == 403:
        raise undeliverable(Reason.OPTED_OUT, "forbidden")
