"""Who does something, and what they may do. Abilities are opaque codes here; `people` gives them meaning."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tidings.kernel.errors import Refused


class ActorKind(StrEnum):
    """What stands behind an action; kept in every audit line."""

    PERSON = "person"
    KEY = "key"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`ref` is the id of a person or key, or the name of a command; `units` None means every unit.

    `unit` is the one they belong to, which gets what they make; None where that belongs to every unit, or to nobody's.
    """

    kind: ActorKind
    ref: str
    abilities: frozenset[str]
    units: frozenset[UUID] | None = None
    unit: UUID | None = None

    def may(self, ability: str) -> bool:
        return ability in self.abilities

    def require(self, ability: str) -> None:
        """Raises Refused("not_allowed") when the actor lacks `ability`."""
        if ability not in self.abilities:
            raise Refused("not_allowed", ability=ability)
