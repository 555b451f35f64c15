"""What the worker does for what comes in: it reads mailboxes and decides what was kept."""

from datetime import timedelta
from uuid import UUID

from tidings.conversations import actions, queries
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.actions.decide import DECIDE
from tidings.conversations.actions.doors import LOOK
from tidings.conversations.doors.base import ways
from tidings.kernel.clock import now
from tidings.kernel.jobs import enqueue, every, job

MOST_AT_ONCE = 200


@job(DECIDE, priority=2)
def deciding(arrival: str) -> None:
    """One arrival. Asked twice it finds it decided."""
    actions.decide(AT_THE_DOOR, UUID(arrival))


@job(LOOK)
def looking(door: str) -> None:
    """One door."""
    actions.look_in(AT_THE_DOOR, UUID(door))


@every(timedelta(seconds=30), "conversations.look_in_all")
def looking_in_all() -> None:
    """Every mailbox, each as a job of its own: one that hangs keeps no other waiting, and none is read by two at once."""
    for door in queries.open_doors():
        kind = ways().get(door.code)
        if kind is not None and kind.polls:
            enqueue(LOOK, key=f"look:{door.pk}", door=str(door.pk))


@every(timedelta(minutes=1), "conversations.decide_waiting")
def deciding_waiting() -> None:
    """What was kept and is not decided: its job was lost with its worker."""
    actions.decide_waiting(now() - timedelta(minutes=1))


@every(timedelta(seconds=5), "conversations.take_answers")
def taking_answers() -> None:
    """What people sent back over services."""
    while actions.take_answers(AT_THE_DOOR) == MOST_AT_ONCE:
        pass


@every(timedelta(minutes=5), "conversations.look_at_listening")
def looking_at_listening() -> None:
    """Whether what listens does."""
    for door in queries.open_doors():
        kind = ways().get(door.code)
        if kind is not None and kind.listens:
            enqueue(LOOK, key=f"look:{door.pk}", door=str(door.pk))
