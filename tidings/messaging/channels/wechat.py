"""Messages by a WeChat official account (公众号): approved templates to its followers. An address is the follower's openid.

developers.weixin.qq.com, 公众号: "获取稳定版接口调用凭据" (stable_token), "模板消息" (template/send, TEMPLATESENDJOBFINISH),
"订阅通知" (subscribe/bizsend, subscribe_msg_sent_event), "全局返回码"; read 2026-12. Every process gets the same stable token, so
that none takes it from another.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    HttpAnswer,
    Incoming,
    Limits,
    Net,
    Outgoing,
    Receipt,
    Registered,
    chosen,
    secret,
)
from tidings.messaging.channels.refusing import (
    in_doubt,
    moment_of,
    not_now,
    object_of,
    our_fault,
    post_json,
    refuse_by_status,
    undeliverable,
)
from tidings.messaging.channels.texting import registered_of
from tidings.messaging.channels.wechat_requests import fields_of
from tidings.messaging.channels.writing import openid_of
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    40003: Reason.UNSENDABLE,  # no openid of this account
    43004: Reason.OPTED_OUT,  # follows no longer
    43019: Reason.OPTED_OUT,  # on the account's black list
    43101: Reason.OPTED_OUT,  # refuses these messages
    50005: Reason.OPTED_OUT,
}
_OURS = {
    **dict.fromkeys((40001, 40002, 40013, 40014, 40125, 40164, 40243, 41001, 42001), Reason.NO_ACCESS),
    **dict.fromkeys((48001, 48002, 48004, 48006, 50001, 50002, 61024, 89503), Reason.NO_ACCESS),
    **dict.fromkeys((40037, 41028, 43107, 43108, 45027, 47003), Reason.NOT_REGISTERED),
    45009: Reason.RATE,  # the day's quota is used up
    45002: Reason.TOO_BIG,
    87014: Reason.CONTENT,
}
_STALE = frozenset({40001, 40014, 42001})
_MINUTE = 60.0
_SPARE = 300.0
_SENDS = {"template": "/cgi-bin/message/template/send", "subscribe": "/cgi-bin/message/subscribe/bizsend"}
_BLOCKED = "user block"


@dataclass(frozen=True, slots=True)
class WechatSettings:
    """`token` is our own word in the account's server settings, `aes_key` its EncodingAESKey: with it only encrypted requests are
    believed. `form`: template messages (模板消息) or subscribed notices (订阅通知)."""

    app_id: str
    app_secret: str = secret()
    token: str = secret()
    aes_key: str = secret()
    form: str = chosen("template", "subscribe")
    address: str = "https://api.weixin.qq.com"


class Wechat(Channel):
    """One request per message, under an access token that is renewed in time; only templates that were approved go."""

    code: ClassVar[str] = "wechat"
    rung: ClassVar[str] = "wechat"
    Settings = WechatSettings
    limits: ClassVar[Limits] = Limits(subject=False, registered_only=True)

    settings: WechatSettings

    def __init__(self, settings: WechatSettings, net: Net | None = None) -> None:
        super().__init__(settings, net)
        self._token, self._until = "", 0.0
        self._asking = asyncio.Lock()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. Within ten minutes a repeat is known by our id."""
        form, openid = registered_of(outgoing), openid_of(outgoing)
        token = await self._access()
        answer = await self._send(outgoing, openid, form, token)
        if object_of(answer).get("errcode") in _STALE:
            answer = await self._send(outgoing, openid, form, await self._access(instead_of=token))
        return _taken(outgoing, answer)

    async def _send(self, outgoing: Outgoing, openid: str, form: Registered, token: str) -> HttpAnswer:
        said: dict[str, Any] = {
            "touser": openid,
            "template_id": form.template,
            "data": {name: {"value": value} for name, value in form.fields.items()},
        }
        if self.settings.form == "template":
            said |= {"url": outgoing.link, "client_msg_id": outgoing.delivery_id.hex}
        elif outgoing.link:
            said["page"] = outgoing.link
        path = f"{_SENDS[self.settings.form]}?access_token={quote(token, safe='')}"
        return await self._ask(path, said)

    async def _access(self, instead_of: str = "") -> str:
        """The access token; one that is refused, `instead_of`, is replaced once. Raises OurFault, TryLater."""
        async with self._asking:
            if self._token and self._token != instead_of and time.monotonic() < self._until:
                return self._token
            kept = await self._new_token(by_force=False)
            if instead_of and kept.get("access_token") == instead_of:
                kept = await self._new_token(by_force=True)
            token, seconds = kept.get("access_token"), kept.get("expires_in")
            if not isinstance(token, str) or not isinstance(seconds, int):
                _refuse(kept.get("errcode"))
                raise not_now("no access token")
            self._token, self._until = token, time.monotonic() + max(seconds - _SPARE, _MINUTE)
            return token

    async def _new_token(self, *, by_force: bool) -> Mapping[str, Any]:
        who = {"appid": self.settings.app_id, "secret": self.settings.app_secret, "force_refresh": by_force}
        answer = await self._ask("/cgi-bin/stable_token", {"grant_type": "client_credential", **who})
        refuse_by_status(answer)
        return object_of(answer)

    async def _ask(self, path: str, said: Mapping[str, Any]) -> HttpAnswer:
        return await post_json(self.net, f"{self.settings.address.rstrip('/')}{path}", said)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """What became of a message, or what a follower wrote."""
        told = fields_of(came, self.settings.token, self.settings.aes_key)
        if told.get("MsgType") == "event":
            return _became(told)
        if not told.get("FromUserName") or not told.get("MsgType"):
            return ()
        text = told.get("Content") or told.get("Recognition") or f"[{told['MsgType']}]"
        at, reference = moment_of(told.get("CreateTime")), told.get("MsgId", "")
        return [Answer(None, told["FromUserName"], text, at, reference)]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """The handshake's own text back, or the word without which it tells us again."""
        fields_of(came, self.settings.token, self.settings.aes_key)
        if came.method == "GET":
            given = came.query.get("echostr", "")
            return "text/plain", given.encode() if given.isascii() and given.isalnum() else b""
        return "text/plain", b"success"


