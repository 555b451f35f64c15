"""What the worker does for incidents and whoever is told of them: it keeps scope and addresses true, and tells the newly affected."""

from datetime import timedelta
from uuid import UUID

from tidings.incidents import actions
from tidings.incidents.actions.newly import owe_again, tell_newly_affected, with_newcomers
from tidings.incidents.actions.refused import mark_refused_addresses, revive_taken_addresses
from tidings.incidents.actions.remind import remind_of_due as remind
from tidings.incidents.actions.scope import ASK_WHOLE
from tidings.incidents.words.choice import task_words
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.jobs import every, job
from tidings.people.queries import system_actor

MOST_TURNS = 50
_ADDRESSES = Actor(ActorKind.SYSTEM, "refused addresses", frozenset({"address.mark"}))
_LOOKED_BACK = timedelta(days=30)
_AT_ONCE = 500


@every(timedelta(seconds=3), "incidents.follow")
def follow() -> None:
    """What changed since the last turn; a large import in some turns more, and the rest in the next."""
    actor = system_actor("follow")
    for _turn in range(MOST_TURNS):
        if not actions.follow_shipments(actor):
            return


@every(timedelta(seconds=30), "incidents.tell_newly_affected")
def tell_newly() -> None:
    """Who came in after the first notice hears it, once changes have been gathered; so does who missed it and can be reached now."""
    actor = system_actor("newly affected")
    for incident_id in with_newcomers():
        owe_again(actor, incident_id)
        tell_newly_affected(actor, incident_id)


@every(timedelta(hours=1), "incidents.ask_all_whole")
def ask_all_whole() -> None:
    """Every open incident's whole question, once an hour."""
    actions.ask_all_whole()


@every(timedelta(minutes=1), "incidents.settle_choices")
def settle_choices() -> None:
    """What holds where nobody answered, once the time to choose is over."""
    actions.settle_choices(system_actor("choices"), task_words)


@job(ASK_WHOLE)
def ask_whole(incident: str) -> None:
    """One incident's whole question. Asked twice it finds the same."""
    actions.ask_whole(system_actor("follow"), UUID(incident))


@every(timedelta(seconds=5), "incidents.mark_refused")
def mark_refused() -> None:
    """What servers said is at fault, so that the next planning takes the contact's next rung."""
    while mark_refused_addresses(_ADDRESSES, _AT_ONCE) == _AT_ONCE:
        pass


@every(timedelta(minutes=5), "incidents.revive_taken")
def revive_taken() -> None:
    """What servers take again."""
    revive_taken_addresses(_ADDRESSES, now() - _LOOKED_BACK)


@every(timedelta(minutes=1), "incidents.escalate_promises")
def escalate_promises() -> None:
    """What a person promised a customer and did not keep in time, told once on the timeline."""
    actions.escalate_promises(system_actor("promises"))


@every(timedelta(minutes=1), "incidents.remind_of_due")
def remind_of_due() -> None:
    """Who has in hand what is due is reminded; what is overdue goes on to who is on call."""
    remind(system_actor("reminders"))


@every(timedelta(seconds=30), "incidents.escalate_calls")
def escalate_calls() -> None:
    """Who was called in and did not answer in time is followed by the next."""
    actions.escalate_calls(system_actor("team"))


@every(timedelta(minutes=5), "incidents.raise_undone")
def raise_undone() -> None:
    """What came back after an incident was closed raises its hand."""
    actions.raise_undone(system_actor("late evidence"))
