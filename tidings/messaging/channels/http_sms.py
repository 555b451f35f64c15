"""Text messages by any gateway over HTTP that settings can describe: what to ask for, where its id stands in the answer, what
counts as taken, and how receipts and answers are called.

No vendor's document stands behind it: the one who sets it up reads theirs. Slots are filled by the encoder of the place where
they stand, and nothing else in a template is changed.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

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
    chosen,
    long_text,
    secret,
)
from tidings.messaging.channels.refusing import (
    in_doubt,
    not_now,
    our_fault,
    refuse_by_status,
    undeliverable,
    wait_of,
)
from tidings.messaging.channels.texting import check_key, number_of, text_of, uuid_of
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.numbers import digits, e164
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.rules.segments import GSM_7, short_message

SLOTS = ("to", "digits", "text", "hex", "coding", "from", "id", "callback", "user", "password", "basic")
_SLOT = re.compile(r"\{(" + "|".join(SLOTS) + r")\}")
_KINDS = {
    "form": "application/x-www-form-urlencoded",
    "json": "application/json",
    "xml": "text/xml; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
REFUSED, OURS, LATER = "refused", "ours", "later"


@dataclass(frozen=True, slots=True)
class HttpSmsSettings:
    """How a gateway is spoken to. `address`, `body` and `headers` (one a line) may hold slots such as {to}, {digits} and {text}.

    An answer is JSON, whose parts are named by a path such as messages.0.id, or text, whose parts stand after given words.
    `accepted` is the values of `status` that mean "taken" (none: any answer of 2xx). `codes` says, one a line, what a status
    or a code means: "105 = refused unknown_number", "7 = ours no_credit", "11 = later rate".
    """

    address: str
    method: str = chosen("POST", "GET")
    body: str = long_text()
    body_as: str = chosen("form", "json", "xml", "text")
    headers: str = long_text()
    user: str = ""
    password: str = secret()
    sender: str = ""
    key_header: str = ""
    answer_as: str = chosen("json", "text")
    reference: str = ""
    status: str = ""
    accepted: str = ""
    codes: str = long_text()
    callback_key: str = secret()
    receipt_reference: str = ""
    receipt_status: str = ""
    receipt_delivered: str = ""
    receipt_failed: str = ""
    answer_from: str = ""
    answer_text: str = ""
    said_back: str = "OK"


class HttpSms(Channel):
    """One request per message."""

    code: ClassVar[str] = "http_sms"
    rung: ClassVar[str] = "sms"
    Settings = HttpSmsSettings
    limits: ClassVar[Limits] = Limits(longest=1530, subject=False, segments=True)
    listens_to: ClassVar[tuple[str, ...]] = ("GET", "POST")

    settings: HttpSmsSettings

    def __init__(self, settings: HttpSmsSettings, net: Net | None = None) -> None:
        super().__init__(settings, net)
        self._codes = dict(_meanings(settings.codes))
        self._accepted = _listed(settings.accepted)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`."""
        kept, slots = self.settings, self._slots(outgoing)
        headers = {"content-type": _KINDS[kept.body_as]} if kept.body else {}
        headers |= {name: _filled(value, slots, str) for name, value in _headers(kept.headers)}
        if kept.key_header:
            headers[kept.key_header.lower()] = str(outgoing.delivery_id)
        answer = await self.net.request(
            kept.method,
            _filled(kept.address, slots, _percent),
            headers=headers,
            content=_filled(kept.body, slots, _ENCODERS[kept.body_as]).encode(),
        )
        return self._taken(outgoing, answer)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """A receipt or an answer, in its query, its form or its JSON. The callback address carries our key."""
        kept = self.settings
        check_key(came, kept.callback_key)
        told = _told(came)
        sender, text = _at(told, kept.answer_from), _at(told, kept.answer_text)
        if sender and text is not None and kept.answer_text:
            return [Answer(None, e164(f"+{digits(sender)}") or sender, text, now())]
        reference, status = _at(told, kept.receipt_reference) or "", _at(told, kept.receipt_status) or ""
        if not reference:
            return ()
        meant = uuid_of(reference)
        if status.casefold() in _listed(kept.receipt_delivered):
            return [Receipt(meant, Outcome.DELIVERED, now(), reference, status[:40])]
        if status.casefold() not in _listed(kept.receipt_failed):
            return ()
        _, reason = self._codes.get(status.casefold(), (REFUSED, Reason.EXPIRED))
        return [Receipt(meant, Outcome.REFUSED, now(), reference, status[:40], reason)]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """What the gateway wants to hear."""
        check_key(came, self.settings.callback_key)
        return "text/plain", self.settings.said_back.encode()

    def _slots(self, outgoing: Outgoing) -> Mapping[str, str]:
        kept, number, text = self.settings, number_of(outgoing), text_of(self.limits, outgoing)
        signed_in = base64.b64encode(f"{kept.user}:{kept.password}".encode()).decode()
        return {
            "to": number,
            "digits": digits(number),
            "text": text,
            "hex": text.encode("utf-16-be").hex(),
            "coding": "0" if short_message(text).encoding == GSM_7 else "8",
            "from": kept.sender,
            "id": str(outgoing.delivery_id),
            "callback": outgoing.callback,
            "user": kept.user,
            "password": kept.password,
            "basic": signed_in,
        }

    def _taken(self, outgoing: Outgoing, answer: HttpAnswer) -> Receipt:
        kept = self.settings
        status, reference = (self._part(answer, where) for where in (kept.status, kept.reference))
        if status is not None and status.casefold() in self._codes:
            raise _error(*self._codes[status.casefold()], status[:40], answer)
        refuse_by_status(answer)
        if self._accepted and (status is None or status.casefold() not in self._accepted):
            raise in_doubt("not the answer that means taken")
        if kept.reference and not reference:
            raise in_doubt("no id in the answer")
        return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference or "", (status or "")[:40])

    def _part(self, answer: HttpAnswer, where: str) -> str | None:
        """What stands at a path of a JSON answer, or after given words of a text, up to the next blank."""
        if not where:
            return None
        if self.settings.answer_as == "json":
            return _at(_json(answer.body), where)
        found = re.search(re.escape(where) + r"\s*([^\s,;]+)", answer.body.decode("utf-8", "replace"))
        return found.group(1) if found else None


