"""The shipped texts: `<kind>/<phase>.<language>` and `words.<language>`. A kind says only what it says differently
from `general`. Files only; the firm's own versions are rows.
"""

from functools import cache
from pathlib import Path

from tidings.messaging.rules.template import Template, read_template
from tidings.messaging.rules.wording import Words

GENERAL = "general"
_FOLDER = Path(__file__).parent


@cache
def languages() -> tuple[str, ...]:
    """The languages that have words, English first."""
    found = sorted(path.name.partition(".")[2] for path in _FOLDER.glob("words.*"))
    return tuple(sorted(found, key=lambda code: code != "en"))


@cache
def kinds() -> tuple[str, ...]:
    """The kinds with texts of their own, `general` among them."""
    return tuple(sorted({path.parent.name for path in _FOLDER.glob("[!_]*/*.*")}))


@cache
def words(language: str) -> Words:
    """The words of one language. Raises KeyError where the language has none."""
    path = _FOLDER / f"words.{language}"
    if language not in languages():
        raise KeyError(language)
    lines = (line.partition("=") for line in path.read_text("utf-8").splitlines() if "=" in line)
    return Words(
        language, {code.strip(): said.strip() for code, _, said in lines if not code.startswith("#")}
    )


@cache
def layer(kind: str, phase: str, language: str) -> Template | None:
    """What a kind itself says in one language; None where it says nothing of its own."""
    path = _FOLDER / kind / f"{phase}.{language}"
    if kind not in kinds() or not path.exists():
        return None
    return read_template(path.read_text("utf-8"))
