"""Messages by WhatsApp's Cloud API. Outside the 24 hours after a person's own message only approved templates go, so only they
are sent.

developers.facebook.com, "WhatsApp Business Platform": "Messages API" (template messages), "Webhooks: messages" (statuses, errors,
buttons), "WhatsApp error codes" (updated 2026-06-18), "Graph API webhooks: getting started" (verification requests, validating
payloads: X-Hub-Signature-256); read 2026-12.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    Forged,
    HttpAnswer,
    Incoming,
    Limits,
    Outgoing,
    Receipt,
    Registered,
    secret,
)
from tidings.messaging.channels.refusing import (
    Codes,
    in_doubt,
    moment_of,
    object_of,
    our_fault,
    post_json,
    refuse_by_status,
)
from tidings.messaging.channels.texting import (
    check_same,
    number_of,
    objects_in,
    registered_of,
    uuid_of,
)
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.numbers import digits, e164
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    131026: Reason.UNKNOWN_NUMBER,  # not on WhatsApp, terms not accepted, or an old version
    131021: Reason.UNSENDABLE,  # the sender itself
    131050: Reason.OPTED_OUT,
    130472: Reason.NO_ROUTE,  # in an experiment of the provider's
    130497: Reason.NO_ROUTE,  # the country is closed to us
}
_OURS = {
    **dict.fromkeys((0, 3, 10, 33, 190, 131005, 131030, 131031, 131045, 133010), Reason.NO_ACCESS),
    131042: Reason.NO_CREDIT,
    131047: Reason.NOT_REGISTERED,  # the 24 hours are over: a template only
    132000: Reason.NOT_REGISTERED,  # the number of fields is another
    132001: Reason.NOT_REGISTERED,  # missing, or not in this language
    132012: Reason.NOT_REGISTERED,  # a field of another shape
    132015: Reason.NOT_REGISTERED,  # paused
    132016: Reason.NOT_REGISTERED,  # disabled
    132018: Reason.NOT_REGISTERED,
    132005: Reason.TOO_BIG,
    132007: Reason.CONTENT,
    131048: Reason.REPUTATION,
    368: Reason.REPUTATION,
    131064: Reason.REPUTATION,
    **dict.fromkeys((100, 131008, 131009, 131051, 135000), Reason.PROTOCOL),
}
_PASSES = {
    **dict.fromkeys((4, 80007, 130429, 131056, 131049, 133016), Reason.RATE),
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), Reason.BUSY),
}
_CODES = Codes(_ADDRESS, _OURS, _PASSES, waits={131049: 3600.0, 131056: 60.0})
"""Seconds to wait where the limit is this person's alone."""

_OWN_CODES = {"zh-hans": "zh_CN", "zh-hant": "zh_TW"}


@dataclass(frozen=True, slots=True)
class WhatsappSettings:
    """`number_id` is the id of our number there, not the number. `secret` (App Secret) signs what the service tells us; `verify` is
    a word of ours with which it proves the callback address."""

    number_id: str
    token: str = secret()
    verify: str = secret()
    secret: str = secret()
    version: str = "v24.0"
    address: str = "https://graph.facebook.com"


