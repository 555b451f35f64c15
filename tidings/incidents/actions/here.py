"""Who else is here: a page that is open says so. Nothing of the incident changes, so that no line is left behind."""

from uuid import UUID

from django.db import transaction

from tidings.incidents import sql
from tidings.kernel import live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now


def be_here(actor: Actor, incident_id: UUID) -> None:
    """Says that the actor has this incident's page open; the other open pages hear of it when they did not know."""
    actor.require("incident.read")
    with transaction.atomic():
        if sql.be_here(incident_id, actor.ref, now()):
            live.notify(f"incident:{incident_id}")
