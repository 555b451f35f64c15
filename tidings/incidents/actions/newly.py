"""Telling by itself who came in after the first notice: with its words and a clock of their own, once they have been in a while."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.send import tell_phase
from tidings.incidents.actions.write import Facts
from tidings.incidents.models import HeldChange, Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import queries as texts
from tidings.messaging.rules.content import FREE_FACTS


def with_newcomers() -> list[UUID]:
    """The open incidents of which somebody was told, and whose newly affected may be told by themselves."""
    waiting = HeldChange.objects.filter(ended_at__isnull=True).values("incident_id")
    found = Incident.objects.filter(
        state__in=sorted(rules.OPEN_STATES - {rules.State.RESOLVED}), first_notice_at__isnull=False
    )
    return list(found.exclude(pk__in=waiting).order_by("pk").values_list("pk", flat=True))


def tell_newly_affected(actor: Actor, incident_id: UUID) -> int | None:
    """Sends the first notice's words to those who came in since; how many contacts that is, None where it is not to be.

    It is not while somebody has a first notice in hand, before they have been in for as long as changes are gathered, or where
    the words need an approval: then it is written, and waits for its approver as any other.
    """
    actor.require("message.send")
    since = sql.untold_since(incident_id)
    if since is None or not rules.is_gathered(since, now()):
        return None
    with transaction.atomic():
        # Locked before looking: somebody who is writing a first notice now has it in hand.
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        said = _said_before(incident)
        if said is None:
            return None
        try:
            with transaction.atomic():
                return tell_phase(actor, incident_id, rules.Phase.FIRST_NOTICE, said).sent
        except (Refused, Conflict):
            return None  # the incident's page says who is untold, and the composer why it does not go


def _said_before(incident: Incident) -> Facts | None:
    """The sentences of the first notice that went last; None where none went, or somebody has one in hand."""
    sent = incident.sendings.filter(
        phase=rules.Phase.FIRST_NOTICE, completes=None, sent_at__isnull=False
    ).order_by("-sent_at")
    last = sent.first()
    if last is None or queries.unsent(incident, rules.Phase.FIRST_NOTICE) is not None:
        return None
    return {
        language: {fact: words for fact, words in text.facts.items() if fact in FREE_FACTS}
        for language, text in texts.newest_texts(last.message_id).items()
    }
