"""The upward seam for reading: a fragment that a higher domain hangs on a lower one's page, which does not know it.

A domain's `panels.py` declares them; `{% panels "shipment" shipment.id %}` shows them in order.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.registry import domain_modules

Build = Callable[[Actor, UUID], Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """Hangs on pages of one `place` such as "shipment". `build` gives the template's values, or None to stay away."""

    place: str
    template: str
    order: int
    build: Build


def panel(place: str, template: str, order: int = 100) -> Callable[[Build], Panel]:
    """Marks a function of (actor, id of the thing) as a panel. It only reads, and checks what the actor may see."""

    def mark(build: Build) -> Panel:
        return Panel(place, template, order, build)

    return mark


def panels_on(place: str) -> list[Panel]:
    """The panels of every domain for this place, in order."""
    return panels_in(domain_modules("panels"), place)


def panels_in(modules: Iterable[ModuleType], place: str) -> list[Panel]:
    """The same among some modules."""
    found = [thing for module in modules for thing in vars(module).values() if isinstance(thing, Panel)]
    return sorted((panel for panel in found if panel.place == place), key=lambda panel: panel.order)
