"""What becomes of what came in, and how a door stands. Pure."""

from enum import StrEnum


class Outcome(StrEnum):
    """What was done with an arrival. `unkeyed`: a bounce, receipt or complaint without a valid key of ours, shown and never
    applied; `unreadable`: made so that no program reads it; `kept`: automatic mail, which is not answered; `open`: a person's mail that names nothing of ours."""

    APPLIED = "applied"
    KNOWN = "known"
    NOTED = "noted"
    UNKNOWN = "unknown"
    UNKEYED = "unkeyed"
    UNREADABLE = "unreadable"
    KEPT = "kept"
    ANSWER = "answer"
    OPEN = "open"


APPLIES_TO_ONE = frozenset({Outcome.APPLIED, Outcome.KNOWN, Outcome.NOTED})


class State(StrEnum):
    """How a door stood when it was looked at last; empty before."""

    OPEN = "open"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


def is_open(state: str) -> bool:
    """Whether mail can come in by a door that stands so."""
    return state == State.OPEN
