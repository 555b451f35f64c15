"""What is typed and not saved: what of it is worth keeping, how long, and when it is no longer unsaved. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(days=7)
"""How long it is offered; then a job forgets it."""
MOST_SHEETS = 5
"""How many openings of one page are kept for one person; the oldest goes."""
LONGEST = 100_000
"""The most characters of one language."""
ABILITIES: Mapping[str, str] = {"text": "text.change", "message": "message.write"}
"""What somebody must be allowed to do to keep what they type, by the first part of what it is about."""


@dataclass(frozen=True, slots=True)
class Typing:
    """One language as it was typed: field → words, and field → what the page had shown there before."""

    typed: Mapping[str, str]
    shown: Mapping[str, str]

    @property
    def size(self) -> int:
        return sum(map(len, (*self.typed.values(), *self.shown.values())))


def typing_of(typed: Mapping[str, str], shown: Mapping[str, str]) -> Typing:
    """Only the fields in which something else stands than was shown. A database holds no NUL, so neither does this."""
    changed = {name: plain(words) for name, words in typed.items() if not _same(words, shown.get(name, ""))}
    return Typing(changed, {name: plain(shown.get(name, "")) for name in changed})


def is_saved(typed: Mapping[str, str], stands: Mapping[str, str]) -> bool:
    """Whether all of it stands already: nothing is left to offer."""
    return all(_same(words, stands.get(name, "")) for name, words in typed.items())


def plain(words: str) -> str:
    """A text as the database holds it: one kind of line end, and no NUL."""
    return words.replace("\0", "").replace("\r\n", "\n")


def _same(one: str, other: str) -> bool:
    return plain(one).strip() == plain(other).strip()
