"""The shipped questions and answers: `<kind>.<language>`. A kind has its own beside those of `general`. Files only; the
firm's own are rows.
"""

from functools import cache
from pathlib import Path

from tidings.messaging.rules.answers import Answer, joined, read_answers

GENERAL = "general"
_FOLDER = Path(__file__).parent


@cache
def kinds() -> tuple[str, ...]:
    """The kinds with questions of their own, `general` first."""
    found = {path.name.partition(".")[0] for path in _FOLDER.glob("*.en")}
    return tuple(sorted(found, key=lambda kind: (kind != GENERAL, kind)))


@cache
def shipped(kind: str) -> tuple[Answer, ...]:
    """What a kind has of its own, each with every language it is written in; empty for a kind that has nothing."""
    if kind not in kinds():
        return ()
    paths = sorted(_FOLDER.glob(f"{kind}.*"), key=lambda path: (path.suffix != ".en", path.suffix))
    return joined({path.suffix[1:]: read_answers(path.read_text("utf-8")) for path in paths})