def _percent(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_xml(value: str) -> str:
    return escape(_NOT_IN_XML.sub("", value), {'"': "&quot;", "'": "&apos;"})


_ENCODERS: Mapping[str, Callable[[str], str]] = {
    "form": _percent,
    "json": _in_json,
    "xml": _in_xml,
    "text": str,
}


def _filled(template: str, slots: Mapping[str, str], encode: Callable[[str], str]) -> str:
    return _SLOT.sub(lambda found: encode(slots[found.group(1)]), template)


def _headers(written: str) -> Iterator[tuple[str, str]]:
    for line in written.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            yield name.strip().lower(), value.strip()


def _listed(written: str) -> frozenset[str]:
    return frozenset(one.strip().casefold() for one in written.split(",") if one.strip())


def _meanings(written: str) -> Iterator[tuple[str, tuple[str, Reason]]]:
    """Each code with its kind and reason; a line that says neither is left out."""
    for line in written.splitlines():
        code, _, meant = line.rpartition("=")
        kind, _, named = meant.strip().partition(" ")
        if code.strip() and kind in (REFUSED, OURS, LATER):
            known = named.strip() in set(Reason)
            usual = {REFUSED: Reason.NO_ROUTE, OURS: Reason.PROTOCOL, LATER: Reason.BUSY}[kind]
            yield code.strip().casefold(), (kind, Reason(named.strip()) if known else usual)


def _error(kind: str, reason: Reason, said: str, answer: HttpAnswer) -> TidingsError:
    if kind == REFUSED:
        return undeliverable(reason, said)
    if kind == OURS:
        return our_fault(reason, said)
    return not_now(said, seconds=wait_of(answer), reason=reason)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _at(told: Any, path: str) -> str | None:
    """What stands at a path such as messages.0.id, as text; None where nothing simple does."""
    for name in path.split(".") if path else ():
        if isinstance(told, Mapping):
            told = told.get(name)
        elif isinstance(told, list) and name.isdecimal() and int(name) < len(told):
            told = told[int(name)]
        else:
            return None
    return str(told) if path and isinstance(told, str | int | float) else None


def _told(came: Incoming) -> Mapping[str, Any]:
    found = _json(came.body)
    if isinstance(found, Mapping):
        return {**came.query, **found}
    if isinstance(found, list):
        return {**came.query, **{str(at): one for at, one in enumerate(found)}}
    return {**came.query, **dict(parse_qsl(came.body.decode("utf-8", "replace"), keep_blank_values=True))}
