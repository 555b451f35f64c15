"""Who else has an incident's page open."""

from datetime import datetime

from tidings.incidents import sql
from tidings.incidents.models import Incident
from tidings.kernel.actor import Actor
from tidings.people.queries import names_of


def others_here(actor: Actor, incident: Incident, now: datetime) -> list[str]:
    """The names of the others who have it open at this moment, whoever came first standing first."""
    others = [person for person in sql.who_is_here(incident.pk, now) if person != actor.ref]
    names = names_of(others)
    return [names[person] for person in others]
