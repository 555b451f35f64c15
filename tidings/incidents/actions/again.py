"""Sending a phase's message again, only to those whom it has not reached."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, sql
from tidings.incidents.actions.locking import locked, told
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
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
        if sending.promised_by and sending.promised_by <= at:
            raise Refused("incident.promise_passed", number=incident.number)
        if sql.told_choice_passed(message_id, at):
            raise Refused("incident.choice_passed", number=incident.number)
        since = queries.kind_since(incident)
        if since and sending.sent_at and sending.sent_at < since:
            raise Refused("incident.another_kind", number=incident.number)
        planned = messaging.send_again(actor, message_id, sql.ladders(at), seen)
        told(actor, incident, at, "phase_sent_again", {"phase": sending.phase, "recipients": planned})
    return planned
