"""Revoking the links to a contact's own page: somebody else reads their mail, or the address was wrong."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.messaging import queries
from tidings.messaging.models import RevokedLinks


def revoke_links(actor: Actor, contact_id: UUID, up_to: datetime) -> None:
    """Ends every link that this contact got up to a moment. Whoever calls it has checked that the actor sees the contact."""
    actor.require("contact.change")
    with transaction.atomic():
        RevokedLinks.objects.create(
            contact_id=contact_id, up_to=up_to, revoked_by=queries.reference_of(actor)
        )
        audit.record(actor, "contact.links_revoked", "contact", contact_id, {"up_to": up_to})
