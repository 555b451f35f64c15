"""What the worker does for incidents: it keeps their scope true. Nothing here sends anything."""

from datetime import timedelta
from uuid import UUID

from tidings.incidents import actions
from tidings.incidents.actions.follow import ASK_WHOLE
from tidings.kernel.jobs import every, job
from tidings.people.queries import system_actor

MOST_TURNS = 50


@every(timedelta(seconds=3), "incidents.follow")
def follow() -> None:
    """What changed since the last turn; a large import in some turns more, and the rest in the next."""
    actor = system_actor("follow")
    for _turn in range(MOST_TURNS):
        if not actions.follow_shipments(actor):
            return


@every(timedelta(hours=1), "incidents.ask_all_whole")
def ask_all_whole() -> None:
    """Every open incident's whole question, once an hour."""
    actions.ask_all_whole()


@job(ASK_WHOLE)
def ask_whole(incident: str) -> None:
    """One incident's whole question. Asked twice it finds the same."""
    actions.ask_whole(system_actor("follow"), UUID(incident))
