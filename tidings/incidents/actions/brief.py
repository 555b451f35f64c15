"""Briefing our own people no later than customers are told: by mail through the same engine, in the same transaction."""

from datetime import datetime

from tidings.incidents import queries, rules
from tidings.incidents.actions.locking import told
from tidings.incidents.actions.write import write_phase
from tidings.incidents.models import Incident, Sending
from tidings.kernel.actor import Actor
from tidings.messaging import actions as messaging
from tidings.messaging import queries as texts


def brief_own_people(actor: Actor, incident: Incident, phase: str, at: datetime) -> None:
    """Sends what is written of the briefing, or the prepared one, where a message of `phase` brings one with it.

    It never holds customers: a language that is not there leaves its readers the second one, and where nobody is to be
    briefed, or nothing of it is ready, nothing goes.
    """
    written = queries.unsent(incident, rules.Phase.BRIEFING)
    sent = incident.sendings.filter(sent_at__isnull=False).values_list("phase", flat=True)
    if not rules.briefs(phase, set(sent), written=written is not None):
        return
    audience = queries.audience(incident, rules.Phase.BRIEFING, at)
    if not texts.audience_size(audience):
        return
    message = written.message_id if written else write_phase(actor, incident.pk, rules.Phase.BRIEFING, {})
    ready = texts.ready_languages(message)
    if not ready:
        return
    messaging.freeze_message(actor, message, languages=ready, audience=audience)
    sending = Sending.objects.get(message_id=message)
    sending.recipients, sending.sent_at = messaging.send_message(actor, message, audience), at
    sending.save(update_fields=["recipients", "sent_at"])
    facts: dict[str, object] = {"phase": rules.Phase.BRIEFING, "recipients": sending.recipients}
    told(actor, incident, at, "phase_sent", facts)
