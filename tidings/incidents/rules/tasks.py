"""The rules of tasks: which departments are known from the start, how a task ends, what a task must say. Pure."""

from datetime import datetime
from enum import StrEnum

from tidings.people.rules import DEPARTMENTS

FROM_A_PERSON = "person"
"""The origin of a task that somebody of the staff gave; others say what made it, as `choice` for a customer's choice."""

IN_THE_STORY = frozenset({FROM_A_PERSON, "review"})
"""Whose tasks stand on the timeline: those that people gave."""


class TaskEnd(StrEnum):
    """How a task ended."""

    DONE = "done"
    NOT_DONE = "not_done"


def department_code(said: str) -> str:
    """The code of a department as people say it: a known one's code, the firm's own word as it stands otherwise."""
    word = " ".join(said.split())
    code = word.casefold().replace(" ", "_")
    return code if code in DEPARTMENTS else word[:40]


def needs_reason(end: str) -> bool:
    """Whether this end asks why."""
    return end == TaskEnd.NOT_DONE


def is_overdue(due_by: datetime, now: datetime) -> bool:
    """Whether an open task's time has passed."""
    return due_by < now
