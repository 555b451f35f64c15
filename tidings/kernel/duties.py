# ruff: noqa: ARG002 - the defaults have nothing to do
"""The upward seam for acting: what a person owns in a higher domain and how it passes on; what is known there of a customer's
contact and how that is merged, exported or forgotten; and what it keeps sealed. Run inside the lower action's transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.registry import domain_modules


@dataclass(frozen=True, slots=True)
class Owned:
    """One thing that a person has in hand: what kind, which, and the title its owner knows it by."""

    thing: str
    thing_id: UUID
    title: str


class Duty:
    """A domain's share; override what applies, the rest has nothing to do. `code` is the domain's name."""

    code = ""
    ability = ""  # what somebody must be allowed to do to take over what a person owns here
    sealed_purposes: frozenset[str] = (
        frozenset()
    )  # what the domain keeps sealed elsewhere than in a SealedField

    def owned_by(self, person: UUID) -> list[Owned]:
        """What this member of the staff still has in hand here."""
        return []

    def pass_on(self, actor: Actor, person: UUID, successor: UUID) -> int:
        """Gives everything `person` has in hand to `successor`; how many things."""
        return 0

    def known_of(self, contact: UUID) -> list[Mapping[str, object]]:
        """What is known here of this contact, as plain values, for an export."""
        return []

    def merge(self, actor: Actor, contact: UUID, into: UUID) -> None:
        """`contact` turned out to be `into`."""

    def forget(self, actor: Actor, contact: UUID) -> int:
        """Removes or blanks what is known of this contact; how many rows."""
        return 0

    def under_old_keys(self, newest: bytes) -> int:
        """How many of `sealed_purposes`' values are sealed with another key than the one with the id `newest`."""
        return 0

    def seal_again(self, newest: bytes) -> int:
        """Seals those again, and gives how many; in transactions of its own. Begun again it goes on."""
        return 0


@cache
def duties() -> dict[str, Duty]:
    """Code → duty of every domain that has a `duties.py`."""
    return duties_in(domain_modules("duties"))


def duties_in(modules: Iterable[ModuleType]) -> dict[str, Duty]:
    """The same among some modules. Raises ValueError when two claim one code."""
    found: dict[str, Duty] = {}
    for module in modules:
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Duty) and thing.__module__ == module.__name__:
                if thing.code in found:
                    raise ValueError(f"two duties claim {thing.code!r}")
                found[thing.code] = thing()
    return found
