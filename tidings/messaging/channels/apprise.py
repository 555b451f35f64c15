"""The long tail: groups and apps of services whose hosts are fixed, by the apprise library. An address is its URL for one of them.

github.com/caronc/apprise 2.2.0, plugins of the table below (`notify_url` of each); read 2026-12-01. It answers yes or no and
nothing more. A URL may name a host, a file or a template to read for other services, and in options: so only services of the
table are made, and a URL with options is none.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tidings.kernel.clock import now
from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import Channel, Limits, Outgoing, Receipt
from tidings.messaging.channels.refusing import in_doubt, undeliverable
from tidings.messaging.channels.writing import fitting
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

HOSTS: Mapping[str, str] = {
    "dingtalk": "oapi.dingtalk.com",
    "discord": "discord.com",
    "feishu": "open.feishu.cn",
    "lark": "open.larksuite.com",
    "line": "api.line.me",
    "pover": "api.pushover.net",
    "prowl": "api.prowlapp.com",
    "threema": "msgapi.threema.ch",
    "viber": "chatapi.viber.com",
}
"""Scheme of a URL → the only host that its service is reached at."""

_URL = re.compile(r"([a-z]+)://[A-Za-z0-9_.:@/*=+-]+")
_CONNECT_SECONDS, _SECONDS = 5.0, 30.0
_TELLS_TOO_MUCH = ("apprise", "urllib3")
"""Loggers that write addresses, tokens and whole texts down."""


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    """`address`: a gateway of the firm's own in place of every service's host, such as http://out.intern:8080; empty: none."""

    address: str = ""


class Apprise(Channel):
    """One message per call of the library, in a thread. A yes is handed over; a no may be anything, so it is a doubt."""

    code: ClassVar[str] = "apprise"
    rung: ClassVar[str] = "other"
    Settings = AppriseSettings
    limits: ClassVar[Limits] = Limits(longest=1000)

    settings: AppriseSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`."""
        plugin, text = self._made(outgoing), fitting(self.limits, outgoing)
        await self._is_there(plugin)
        asked = asyncio.to_thread(plugin.notify, body=text, title=outgoing.subject)
        yes = False
        with suppress(TimeoutError):
            yes = bool(await asyncio.wait_for(asked, _SECONDS))
        if not yes:
            raise in_doubt("the library said no")
        return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now())

    def _made(self, outgoing: Outgoing) -> Any:
        """The library's object for an address. Raises Undeliverable(reason=unsendable) for what is not in the table."""
        import apprise  # here: it takes 0.7 s, and few firms use it

        given = outgoing.address.strip()
        known = _URL.fullmatch(given)
        if known is None or known[1] not in HOSTS:
            raise undeliverable(Reason.UNSENDABLE, "no such service")
        for name in _TELLS_TOO_MUCH:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, storage_mode="memory")
        plugin: Any = apprise.Apprise.instantiate(given, asset=asset, suppress_exceptions=True)
        if plugin is None or urlsplit(plugin.notify_url).hostname != HOSTS[known[1]]:
            raise undeliverable(Reason.UNSENDABLE, "no such service")
        plugin.request_rate_per_sec = 0
        if self.settings.address:
            own = urlsplit(self.settings.address)
            plugin.notify_url = (
                urlsplit(plugin.notify_url)._replace(scheme=own.scheme, netloc=own.netloc).geturl()
            )
        return plugin

    async def _is_there(self, plugin: Any) -> None:
        """Raises TryLater where the service is not reached: nothing has left then, which the library does not tell apart."""
        target = urlsplit(plugin.notify_url)
        host, port = target.hostname or "", target.port or (443 if target.scheme == "https" else 80)
        addresses = await self.net.addresses(host, port)
        try:
            opening = asyncio.open_connection(addresses[0], port)
            _, writer = await asyncio.wait_for(opening, _CONNECT_SECONDS)
        except (OSError, TimeoutError):
            raise TryLater("outbound.no_answer", host=host) from None
        writer.close()
