"""What a country, and what a platform, lets through as a text message: the sender's name, registration, links, answers, caps. Pure.

Dated data, each row with its source and the day it was read; the rows are in `country_table.py`. They advise before sending and
decide nothing: the one who sends checks with the gateway, and a country that is not in the table is not known, not free.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tidings.messaging.rules.country_table import CALLING, CANADA, ROWS, Allowed, Row
from tidings.messaging.rules.numbers import e164


class Problem(StrEnum):
    """What stands between a message and the phone."""

    NAME_NOT_TAKEN = "name_not_taken"
    """The network shows no names: a number is needed."""
    NAME_UNREGISTERED = "name_unregistered"
    """The name must be registered, or the message is blocked or marked."""
    TEXT_UNREGISTERED = "text_unregistered"
    """Only texts that were approved beforehand go."""
    LINK_NOT_TAKEN = "link_not_taken"
    LINK_UNREGISTERED = "link_unregistered"
    NO_ANSWERS = "no_answers"
    """Nobody can answer to this sender."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to be sent: from a `name` (or a number), with a `link` or not, in a `registered` form or not; `asks` says
    that an answer is asked for. `registered_names` are the countries in which the name is registered.
    """

    name: bool = True
    link: bool = False
    registered: bool = False
    asks: bool = False
    registered_names: frozenset[str] = frozenset()


def country_of(number: str) -> str:
    """The country (ISO 3166-1, two letters) that a whole number belongs to; "" where it is none or its country is not in the
    table. +1 is Canada by its area codes, and otherwise US, whose rule is the same for the islands that share it.
    """
    whole = e164(number).removeprefix("+")
    if not whole:
        return ""
    if whole.startswith("1"):
        return "CA" if whole[1:4] in CANADA else "US"
    return next((CALLING[whole[:length]] for length in (3, 2) if whole[:length] in CALLING), "")


def rule_of(country: str, on: date) -> Row | None:
    """The rule of a country on a day: the newest that has begun by then. None where nothing is known."""
    begun = [row for row in ROWS if row.where == country and (row.since is None or row.since <= on)]
    return max(begun, key=lambda row: row.since or date.min, default=None)


def coming(country: str, on: date, ahead: timedelta = timedelta(days=90)) -> Row | None:
    """The next change of a country's rule within some days."""
    later = [row for row in ROWS if row.where == country and row.since and on < row.since <= on + ahead]
    return min(later, key=lambda row: row.since or date.max, default=None)


def problems(rule: Row, sending: Sending) -> tuple[Problem, ...]:
    """What stands in the way by a rule, the gravest first."""
    found = _problems(rule, sending)
    return tuple(sorted(found, key=list(Problem).index))


def _problems(rule: Row, sending: Sending) -> Iterable[Problem]:
    if sending.name and rule.names is Allowed.NO:
        yield Problem.NAME_NOT_TAKEN
    if sending.name and rule.names is Allowed.REGISTERED and rule.where not in sending.registered_names:
        yield Problem.NAME_UNREGISTERED
    if rule.texts is Allowed.REGISTERED and not sending.registered:
        yield Problem.TEXT_UNREGISTERED
    if sending.link and rule.links is Allowed.NO:
        yield Problem.LINK_NOT_TAKEN
    if sending.link and rule.links is Allowed.REGISTERED and not sending.registered:
        yield Problem.LINK_UNREGISTERED
    if sending.asks and (sending.name or not rule.two_way):
        yield Problem.NO_ANSWERS


def over_cap(rule: Row, sent_before: Iterable[timedelta]) -> timedelta | None:
    """How long to wait before one more message to the same number, by the caps of a rule; None where it may go now.

    `sent_before` says how long ago each earlier one went.
    """
    ages = sorted(sent_before)
    waits = [cap.within - ages[cap.most - 1] for cap in rule.caps if len(ages) >= cap.most]
    longest = max(waits, default=timedelta())
    return longest if longest > timedelta() else None
