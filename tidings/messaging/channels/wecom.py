"""Messages to a group in WeCom (企业微信) by the group's own robot, for account customers. Its address is the robot's key.

developer.work.weixin.qq.com, "群机器人配置说明" (path 91770: text at most 2,048 bytes, markdown 4,096, 20 messages a minute
per robot) and "全局错误码" (path 90313); read 2026-12.
"""

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from tidings.kernel.clock import now
from tidings.messaging.channels.base import Channel, HttpAnswer, Limits, Outgoing, Receipt, chosen
from tidings.messaging.channels.refusing import (
    in_doubt,
    not_now,
    object_of,
    our_fault,
    post_json,
    refuse_by_status,
    undeliverable,
)
from tidings.messaging.channels.writing import fitting
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    93000: Reason.UNSENDABLE,  # no such robot, or its key is no longer valid
    93004: Reason.DISABLED,  # the robot is stopped
    93008: Reason.DISABLED,  # the robot is no longer in the group
    93017: Reason.DISABLED,
}
_OURS = {40008: Reason.PROTOCOL, 40058: Reason.PROTOCOL, 44004: Reason.PROTOCOL, 45002: Reason.TOO_BIG}
_MINUTE = 60.0
_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


@dataclass(frozen=True, slots=True)
class WecomSettings:
    """`form`: how the groups show it."""

    form: str = chosen("text", "markdown")
    address: str = "https://qyapi.weixin.qq.com"


class Wecom(Channel):
    """One request per message. What the robot took stands in the group at once: accepted."""

    code: ClassVar[str] = "wecom"
    rung: ClassVar[str] = "wecom"
    Settings = WecomSettings
    limits: ClassVar[Limits] = Limits(longest=2048, subject=False)

    settings: WecomSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. The limit counts bytes."""
        key, text = _key(outgoing), fitting(self.limits, outgoing, _octets)
        form = self.settings.form
        said = {"msgtype": form, form: {"content": text}}
        address = f"{self.settings.address.rstrip('/')}/cgi-bin/webhook/send?key={quote(key, safe='')}"
        return _taken(outgoing, await post_json(self.net, address, said))


def _octets(text: str) -> int:
    return len(text.encode())


def _key(outgoing: Outgoing) -> str:
    """The robot's key, of the key alone or of its whole address; the host in it is not looked at."""
    given = outgoing.address.strip()
    key = parse_qs(urlsplit(given).query).get("key", [""])[0] if "?" in given else given
    if not _KEY.fullmatch(key):
        raise undeliverable(Reason.UNSENDABLE, "no key of a robot")
    return key


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    refuse_by_status(answer)
    code = kept.get("errcode")
    if not isinstance(code, int):
        raise in_doubt("no code in the answer")
    if code:
        _refuse(code)
    return Receipt(outgoing.delivery_id, Outcome.ACCEPTED, now())


def _refuse(code: int) -> None:
    """Raises what a code means. One that is unknown is our fault: such a request is not taken unchanged."""
    if code in _ADDRESS:
        raise undeliverable(_ADDRESS[code], str(code))
    if code in (45009, 45033):  # this robot's own limit; others go on
        raise not_now(str(code), seconds=_MINUTE, reason=Reason.RATE)
    if code in (-1, 50001):
        raise not_now(str(code))
    raise our_fault(_OURS.get(code, Reason.PROTOCOL), str(code))
