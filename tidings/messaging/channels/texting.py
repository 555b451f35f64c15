"""What the channels for text messages have in common. Holds no channel."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from tidings.kernel.clock import now
from tidings.messaging.channels.base import Forged, Incoming, Limits, Outgoing, Registered
from tidings.messaging.channels.refusing import our_fault, undeliverable, within
from tidings.messaging.rules.numbers import e164
from tidings.messaging.rules.refusals import Reason

CHINA = timezone(timedelta(hours=8))


def number_of(outgoing: Outgoing) -> str:
    """The whole number (E.164) to send to. Raises Undeliverable(reason=unsendable) for anything else."""
    number = e164(outgoing.address)
    if not number:
        raise undeliverable(Reason.UNSENDABLE, "not a whole number")
    return number


def text_of(limits: Limits, outgoing: Outgoing) -> str:
    """What is sent: the short form, or the whole text where there is none. Raises OurFault(reason=too_big)."""
    return within(limits, outgoing.short or outgoing.text)


def registered_of(outgoing: Outgoing) -> Registered:
    """The form that the provider approved. Raises OurFault(reason=not_registered): no free text is sent in its place."""
    if outgoing.registered is None or not outgoing.registered.template:
        raise our_fault(Reason.NOT_REGISTERED, "no approved form of this text")
    return outgoing.registered


def check_key(came: Incoming, key: str) -> None:
    """For services that sign nothing: the callback address carries a key of ours. Raises Forged; without a key nothing is ours."""
    given = came.query.get("key", "")
    if not key or not hmac.compare_digest(_digest(given), _digest(key)):
        raise Forged("messaging.forged")


def check_same(given: str, wanted: str) -> None:
    """For services that send a word of ours, or a signature, along. Raises Forged; without one nothing is ours."""
    if not wanted or not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise Forged("messaging.forged")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def china_time(written: object) -> datetime:
    """A time such as "2017-01-01 00:00:00", as Chinese services write it; the present moment where it is none."""
    try:
        return datetime.fromisoformat(str(written)).replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return now()


def china_number(country: str, number: str) -> str:
    """A whole number of what Chinese services give: mostly eleven digits, or with the country's code before them."""
    bare = number.removeprefix("+")
    if country == "86" and len(bare) == 11:
        bare = f"86{bare}"
    elif country != "86" and not bare.startswith(country):
        bare = f"{country}{bare}"
    return e164(f"+{bare}") or number


def objects_in(body: bytes) -> Sequence[Mapping[str, Any]]:
    """The JSON objects in a list of them, or the one that stands alone; empty for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def uuid_of(written: object) -> UUID | None:
    """An id of ours that came back; None for anything else."""
    try:
        return UUID(str(written))
    except ValueError:
        return None
