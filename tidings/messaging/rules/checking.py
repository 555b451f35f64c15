"""What a text on the shelf holds of its phase's contract, and where it forgets the manners of its language. Pure.

What is found here is said to whoever writes; only what could never go out is refused (`actions/texts.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.template import HEADERS, READER_SLOTS, SHARED_SLOTS, Template, slots_in


class Holds(StrEnum):
    """How a text holds a fact: it says it by itself; a person writes it each time, into its place or before the promise
    of the next news."""

    SAYS = "says"
    PLACE = "place"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the contract, as a text holds it."""

    code: str
    required: bool
    holds: Holds


def checklist(template: Template, phase: str) -> tuple[Fact, ...]:
    """Every fact of the phase's contract, required ones first."""
    contract = CONTRACTS[phase]
    return tuple(Fact(fact, fact in contract.required, _holds(template, fact)) for fact in contract.facts)


def _holds(template: Template, fact: str) -> Holds:
    variants = [block.text for block in template.blocks if block.name == fact]
    if any(text and (READER_SLOTS | SHARED_SLOTS).issuperset(slots_in(text)) for text in variants):
        return Holds.SAYS
    return Holds.PLACE if variants else Holds.NOWHERE


class Oddity(StrEnum):
    """What a reader of the language would stumble over, or must not be told."""

    SHOUTS = "shouts"
    FAMILIAR = "familiar"
    HALF_WIDTH = "half_width"
    TELLS_OF_THEFT = "tells_of_theft"


_FAMILIAR = {"nl": re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.I), "zh-hans": re.compile("你")}
_HALF_WIDTH = {
    "zh-hans": re.compile(r"""[,;:?()"']|[一-鿿]\.|[一-鿿] +[一-鿿，。]"""),
}
_THEFT = {
    "en": re.compile(r"\b(theft|stolen|stole|thief|thieves)\b", re.I),
    "nl": re.compile(r"\b(diefstal|gestolen|dief|dieven)\b", re.I),
    "zh-hans": re.compile("盗|偷"),
}
_EVERYWHERE = ("loss",)
"""Kinds that stand in for a theft towards who may not hear of one."""


def oddities(template: Template, kind: str, language: str) -> Mapping[str, tuple[Oddity, ...]]:
    """Header or block → what is odd in it; those without are left out."""
    said = [(name, text) for name, variants in template.headers.items() for text in variants]
    said += [(block.name, block.text) for block in template.blocks]
    found: dict[str, tuple[Oddity, ...]] = {}
    for name, text in said:
        open_to_all = name in HEADERS[1:] or kind in _EVERYWHERE
        odd = _oddities(re.sub(r"\{[a-z_]+\}", "", text), language, open_to_all=open_to_all)
        if odd:
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *odd)))
    return found


def _oddities(text: str, language: str, *, open_to_all: bool) -> list[Oddity]:
    asked: list[tuple[Oddity, re.Pattern[str] | None]] = [
        (Oddity.SHOUTS, re.compile("[!！]")),
        (Oddity.FAMILIAR, _FAMILIAR.get(language)),
        (Oddity.HALF_WIDTH, _HALF_WIDTH.get(language)),
        (Oddity.TELLS_OF_THEFT, _THEFT.get(language) if open_to_all else None),
    ]
    return [oddity for oddity, pattern in asked if pattern is not None and pattern.search(text)]
