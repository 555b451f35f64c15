"""Messages to a large client's own system: a signed request to its address.

"Standard Webhooks" 1.0.0, sections "Payload structure", "Signature scheme", "Webhook headers", "Delivery success and failure";
github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, read 2026-12-01. Each address has a secret of its own
(section "Additional considerations"), derived from ours, so that one client cannot speak to another in our name.
"""

import json
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging.channels.base import Channel, HttpAnswer, Limits, Outgoing, Receipt, secret
from tidings.messaging.channels.refusing import not_now, undeliverable, wait_of
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.rules.webhooks import WEBHOOK, secret_for, signature

TYPE = "shipment.notice"
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """From `secret` (at least 24 characters) each address gets the secret that its owner checks us with. `plain`: also addresses
    without encryption, for systems in the firm's own network."""

    secret: str = secret()
    plain: bool = False


class Webhook(Channel):
    """One signed request per message. 2xx is the recipient's own system's yes: accepted. Whatever else it answers is its own
    trouble and no fault of ours: it is tried again, and 410 ends it."""

    code: ClassVar[str] = WEBHOOK
    rung: ClassVar[str] = WEBHOOK
    Settings = WebhookSettings
    limits: ClassVar[Limits] = Limits()

    settings: WebhookSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. The delivery's id is the message's: a repeat is known by it."""
        self._check(outgoing.address)
        body, at = _body(outgoing), str(int(now().timestamp()))
        name = f"msg_{outgoing.delivery_id.hex}"
        key = secret_for(self.settings.secret, outgoing.address)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": signature(key, name, at, body),
        }
        try:
            answer = await self.net.request(
                "POST", outgoing.address, headers=headers, content=body, seconds=_SECONDS
            )
        except Refused as refused:  # an address that leads into a network of ours, or nowhere
            raise undeliverable(Reason.UNSENDABLE, refused.code) from None
        return _taken(outgoing, answer)

    def _check(self, address: str) -> None:
        scheme = urlsplit(address).scheme
        if scheme != "https" and not (self.settings.plain and scheme == "http"):
            raise undeliverable(Reason.UNSENDABLE, "not an https address")


def _body(outgoing: Outgoing) -> bytes:
    said = {
        "type": TYPE,
        "timestamp": now().isoformat(),
        "data": {
            "id": str(outgoing.delivery_id),
            "code": outgoing.code,
            "language": outgoing.language,
            "exercise": outgoing.drill,
            "subject": outgoing.subject,
            "text": outgoing.text,
            "short": outgoing.short,
            "link": outgoing.link,
            "shipments": list(outgoing.shipments),
        },
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    if 200 <= answer.status < 300:
        return Receipt(outgoing.delivery_id, Outcome.ACCEPTED, now(), said=f"HTTP {answer.status}")
    said = f"HTTP {answer.status}"
    if answer.status == 410:
        raise undeliverable(Reason.DISABLED, said)
    reason = Reason.RATE if answer.status == 429 else Reason.BUSY
    raise not_now(said, seconds=wait_of(answer), reason=reason)
