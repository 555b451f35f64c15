"""What customers may choose where there are alternatives: what is offered, until when, and what holds without an answer. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidings.incidents.rules.effects import Effect


class Option(StrEnum):
    """What may be done with a shipment, in the order in which it is offered."""

    WAIT = "wait"
    REDELIVER = "redeliver"
    REROUTE = "reroute"
    RETURN = "return"
    CANCEL = "cancel"


FROM_A_CHOICE = "choice"
"""The origin of a task that a customer's choice gave."""
NO_WORK = frozenset({Option.WAIT})
"""Options that ask nobody to do anything: they are counted, and give no task."""


CHANGED = "changed"
"""Not an option: what a task that was given up says."""


def why_not_offer(options: Collection[str], default: str, closes_at: datetime, now: datetime) -> str:
    """The code of what is wrong with an offer; empty where it can be made."""
    if len(set(options)) < 2 or not set(options) <= set(Option):
        return "incident.choice_needs_two"
    if default not in options:
        return "incident.choice_default_not_offered"
    if closes_at <= now:
        return "incident.choice_closes_in_the_past"
    return ""


def in_order(options: Collection[str]) -> list[str]:
    """The options of an offer, each once, in the order in which they are offered."""
    return [option.value for option in Option if option in options]


@dataclass(frozen=True, slots=True)
class Offered:
    """What an offer gives: `settled_at` says that its default was given to somebody as work."""

    options: tuple[str, ...]
    default: str
    closes_at: datetime
    settled_at: datetime | None = None


def joined(kept: Offered, other: Offered, now: datetime) -> Offered:
    """One offer in the place of two for the same effect: nobody loses an option or time that they were given. Without an answer
    that of `kept` holds.
    """
    closes_at = max(kept.closes_at, other.closes_at)
    settled = [one for one in (kept.settled_at, other.settled_at) if one]
    return Offered(
        tuple(in_order({*kept.options, *other.options})),
        kept.default,
        closes_at,
        max(settled) if settled and closes_at <= now else None,
    )


def may_choose(
    closes_at: datetime, ended_at: datetime | None, now: datetime, *, settled_at: datetime | None = None
) -> bool:
    """Whether an answer still counts, a changed one too; never once the default was given to somebody as work."""
    return ended_at is None and settled_at is None and now < closes_at


def is_offered(effect: str, offered_for: str) -> bool:
    """Whether an offer is for a shipment of which its reader was told this effect; an empty one is for all that are affected."""
    return effect == offered_for or (not offered_for and effect != Effect.UNAFFECTED)
