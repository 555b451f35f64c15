"""Telling by itself who came in after the first notice: the newest facts, with a clock of their own, once they have been in a while."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.locking import told
from tidings.incidents.actions.send import tell_phase
from tidings.incidents.models import HeldChange, Incident
from tidings.incidents.queries.newly import in_whose_hand, latest_facts
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError


def with_newcomers() -> list[UUID]:
    """The open incidents of which somebody was told, and whose newly affected may be told by themselves."""
    waiting = HeldChange.objects.filter(ended_at__isnull=True).values("incident_id")
    found = Incident.objects.filter(
        state__in=sorted(rules.OPEN_STATES - {rules.State.RESOLVED}), first_notice_at__isnull=False
    )
    return list(found.exclude(pk__in=waiting).order_by("pk").values_list("pk", flat=True))


def owe_again(actor: Actor, incident_id: UUID) -> int:
    """Whoever missed the first notice and can be reached now counts as not told, so that they hear the newest facts as whoever comes in
    does; how many customers."""
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        customers = sql.owe_again(incident.pk, incident.number, at)
        if customers:
            told(actor, incident, at, "owed_again", {"customers": customers})
    return customers


def tell_newly_affected(actor: Actor, incident_id: UUID) -> int | None:
    """Tells those who came in since the newest facts that were told, as a first notice; how many contacts that is, None where
    it is not to be.

    It is not while somebody has a first notice in hand, or before they have been in for as long as changes are gathered. Words
    that a person approved already for this incident go again without asking; others are written and wait for an approver, once:
    who comes in meanwhile gets them with the others, as soon as they were approved.
    """
    actor.require("message.send")
    since = sql.untold_since(incident_id, now()) if sql.with_untold([incident_id]) else None
    if since is None or not rules.is_gathered(_brake_of(incident_id), since, now()):
        return None
    with transaction.atomic():
        # Locked before looking: somebody who is writing a first notice now has it in hand.
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        facts = latest_facts(incident)
        waiting = queries.unsent(incident, rules.Phase.FIRST_NOTICE)
        if facts is None or in_whose_hand(waiting, facts):
            return None
        try:
            with transaction.atomic():
                return tell_phase(
                    actor, incident_id, rules.Phase.FIRST_NOTICE, facts, same_words_suffice=True
                ).sent
        except TidingsError:
            return None  # the incident's page says who is untold, and the composer why it does not go


def _brake_of(incident_id: UUID) -> rules.Brake:
    return queries.strictest_policy(Incident.objects.get(pk=incident_id)).brake