class Whatsapp(Channel):
    """One request per message; only templates that were approved go."""

    code: ClassVar[str] = "whatsapp"
    rung: ClassVar[str] = "whatsapp"
    Settings = WhatsappSettings
    limits: ClassVar[Limits] = Limits(subject=False, registered_only=True)
    listens_to: ClassVar[tuple[str, ...]] = ("POST",)

    settings: WhatsappSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. Our own id comes back with each status."""
        form, number, kept = registered_of(outgoing), digits(number_of(outgoing)), self.settings
        said = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": number,
            "type": "template",
            "template": _template(form),
            "biz_opaque_callback_data": str(outgoing.delivery_id),
        }
        address = (
            f"{kept.address.rstrip('/')}/{quote(kept.version, safe='')}/{quote(kept.number_id, safe='')}"
        )
        signed_in = {"authorization": f"Bearer {kept.token}"}
        answer = await post_json(self.net, f"{address}/messages", said, signed_in)
        return _taken(outgoing, answer)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """Statuses of our messages, and what people wrote or pressed; several in one request."""
        if came.method == "GET":
            self._handshake(came)
            return ()
        self._check(came)
        return list(_told(came.body))

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """The challenge back, where the service proves the address."""
        if came.method == "GET":
            return "text/plain", self._handshake(came).encode()
        self._check(came)
        return "text/plain", b""

    def _handshake(self, came: Incoming) -> str:
        if came.query.get("hub.mode") != "subscribe":
            raise Forged("messaging.forged")
        check_same(came.query.get("hub.verify_token", ""), self.settings.verify)
        challenge = came.query.get("hub.challenge", "")
        return challenge if challenge.isascii() and challenge.isalnum() else ""

    def _check(self, came: Incoming) -> None:
        key = self.settings.secret
        check_same(came.headers.get("x-hub-signature-256", ""), signature(key, came.body) if key else "")


def signature(key: str, body: bytes) -> str:
    """X-Hub-Signature-256 of a request."""
    return f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"


def _template(form: Registered) -> Mapping[str, Any]:
    """The approved form with its fields: by place where they are numbered, by name else."""
    numbered = all(name.isdigit() for name in form.fields)
    filled = [
        {"type": "text", "text": _in_one_line(value), **({} if numbered else {"parameter_name": name})}
        for name, value in form.fields.items()
    ]
    language = _OWN_CODES.get(form.language) or form.language.replace("-", "_")
    said: dict[str, Any] = {"name": form.template, "language": {"code": language}}
    if filled:
        said["components"] = [{"type": "body", "parameters": filled}]
    return said


def _in_one_line(value: str) -> str:
    """A field holds neither line ends nor tabs nor many spaces, and is never empty."""
    return " ".join(value.split()) or "–"


def _taken(outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
    kept = object_of(answer)
    error = kept.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        _CODES.refuse(code, answer)
        if isinstance(code, int) and 200 <= code < 300:  # a permission that we lack
            raise our_fault(Reason.NO_ACCESS, str(code))
    refuse_by_status(answer)
    messages = kept.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    reference = first.get("id") if isinstance(first, dict) else None
    if not isinstance(reference, str) or not reference:
        raise in_doubt("no id in the answer")
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference)


def _told(body: bytes) -> Iterator[Receipt | Answer]:
    for value in _values(body):
        for status in _dicts(value.get("statuses")):
            yield from _status(status)
        for message in _dicts(value.get("messages")):
            yield from _written(message)


def _values(body: bytes) -> Iterator[Mapping[str, Any]]:
    for whole in objects_in(body):
        for entry in _dicts(whole.get("entry")):
            for change in _dicts(entry.get("changes")):
                value = change.get("value")
                if isinstance(value, dict):
                    yield value


def _dicts(found: object) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _status(status: Mapping[str, Any]) -> Iterator[Receipt]:
    """A receipt for what arrived or failed. "sent" is our provider's own yes, also for whoever blocked us: it says nothing."""
    said, reference = str(status.get("status", "")), str(status.get("id", ""))
    ours, at = uuid_of(status.get("biz_opaque_callback_data")), moment_of(status.get("timestamp"))
    if said in ("delivered", "read"):
        yield Receipt(ours, Outcome.DELIVERED, at, reference, said)
    elif said == "failed":
        codes = [error.get("code") for error in _dicts(status.get("errors"))]
        code = next((one for one in codes if isinstance(one, int)), 0)
        reason = _CODES.reason(code) if code else None
        yield Receipt(
            ours, Outcome.REFUSED, at, reference, f"failed {code or ''}".strip(), reason or Reason.EXPIRED
        )


def _written(message: Mapping[str, Any]) -> Iterator[Answer]:
    kind, number = str(message.get("type", "")), e164(f"+{message.get('from', '')}")
    text, pressed = _words_in(kind, message.get(kind))
    if number and kind != "reaction":
        at, reference = moment_of(message.get("timestamp")), str(message.get("id", ""))
        yield Answer(None, number, text, at, reference, confirms=pressed)


def _words_in(kind: str, content: object) -> tuple[str, bool]:
    """What was said, and whether a button said it."""
    if not isinstance(content, dict):
        return f"[{kind}]", False
    if kind == "text":
        return str(content.get("body", "")), False
    if kind == "button":
        return str(content.get("text", "")), True
    if kind == "interactive":
        chosen = content.get("button_reply") or content.get("list_reply")
        return (str(chosen.get("title", "")), True) if isinstance(chosen, dict) else (f"[{kind}]", False)
    return str(content.get("caption") or f"[{kind}]"), False
