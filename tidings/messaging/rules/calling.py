"""The call list: what can come of a call, when it is tried again, and whether the list will be done in time. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class CallOutcome(StrEnum):
    """What came of a call. Only `reached` confirms; a word left with somebody does not."""

    REACHED = "reached"
    LEFT_WORD = "left_word"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    REFUSES_CALLS = "refuses_calls"


LAPSED = "lapsed"
"""What stands on a call that nobody finished before its time was up; it went back to the list."""
GIVEN_BACK = "given_back"
"""What stands on one that somebody put back without calling."""

AGAIN = {CallOutcome.LEFT_WORD: timedelta(hours=2), CallOutcome.NO_ANSWER: timedelta(minutes=30)}
"""After which outcomes a person is called again, and how long after, where whoever called says nothing else."""
AT_FAULT = frozenset({CallOutcome.WRONG_NUMBER, CallOutcome.REFUSES_CALLS})
"""Outcomes after which this number is not called any more."""

HELD_FOR = timedelta(minutes=15)
"""How long a call is one person's own; then anybody gets it."""
MEDIAN_BEFORE_ANY = timedelta(minutes=4)
"""What a call is taken to last until some were made."""
SHORTEST = timedelta(minutes=1)
"""What it is taken to last at least: a few calls that nobody answered promise no pace."""
MOST_PEOPLE = 500

CALLED_FIRST = (
    "stolen", "lost", "destroyed", "part_lost", "damaged", "missing", "held", "misdelivered", "at_risk", "returned",
    "not_collected", "pickup_not_done", "delayed", "service_unavailable", "rerouted", "delivered_late", "service_restored",
    "unaffected",
)  # fmt: skip
"""Effects in the order in which people are called: the gravest of a person's shipments counts, then the deadline."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the list will be done at this pace, and how many calls come after their deadline.

    `people` took calls in the last hour; 0 asks what one would do. `people_needed` is how many would be in time for all whose
    deadline has not passed yet.
    """

    left: int
    done_at: datetime
    late: int
    people: int
    people_needed: int
    a_call: timedelta

    @property
    def more_needed(self) -> int:
        return max(self.people_needed - self.people, 0)


def outlook(
    dues: Sequence[datetime | None], *, a_call: timedelta | None, people: int, now: datetime
) -> Outlook:
    """What becomes of a list at the present pace. `dues` are the deadlines in the order in which the calls are made;
    `a_call` is the median length of a call, None before any was made.
    """
    length = max(a_call or MEDIAN_BEFORE_ANY, SHORTEST)
    pace = max(people, 1)
    late = sum(
        due is not None and _made_at(place, length, pace, now) > due for place, due in enumerate(dues, 1)
    )
    open_dues = [(place, due) for place, due in enumerate(dues, 1) if due is not None and due > now]
    needed = max(
        (math.ceil(length * place / (due - now)) for place, due in open_dues), default=min(len(dues), 1)
    )
    done = _made_at(len(dues), length, pace, now)
    return Outlook(len(dues), done, late, people, min(needed, MOST_PEOPLE), length)


def _made_at(place: int, length: timedelta, people: int, now: datetime) -> datetime:
    return now + length * place / people
