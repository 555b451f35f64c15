"""Reads of who hears later by a contract: how many, and which clients they wait for."""

from datetime import datetime

from tidings.incidents import rules, sql
from tidings.incidents.models import Incident
from tidings.kernel.actor import Actor


def hear_later(incident: Incident, phase: str, now: datetime) -> list[sql.Later]:
    """How many contacts hear later what a first notice says, per how long after their client; of any other phase nothing."""
    return sql.hear_later(incident.pk, phase, now) if phase in rules.NOTICES else []


def waited_for(actor: Actor, incident: Incident, now: datetime) -> list[sql.WaitsFor]:
    """The clients whose word others wait for, most first, of those that `actor` sees."""
    if not incident.is_open or not actor.may("customer.read"):
        return []
    return sql.waited_for(incident.pk, now, units=actor.units)
