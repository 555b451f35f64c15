"""The settings index: what staff can change. A domain adds its entries as `SETTINGS` in its `panels.py`; this gathers them."""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse

from tidings.kernel.actor import Actor
from tidings.kernel.registry import domain_modules
from tidings.ui.words import Sentence


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """One page of settings: its URL name, its name, one sentence on what it is for, and who may open it."""

    view: str
    label: Sentence
    text: Sentence
    order: int
    ability: str


@cache
def entries() -> tuple[SettingsEntry, ...]:
    found = [entry for module in domain_modules("panels") for entry in getattr(module, "SETTINGS", ())]
    return tuple(sorted(found, key=lambda entry: entry.order))


def settings_for(actor: Actor) -> list[tuple[str, SettingsEntry]]:
    """The entries that an actor may open, each with its address."""
    return [(url, entry) for entry in entries() if actor.may(entry.ability) and (url := _address(entry.view))]


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
