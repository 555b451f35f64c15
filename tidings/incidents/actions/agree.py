"""A client's word that its consignees may be told now: noted by one of our people, or given by the client on its own page."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.customers.queries import customer, number_of
from tidings.incidents import queries, sql
from tidings.incidents.actions.choice import CUSTOMER, Chooser
from tidings.incidents.actions.locking import must_be_open, told
from tidings.incidents.models import ClientWord, Incident
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


def note_client_agrees(actor: Actor, incident_id: UUID, customer_id: UUID) -> None:
    """Notes that a client let its consignees be told of this incident: whoever waited for it hears with the next turn, or with
    the first notice where that has not gone.

    Raises Missing outside the actor's units, Refused("incident.not_open"), Refused("incident.nobody_waits_for_client").
    """
    actor.require("message.confirm")
    seen, client = queries.incident(actor, incident_id), customer(actor, customer_id)
    at = now()
    with transaction.atomic():
        incident = _noted(actor, seen.pk, client.pk, None, at)
        told(actor, incident, at, "client_agreed", {"client": client.number})


def client_agrees(incident_id: UUID, who: Chooser) -> None:
    """The same, said by a contact of the client by its signed link. Whoever calls it has checked the link. Raises what
    `note_client_agrees` raises."""
    at = now()
    with transaction.atomic():
        incident = _noted(CUSTOMER, incident_id, who.customer_id, who.contact_id, at)
        told(CUSTOMER, incident, at, "client_agreed_itself", {"client": number_of(who.customer_id)})


def _noted(actor: Actor, incident_id: UUID, client: UUID, contact: UUID | None, at: datetime) -> Incident:
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    must_be_open(incident)
    if not sql.waited_for(incident.pk, at, only=client):
        raise Refused("incident.nobody_waits_for_client", number=incident.number)
    made = ClientWord(incident=incident, customer_id=client, contact_id=contact)
    made.at, made.by_kind, made.by = at, actor.kind, actor.ref
    made.save(force_insert=True)
    return incident
