"""Ending the links to a contact's own page, for somebody who sees that contact."""

from uuid import UUID

from tidings.customers.queries import contact
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.messaging import actions as messaging


def revoke_links(actor: Actor, contact_id: UUID) -> None:
    """Every link that this contact got until now opens nothing any more; the next message brings a new one.

    Raises Missing("contact.missing") outside the actor's units.
    """
    actor.require("contact.change")
    messaging.revoke_links(actor, contact(actor, contact_id).pk, now())
