"""Codes and rules of shipments, places and tracking events. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class EventKind(StrEnum):
    """Whether a time of an event is a plan, somebody's estimate, or what happened."""

    PLANNED = "planned"
    ESTIMATED = "estimated"
    ACTUAL = "actual"


class Role(StrEnum):
    """A customer's role in a shipment."""

    ACCOUNT = "account"
    SHIPPER = "shipper"
    CONSIGNEE = "consignee"
    NOTIFY = "notify"
    AGENT = "agent"
    SELLER = "seller"


class Certainty(StrEnum):
    """How sure it is that a shipment is at a place within a window; the surest first."""

    SEEN = "seen"
    PLANNED = "planned"
    POSSIBLE = "possible"


class TermKind(StrEnum):
    """By what a question finds shipments."""

    PLACE = "place"
    LANE = "lane"
    TRANSPORT = "transport"
    CONTAINER = "container"
    NUMBER = "number"
    CLIENT = "client"
    SERVICE = "service"
    USERS = "users"
    PICKUPS = "pickups"


OF_CUSTOMERS = frozenset({TermKind.USERS, TermKind.PICKUPS})
"""These find customers, whether or not goods of theirs are moving."""


def finds_customers(group: "Group") -> bool:
    """Whether a group asks for customers, not for shipments."""
    return any(term.kind in OF_CUSTOMERS for term in group.terms)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on a shipment, or on a customer; any of `values` fulfils it.

    A place's values are location codes, or a country's two letters, with all that lies within; a lane's are where it starts, and
    `to` where it ends. A transport's are numbers of vehicles, voyages, flights or trains, on a `day` of departure where one is
    given. A container's are its numbers, a number's are waybills, references or barcodes, a service's its codes. A client's are
    customers' numbers, in any of `roles`. Users' values are services that a customer uses, pick-ups' are places, as a place's, where
    a customer has a standing pick-up on a day within the window.
    """

    kind: TermKind
    values: tuple[str, ...]
    to: tuple[str, ...] = ()
    day: date | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that must all be fulfilled, within one window; no end means until further notice."""

    terms: tuple[Term, ...]
    from_at: datetime
    until_at: datetime | None = None


DELIVERED = "delivered"
VOID = "void"
LEAVING = ("departed", "delivered", "picked_up_by_consignee", "returned", "destroyed", "lost")
"""Event codes after which a shipment is no longer at the place they name."""

BRACKET = timedelta(days=7)
"""Seen at a place before a window and again after it, both within this time: it was there in between."""

REPLAN = timedelta(days=30)
"""How far around a window a newer plan or the event itself is looked for, which takes an older plan away."""

UNDER_WAY = timedelta(days=90)
"""A shipment with no news and no expected time counts as under way to its destination for this long."""

HORIZON = timedelta(days=60)
"""How far ahead of now a window without an end reaches: what is planned later comes in as its time nears."""

REMEMBERED = timedelta(days=365)
"""How long before a window a shipment may have started that is named by its number: carriers use numbers again."""

MONTHS_AHEAD = 18
OLDEST_YEAR = 1990

_BETWEEN = "\x1f"
_NOT_CODE = re.compile(r"[^0-9A-Z\u0080-\U0010ffff]+")


def number_key(text: str) -> str:
    """What a waybill, container or order number is searched by: upper case, full-width folded, without separators."""
    if text.isascii():
        plain = text.replace("-", "").replace(" ", "")
        if plain.isalnum():
            return plain.upper()
    return _NOT_CODE.sub("", unicodedata.normalize("NFKC", text).upper())


def number_keys(texts: Sequence[str]) -> list[str]:
    """`number_key` of each; a column of plain numbers is worked out in one go, several times as fast."""
    joined = _BETWEEN.join(texts).replace("-", "").replace(" ", "")
    if joined.isascii() and joined.replace(_BETWEEN, "").isalnum():
        keys = joined.upper().split(_BETWEEN)
        if len(keys) == len(texts):
            return keys
    return [number_key(text) for text in texts]


def are_plain_numbers(texts: Sequence[str], most: int = 64) -> bool:
    """Whether each is a number of ASCII letters, digits and hyphens with at most `most` signs, and nothing else."""
    joined = f"{_BETWEEN}{_BETWEEN.join(texts)}{_BETWEEN}".replace("-", "")
    return (
        joined.isascii()
        and joined.replace(_BETWEEN, "").isalnum()
        and joined.count(_BETWEEN) == len(texts) + 1
        and _BETWEEN * 2 not in joined
        and max(map(len, texts)) <= most
    )


class State(StrEnum):
    """How a shipment stands with its promise, in one word."""

    EXPECTED = "expected"
    UNDER_WAY = "under_way"
    LATE = "late"
    DELIVERED = "delivered"
    DELIVERED_LATE = "delivered_late"
    ENDED = "ended"


ENDED = frozenset({"returned", "destroyed", "lost", "stolen", "cancelled"})
"""Event codes after which a shipment will not be delivered any more."""


def state_of(
    last_code: str, delivered_at: datetime | None, promised_at: datetime | None, now: datetime
) -> State:
    """The state from the last actual event (empty: none yet), the delivery and the promise."""
    if delivered_at is not None:
        late = promised_at is not None and delivered_at > promised_at
        return State.DELIVERED_LATE if late else State.DELIVERED
    if last_code in ENDED:
        return State.ENDED
    if promised_at is not None and promised_at < now:
        return State.LATE
    return State.UNDER_WAY if last_code else State.EXPECTED
