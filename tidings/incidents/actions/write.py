"""Writing the message of a phase: the prepared text with people's own sentences in it, before anybody is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import locked, must_be_open
from tidings.incidents.models import Incident, Sending
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import actions as messaging
from tidings.messaging.rules.content import EVERY_LANGUAGE

Facts = Mapping[str, Mapping[str, str]]


def write_phase(
    actor: Actor,
    incident_id: UUID,
    phase: str,
    facts: Facts,
    *,
    seen_message: str | None = None,
    corrects: UUID | None = None,
) -> UUID:
    """Writes the message of a phase in every language that has a text for it, and gives the message's id.

    `facts` are people's own sentences per language. Place, number, beginning and the promise of the next message come from
    the incident; a holding notice holds nothing else. A correction puts right the message `corrects`, or what the one written before does. Raises
    Refused("incident.phase_unknown"), Refused("incident.not_open"), Refused("incident.corrects_nothing"),
    Refused("incident.holding_as_prepared") for sentences of somebody's own in a holding notice, Missing for a
    message to correct that did not go, what messaging refuses, and Conflict("incident.message_changed") when `seen_message`
    (of `queries.newest_message`) is not the newest of this phase any more.
    """
    actor.require("message.write")
    if phase not in rules.SENT_PHASES:
        raise Refused("incident.phase_unknown", phase=phase)
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        if not incident.is_open:
            raise Refused("incident.not_open", number=incident.number, state=incident.state)
        if seen_message is not None:
            must_be_newest(incident, phase, seen_message)
        if phase == rules.Phase.HOLDING and any(facts.values()):
            raise Refused("incident.holding_as_prepared", number=incident.number)
        wrong = _put_right(incident, phase, corrects)
        return _write(actor, incident, phase, facts, wrong, at)


def write_completion(
    actor: Actor, incident_id: UUID, message_id: UUID, facts: Facts, *, seen_message: str | None = None
) -> UUID:
    """Writes what completes a sent message in languages that it did not go in, and gives the new message's id.

    It says every fact that went; what `facts` say in a language that went already is left as it went. Raises
    Refused("incident.not_completed") for a message that nobody writes sentences for, Missing for one that has not gone,
    and else what `write_phase` raises.
    """
    actor.require("message.write")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        sent = queries.to_complete(incident, message_id)
        if seen_message is not None:
            must_be_newest(incident, sent.phase, seen_message, message_id)
        said = rules.sentences_to_complete(
            queries.said_so_far(incident, sent), facts, queries.languages_gone(message_id)
        )
        return _write(actor, incident, sent.phase, said, sent.corrects, at, sent)


def must_be_newest(incident: Incident, phase: str, message: str, completes: UUID | None = None) -> None:
    """Raises Conflict("incident.message_changed") when another message of this phase was written or sent since."""
    if queries.newest_message(incident, phase, completes) != message:
        newest = incident.sendings.filter(phase=phase, completes=completes).latest("at")
        raise Conflict("incident.message_changed", number=incident.number, by=newest.by)


def _put_right(incident: Incident, phase: str, corrects: UUID | None) -> UUID | None:
    """The message that is corrected, if any; one that went. Asked before what was written is left for something newer."""
    if phase != rules.Phase.CORRECTION:
        return None
    written = queries.unsent(incident, phase)
    chosen = corrects or (written.corrects if written else None)
    if chosen is None:
        raise Refused("incident.corrects_nothing", number=incident.number)
    return queries.sent_message(incident, chosen).message_id


def _write(
    actor: Actor,
    incident: Incident,
    phase: str,
    facts: Facts,
    wrong: UUID | None,
    at: datetime,
    sent: Sending | None = None,
) -> UUID:
    """Writes it in the place of what was written before; what completes a `sent` one keeps the promise of that."""
    promise = queries.promise(incident, phase, at)
    completes = sent.message_id if sent else None
    if sent:
        promise = replace(promise, next_by=sent.promised_by)
    shared = {**queries.known_facts(incident, promise), **facts.get(EVERY_LANGUAGE, {})}
    before = Sending.objects.filter(incident=incident, phase=phase, completes=completes)
    before.filter(sent_at__isnull=True, left_at__isnull=True).update(left_at=at)
    message = messaging.write_message(
        actor,
        about=incident.number,
        kind=queries.kind_told(incident, phase),
        phase=phase,
        facts={**facts, EVERY_LANGUAGE: shared},
        drill=incident.drill,
        policy=queries.approval_for(incident, phase),
        unit_id=incident.unit_id,
        completes=completes,
    )
    Sending(
        incident=incident,
        phase=phase,
        message_id=message,
        promised_by=promise.next_by,
        corrects=wrong,
        completes=completes,
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)
    return message
