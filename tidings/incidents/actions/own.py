"""Whose an incident is, and how it passes on."""

from uuid import UUID

from django.db import transaction

from tidings.incidents.actions.locking import changed, told
from tidings.incidents.models import Incident
from tidings.incidents.rules import OPEN_STATES
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.people.queries import colleague, name_of


def pass_on(actor: Actor, person: UUID, successor: UUID) -> int:
    """Gives every open incident of `person` to `successor`, inside the caller's transaction if there is one; how many.

    Raises Refused("incident.successor_does_not_see") when one of them is of a unit that the successor does not see.
    """
    at, units = now(), colleague(successor).units
    with transaction.atomic():
        owned = Incident.objects.select_for_update().filter(owner_id=person, state__in=sorted(OPEN_STATES))
        count = 0
        for incident in owned.order_by("pk"):
            if units is not None and incident.unit_id not in units:
                raise Refused(
                    "incident.successor_does_not_see", number=incident.number, name=name_of(str(successor))
                )
            incident.owner_id = successor
            changed(actor, incident, at, "owner_id")
            told(actor, incident, at, "passed_on", {"owner": str(successor)})
            count += 1
    return count
