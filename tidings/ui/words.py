"""Words for codes, in the reader's language: each domain's `words.py` gives them, this gathers.

`ERRORS` holds a sentence per error code, `LABELS` a word or two per code; both lazy, with named placeholders.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tidings.kernel import words as kernel
from tidings.kernel.errors import TidingsError
from tidings.kernel.registry import domain_modules
from tidings.ui import moments

Sentence = Promise | str
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?[+-]\d\d:\d\d")


def say(error: TidingsError) -> str:
    """One or two sentences: what happened, to which thing, what to do now. Facts that are codes become words."""
    sentence = sentences().get(error.code)
    if sentence is None:
        return _("This could not be done (%(code)s).") % {"code": error.code}
    facts = {name: _fact(value) for name, value in error.facts.items()}
    try:
        return str(sentence) % facts
    except KeyError:
        return str(sentence)


def label(code: object) -> str:
    """The word for a code, or the code itself where nobody gave one."""
    known = labels().get(str(code))
    return str(code) if known is None else str(known)


def paragraph(said: Iterable[str]) -> str:
    """Sentences one after the other: Chinese has nothing between them."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(said)


def moment_in(said: str) -> datetime | None:
    """A moment with its zone, as facts carry one: the reader gets it in their own zone."""
    try:
        return datetime.fromisoformat(said) if _MOMENT.fullmatch(said) else None
    except ValueError:
        return None


@cache
def sentences() -> dict[str, Sentence]:
    """Error code → lazy sentence, from every domain."""
    return _gather("ERRORS")


@cache
def labels() -> dict[str, Sentence]:
    """Code → lazy label, from every domain."""
    return _gather("LABELS")


def _gather(which: str) -> dict[str, Sentence]:
    gathered: dict[str, Sentence] = {}
    for module in (kernel, *domain_modules("words")):
        for code, sentence in getattr(module, which, {}).items():
            if code in gathered and str(gathered[code]) != str(sentence):
                raise ValueError(
                    f"{module.__name__}.{which} gives other words to {code!r} than another domain"
                )
            gathered[code] = sentence
    return gathered


def _fact(value: object) -> object:
    if isinstance(value, Mapping):
        colon = _(": ")
        return _("; ").join(f"{label(key)}{colon}{_fact(one)}" for key, one in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return _(", ").join(label(one) for one in value)
    if not isinstance(value, str):
        return value
    return moments.zoned_moment(at) if (at := moment_in(value)) else label(value)


def in_order(word: str) -> tuple[bytes, str]:
    """The key by which words stand in a list: by letter, in Chinese by pinyin.

    The common characters of GB 2312 (its first level, 3,755 of them) are numbered by their pinyin, and GB 18030 keeps these numbers.
    """
    lower = word.casefold()
    return (lower.encode("gb18030") if (get_language() or "").startswith("zh") else b"", lower)
