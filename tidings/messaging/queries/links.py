"""Whose page a link opens: the tokens of readers' own pages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max

from tidings.kernel import secrets
from tidings.messaging.engine.tokens import Links
from tidings.messaging.models import Message, Recipient, RevokedLinks

PURPOSE = "messaging.links"


def links(address: str = "") -> Links:
    """What makes and reads the links to readers' own pages under `address`."""
    newest, *older = secrets.subkeys(PURPOSE)
    return Links(address, newest, tuple(older))


def links_sent(contact_ids: Sequence[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    """Per contact how many messages it got, each with a link, and up to when those were revoked."""
    found = Recipient.objects.filter(contact_id__in=contact_ids).order_by().values_list("contact_id")
    revoked = RevokedLinks.objects.filter(contact_id__in=contact_ids).order_by().values_list("contact_id")
    ended = dict(revoked.annotate(Max("up_to")))
    return {contact: (count, ended.get(contact)) for contact, count in found.annotate(Count("pk"))}


def names_of_contacts(about: str, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the contacts were called in the messages about one thing."""
    messages = Message.objects.filter(about=about).values("pk")
    found = Recipient.objects.filter(message_id__in=messages, contact_id__in=set(contact_ids))
    return dict(found.values_list("contact_id", "name"))
