"""The rail: where somebody can go. A domain adds its entries as `RAIL` in its `panels.py`; this gathers them."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.registry import domain_modules
from tidings.ui.settings_index import settings_for
from tidings.ui.words import Sentence

Answer = TypeVar("Answer")


class Counting:
    """One reader's rail being counted, at one moment. What several entries count from is asked of the database once."""

    def __init__(self, actor: Actor, at: datetime) -> None:
        self.actor, self.at = actor, at
        self._known: dict[tuple[object, ...], object] = {}

    def once(self, query: Callable[..., Answer], *asked: Hashable) -> Answer:
        """What a query gives for these arguments."""
        found = (query, *asked)
        if found not in self._known:
            self._known[found] = query(*asked)
        return cast(Answer, self._known[found])


@dataclass(frozen=True, slots=True)
class RailEntry:
    """One line of the rail. `view` is a URL name; `order` sorts; `icon` names a symbol of `ui/icons.svg`.

    `ability` None shows it to everybody who signed in. `count` gives what waits for somebody, and how many of it are late.
    `key` is the letter after `g` that goes there. `has_settings`: pages of settings that are no entry of their own belong to it.
    """

    view: str
    label: Sentence
    order: int
    icon: str
    ability: str | None = None
    count: Callable[[Counting], tuple[int, int]] | None = None
    key: str = ""
    has_settings: bool = False


@dataclass(frozen=True, slots=True)
class RailLine:
    """An entry as one reader sees it."""

    url: str
    label: str
    icon: str
    key: str
    waiting: int
    late: int
    current: bool


@cache
def entries() -> tuple[RailEntry, ...]:
    """Every domain's entries, in order."""
    found = [entry for module in domain_modules("panels") for entry in getattr(module, "RAIL", ())]
    return tuple(sorted(found, key=lambda entry: entry.order))


def rail_for(request: HttpRequest, actor: Actor) -> list[RailLine]:
    """The rail of one reader on one page. The longest address that the page's begins with is the current one."""
    counting = Counting(actor, now())
    mine = [entry for entry in entries() if entry.ability is None or actor.may(entry.ability)]
    shown = [line for entry in mine if (line := _line(entry, counting))]
    here = _here(request.path, actor, shown, [reverse(entry.view) for entry in mine if entry.has_settings])
    return [
        RailLine(line.url, line.label, line.icon, line.key, line.waiting, line.late, line.url == here)
        for line in shown
    ]


def _here(path: str, actor: Actor, shown: list[RailLine], settings: list[str]) -> str:
    """The address of the entry that a page belongs to; empty where it belongs to none."""
    belongs = {page: entry for entry in settings for page, _text in settings_for(actor)}
    belongs |= {line.url: line.url for line in shown}
    longest = max((url for url in belongs if url and path.startswith(url)), key=len, default="")
    return "" if longest in ("", "/") and path != "/" else belongs.get(longest, "")


def _line(entry: RailEntry, counting: Counting) -> RailLine | None:
    try:
        url = reverse(entry.view)
    except NoReverseMatch:
        return None
    waiting, late = entry.count(counting) if entry.count else (0, 0)
    return RailLine(url, str(entry.label), entry.icon, entry.key, waiting, late, False)
