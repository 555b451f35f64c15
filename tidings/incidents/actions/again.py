"""Sending a phase's message again, only to those whom it has not reached."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, sql
from tidings.incidents.actions.locking import locked, told
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import actions as messaging
from tidings.messaging.queries import SeenAgain


def send_phase_again(actor: Actor, incident_id: UUID, message_id: UUID, seen: SeenAgain) -> int:
    """New deliveries of the same words to whom they have not reached, on their next address or the same; gives how many.

    Raises Refused("incident.promise_passed") when the words promise a message that is due already,
    Refused("incident.choice_passed") when they tell of a time to choose that is over, Refused("incident.another_kind") when the
    incident was of another kind then, Missing for a message that has not gone, and what messaging refuses: a second press, more people than were shown.
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        sending = queries.sent_message(incident, message_id)
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        why_not = queries.why_not_again(incident, sending, at)
        if why_not:
            raise Refused(why_not, number=incident.number)
        planned = messaging.send_again(actor, message_id, sql.ladders(at), seen)
        told(actor, incident, at, "phase_sent_again", {"phase": sending.phase, "recipients": planned})
    return planned


def act_on_unreached(
    actor: Actor, incident_id: UUID, phase: str, chosen: queries.Chosen, seen: SeenAgain
) -> int:
    """The same for some of the people of a phase, by all its messages: again, on their next rung now, or on the call list. Gives how many.

    Who is reached, and who is being sent to or called at this moment, is left alone. Raises Conflict("messaging.sent_again_meanwhile")
    when anything of the phase was sent since the size was `seen`, Conflict("messaging.more_not_reached") for more people than it said,
    Refused("messaging.nobody_left") for nobody, Refused("incident.not_open").
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        size = queries.acting(actor, incident, phase, at, chosen)
        if size.seen.broadcast != seen.broadcast:
            raise Conflict("messaging.sent_again_meanwhile")
        if size.seen.people > seen.people:
            raise Conflict("messaging.more_not_reached", seen=seen.people, now=size.seen.people)
        if not size.parts:
            raise Refused("messaging.nobody_left")
        ladder = sql.ladders(at)
        planned = 0
        for message_id, onward, stands in size.parts:
            looked = SeenAgain(stands.broadcast, stands.people)
            planned += messaging.send_again(actor, message_id, ladder, looked, onward)
        facts = {"phase": phase, "recipients": planned}
        if chosen.how == "call":
            told(actor, incident, at, "phase_to_call", facts)
        elif chosen.how == "next":
            told(actor, incident, at, "phase_next_rung", facts)
        else:
            told(actor, incident, at, "phase_sent_again", facts)
    return planned
