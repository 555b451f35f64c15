"""Whose an incident is, and how it passes on."""

from uuid import UUID

from django.db import transaction

from tidings.incidents.actions.locking import changed, told
from tidings.incidents.models import Incident
from tidings.incidents.rules import OPEN_STATES
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now


def pass_on(actor: Actor, person: UUID, successor: UUID) -> int:
    """Gives every open incident of `person` to `successor`, inside the caller's transaction if there is one; how many."""
    at = now()
    with transaction.atomic():
        owned = Incident.objects.select_for_update().filter(owner_id=person, state__in=sorted(OPEN_STATES))
        count = 0
        for incident in owned.order_by("pk"):
            incident.owner_id = successor
            changed(actor, incident, at, "owner_id")
            told(actor, incident, at, "passed_on", {"owner": str(successor)})
            count += 1
    return count
