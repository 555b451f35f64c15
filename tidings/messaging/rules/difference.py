"""What changed between two versions of a text, block by block and word by word. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from tidings.messaging.rules.template import Template

SAME, GONE, NEW = "same", "gone", "new"

_TOKENS = re.compile(r"\{[a-z_]+\}|[^\W_㐀-鿿]+|\s+|.")
"""Slots and words whole; a Chinese character is a word."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One header or block that differs. `parts` are (same, gone or new; the words), in reading order."""

    name: str
    parts: tuple[tuple[str, str], ...]


def changes(before: Template, after: Template) -> tuple[Changed, ...]:
    """The headers and blocks that differ, in the order in which the newer text has them."""
    return words_changed(_said(before), _said(after))


def words_changed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Changed, ...]:
    """The same of any named texts."""
    return tuple(
        Changed(name, _parts(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys((*new, *old))
        if old.get(name, "") != new.get(name, "")
    )


def _said(template: Template) -> dict[str, str]:
    """Header or block → all its variants, one per line or paragraph."""
    found = {name: "\n".join(variants) for name, variants in template.headers.items()}
    for name in template.names():
        found[name] = "\n\n".join(block.text for block in template.blocks if block.name == name)
    return found


def _parts(before: str, after: str) -> tuple[tuple[str, str], ...]:
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    parts: list[tuple[str, str]] = []
    for how, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            parts.append((SAME, "".join(old[one:two])))
            continue
        parts += [(GONE, "".join(old[one:two]))] if two > one else []
        parts += [(NEW, "".join(new[three:four]))] if four > three else []
    return tuple(parts)
