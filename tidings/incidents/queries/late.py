"""Reads for a language that was not there when a message went: whom it holds, and what there is to complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.incidents import rules, sql
from tidings.incidents.models import Incident, Sending
from tidings.incidents.queries.known import incidents
from tidings.incidents.queries.telling import sent_message, unsent
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Refused
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import FREE_FACTS


@dataclass(frozen=True, slots=True)
class Late:
    """A language that a sent message lacks: how many of its readers wait for it, and until when."""

    incident: Incident
    message_id: UUID
    phase: str
    language: str
    readers: int
    until: datetime


def to_complete(incident: Incident, message_id: UUID) -> Sending:
    """A sent message that may be completed. Raises Refused("incident.not_completed"), or Missing for one that has not gone."""
    sent = sent_message(incident, message_id)
    if sent.completes or not rules.may_be_completed(sent.phase):
        raise Refused("incident.not_completed", number=incident.number)
    return sent


def languages_gone(message_id: UUID) -> frozenset[str]:
    """The languages that a sent message went in."""
    return messaging.languages_sent([message_id]).get(message_id, frozenset())


def said_so_far(incident: Incident, sent: Sending) -> dict[str, dict[str, str]]:
    """People's own sentences of a sent message and of what is written to complete it, per language."""
    written = unsent(incident, sent.phase, sent.message_id)
    newest = messaging.newest_texts(written.message_id if written else sent.message_id)
    return {
        code: {fact: said for fact, said in text.facts.items() if fact in FREE_FACTS}
        for code, text in newest.items()
    }


def late_languages(found: Sequence[Incident], now: datetime) -> list[Late]:
    """Whom the sent messages of these open incidents hold for want of a language, the most urgent first."""
    by_id = {one.pk: one for one in found if one.is_open}
    rows = sql.held(list(by_id), now) if by_id else []
    phases = dict(
        Sending.objects.filter(message_id__in=[row[1] for row in rows]).values_list("message_id", "phase")
    )
    gone = messaging.languages_sent(phases)
    return [
        Late(by_id[incident], message, phases[message], language, readers, until)
        for incident, message, language, readers, until in rows
        if language not in gone.get(message, ()) and rules.may_be_completed(phases[message])
    ]


def languages_awaited(actor: Actor, now: datetime) -> list[Late]:
    """The same of every open incident that the actor sees: for the worklist."""
    return late_languages(list(incidents(actor).filter(state__in=sorted(rules.OPEN_STATES))), now)


def awaited(incident: Incident, phase: str, now: datetime) -> UUID:
    """The sent message of a phase that is awaited most urgently. Raises Refused("incident.nobody_waits")."""
    for one in late_languages([incident], now):
        if one.phase == phase:
            return one.message_id
    raise Refused("incident.nobody_waits", number=incident.number)
