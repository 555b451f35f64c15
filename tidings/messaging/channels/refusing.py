"""What channels over HTTP have in common: reading an answer, and what a refusal means where the service's own document says
no more (RFC 9110, sections 15.5 and 15.6; RFC 6585, section 4; read 2026-12). Holds no channel.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tidings.kernel.clock import now
from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import HttpAnswer, InDoubt, Limits, Net, OurFault, Undeliverable
from tidings.messaging.rules.refusals import Reason

LONGEST_WAIT = 3600.0


def undeliverable(reason: Reason, said: str = "") -> Undeliverable:
    """This address can never take it."""
    return Undeliverable("messaging.refused", reason=reason, said=said)


def our_fault(reason: Reason, said: str = "") -> OurFault:
    """The service refuses us, whoever it is for."""
    return OurFault("messaging.our_fault", reason=reason, said=said)


def not_now(said: str, *, seconds: float | None = None, reason: Reason = Reason.BUSY) -> TryLater:
    """The service says to come back, after `seconds` where it says when."""
    facts: dict[str, object] = {"why": said, "reason": reason}
    if seconds is not None:
        facts["seconds"] = seconds
    return TryLater("messaging.service_later", **facts)


def in_doubt(said: str) -> InDoubt:
    """It may have been taken."""
    return InDoubt("messaging.no_answer", said=said)


def within(limits: Limits, text: str) -> str:
    """The text, where a message of this channel can hold it. Raises OurFault(reason=too_big)."""
    if limits.longest and len(text) > limits.longest:
        raise our_fault(Reason.TOO_BIG, f"{len(text)} of {limits.longest} characters")
    return text


def object_of(answer: HttpAnswer) -> Mapping[str, Any]:
    """The JSON object in an answer; empty where it holds none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):  # ValueError: of bytes that are no UTF-8 as well
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Codes:
    """What a service's own numbers mean: the address is at fault, we are, or not now; for those of the last that it tells us in its
    document, how many seconds to wait."""

    address: Mapping[int, Reason]
    ours: Mapping[int, Reason]
    passes: Mapping[int, Reason]
    waits: Mapping[int, float] = field(default_factory=dict)

    def refuse(self, code: object, answer: HttpAnswer) -> None:
        """Raises what a code means; returns for one that is not in the tables."""
        if not isinstance(code, int):
            return
        if code in self.address:
            raise undeliverable(self.address[code], str(code))
        if code in self.passes:
            seconds = wait_of(answer) or self.waits.get(code)
            raise not_now(str(code), seconds=seconds, reason=self.passes[code])
        if code in self.ours:
            raise our_fault(self.ours[code], str(code))

    def reason(self, code: int) -> Reason | None:
        """Why, where the tables know it."""
        return self.address.get(code) or self.ours.get(code) or self.passes.get(code)


async def post_json(
    net: Net, url: str, said: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    """Posts a JSON object."""
    content = json.dumps(said, ensure_ascii=False).encode()
    return await net.request(
        "POST", url, headers={"content-type": "application/json", **(headers or {})}, content=content
    )


def refuse_by_status(answer: HttpAnswer, said: str = "") -> None:
    """Raises what an answer's status alone means; returns for 2xx.

    401, 403, 404, 405 and 407 blame our settings, 402 our credit, 413 the message; 408, 425, 429 and 5xx say to come back,
    at `Retry-After` where it is given. Any other is our fault: such a request will not be taken unchanged.
    """
    status, said = answer.status, said or f"HTTP {answer.status}"
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500:
        reason = Reason.RATE if status == 429 else Reason.BUSY
        raise not_now(said, seconds=wait_of(answer), reason=reason)
    raise our_fault(_BLAMED.get(status, Reason.PROTOCOL), said)


_BLAMED = {
    401: Reason.NO_ACCESS,
    402: Reason.NO_CREDIT,
    403: Reason.NO_ACCESS,
    404: Reason.NO_ACCESS,
    405: Reason.NO_ACCESS,
    407: Reason.NO_ACCESS,
    413: Reason.TOO_BIG,
}


def wait_of(answer: HttpAnswer) -> float | None:
    """Seconds until `Retry-After` (RFC 9110, section 10.2.3: seconds or a date), at most an hour; None where it says nothing."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    whole = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((whole - now()).total_seconds(), 0.0), LONGEST_WAIT)


def moment_of(seconds: object) -> datetime:
    """A Unix time as services give it, as a number or its digits; the present moment where it is neither."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return now()