def _became(told: Mapping[str, str]) -> Sequence[Receipt]:
    """The end of a message: received, refused by the follower's settings, or failed on their side."""
    event, at = told.get("Event", ""), moment_of(told.get("CreateTime"))
    reference = told.get("MsgID") or told.get("MsgId", "")
    said = {
        "TEMPLATESENDJOBFINISH": told.get("Status", ""),
        "subscribe_msg_sent_event": told.get("ErrorStatus", ""),
    }
    word = said.get(event, "")
    if not word or not reference:
        return ()
    if word == "success":
        return [Receipt(None, Outcome.DELIVERED, at, reference, word)]
    refuses = _BLOCKED in word or told.get("ErrorCode") in ("43101", "43004")
    reason = Reason.OPTED_OUT if refuses else Reason.EXPIRED
    return [Receipt(None, Outcome.REFUSED, at, reference, word[:80], reason)]


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    refuse_by_status(answer)
    code = kept.get("errcode")
    _refuse(code)
    if code != 0:
        raise in_doubt("no code in the answer")
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), str(kept.get("msgid") or ""))


def _refuse(code: object) -> None:
    """Raises what a code means; returns for 0 and for none. One that is unknown is our fault."""
    if not isinstance(code, int) or code == 0:
        return
    if code in _ADDRESS:
        raise undeliverable(_ADDRESS[code], str(code))
    if code == 45011:  # too many in this minute
        raise not_now(str(code), seconds=_MINUTE, reason=Reason.RATE)
    if code == -1:
        raise not_now(str(code))
    raise our_fault(_OURS.get(code, Reason.PROTOCOL), str(code))
