"""An approval's own clock: how long each person who is asked has to answer, and when they are reminded. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

SHARE = 4
"""Each who is asked has this part of the time left until the deadline, counted from the moment they are asked."""
SHORTEST = timedelta(minutes=2)
"""Less than this nobody needs to read and answer; past the deadline everybody still gets it."""
WITHOUT_DEADLINE = timedelta(hours=1)


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
