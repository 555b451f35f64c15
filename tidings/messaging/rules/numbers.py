"""Telephone numbers as networks take them. Pure.

ITU-T E.164 (11/2010), sections 6.1 and 6.2.1: a country code that does not begin with 0, at most fifteen digits altogether.
Fewer than seven digits reach nobody from abroad. Read 2026-12.
"""

import re

_WRITTEN = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_WHOLE = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(written: str) -> str:
    """A whole number such as "+31612345678", of what a person wrote ("0031 6 1234-5678"); "" where it is none.

    A number without its country code is none: which country is meant is not guessed.
    """
    number = _WRITTEN.sub("", written)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return number if _WHOLE.fullmatch(number) else ""


def digits(number: str) -> str:
    """The digits of a whole number, for services that want it without its plus."""
    return number.removeprefix("+")
