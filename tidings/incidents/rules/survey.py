"""What is asked of a customer once it is over, and when. Pure.

Two questions answered from 1 (not at all) to 5 (very well), and free words; once per contact and incident, however many
messages they had. Nothing hangs on it, and nobody is asked who objected to surveys.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tidings.incidents.rules.incident import Phase

MARKS = (1, 2, 3, 4, 5)
LONGEST = 2000
_ASKED_AFTER = frozenset({Phase.RESTORED.value, Phase.CLOSING.value})


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of one question: how many gave each, in the order of `MARKS`."""

    counts: tuple[int, ...]

    @property
    def answers(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """The mean mark; None where nobody answered."""
        total = sum(mark * count for mark, count in zip(MARKS, self.counts, strict=True))
        return total / self.answers if self.answers else None


def is_asked(heard: Collection[str], *, drill: bool, objected: bool) -> bool:
    """Whether somebody who heard these phases is asked: once service is restored or it is closed, never in an exercise."""
    return bool(_ASKED_AFTER & set(heard)) and not drill and not objected


def marked(marks: Sequence[int]) -> Marked:
    """How many gave each mark."""
    return Marked(tuple(sum(one == mark for one in marks) for mark in MARKS))


def is_mark(given: str) -> bool:
    """Whether what a form sent is a mark."""
    return given in {str(mark) for mark in MARKS}
