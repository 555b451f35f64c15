"""An approval's own clock, and its kinds: how long each person who is asked has to answer, and whose yes is missing. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

SHARE = 4
"""Each who is asked has this part of the time left until the deadline, counted from the moment they are asked."""
SHORTEST = timedelta(minutes=2)
"""Less than this nobody needs to read and answer; past the deadline everybody still gets it."""
WITHOUT_DEADLINE = timedelta(hours=1)


class ApprovalKind(StrEnum):
    """As whom somebody approves, where a policy asks for one or for both."""

    LEGAL = "legal"
    MANAGEMENT = "management"


EITHER = ""
"""The kind that is missing where one approver is asked for, whichever."""


class Answered(StrEnum):
    """How an asking ended: by an answer, whoever gave it, by silence, or because the words were changed or went."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"
    PASSED_ON = "passed_on"
    VOID = "void"


def answer_by(asked_at: datetime, due_by: datetime | None) -> datetime:
    """Until when somebody asked at `asked_at` has to answer, for a message due at `due_by`."""
    if due_by is None:
        return asked_at + WITHOUT_DEADLINE
    return asked_at + max((due_by - asked_at) / SHARE, SHORTEST)


def remind_at(asked_at: datetime, by: datetime) -> datetime:
    """When somebody who has not answered is reminded: half-way."""
    return asked_at + (by - asked_at) / 2


def missing_kinds(needed: Iterable[str], given: Collection[str]) -> tuple[str, ...]:
    """The kinds of approval still to be given, of those `needed`; where none is named, `EITHER` until somebody gave it."""
    wanted = set(needed)
    named = [kind.value for kind in ApprovalKind if kind in wanted]
    return tuple(kind for kind in named or [EITHER] if kind not in given)


def counts_as(
    missing: Collection[str], may: Collection[str], *, asked_as: str | None, chosen: str | None
) -> str | None:
    """As which of the `missing` kinds somebody's yes counts: what they chose, what they are asked for, or the first that they
    `may` give; None where they may give none of them.
    """
    able = [kind for kind in missing if kind in may]
    if chosen is not None:
        return chosen if chosen in able else None
    return asked_as if asked_as in able else next(iter(able), None)
