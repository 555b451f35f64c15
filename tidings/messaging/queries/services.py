"""Reads of the services beside mail relays. What is sealed in their settings stays sealed here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from tidings.kernel import secrets
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.kernel.installation import public_address
from tidings.messaging.models import CameIn, Relay

SEALED = "messaging.relay"


@dataclass(frozen=True, slots=True)
class KnownService:
    """One service with its settings, for whoever may change them; `callback` is where it tells us what became of messages,
    `came` what it told us lately.
    """

    relay: Relay
    settings: Mapping[str, object]
    callback: str
    came: QuerySet[CameIn]


def gateway_address() -> str:
    """What the addresses begin with at which services tell us things; "" where nobody outside can reach us."""
    address = public_address().rstrip("/")
    return f"{address}/messages/gateway/" if address else ""


def services(actor: Actor) -> QuerySet[Relay]:
    """The services in use, without their settings."""
    if not actor.may("installation.read"):
        actor.require("relay.change")
    used = Relay.objects.filter(enabled=True).exclude(service="")
    return used.defer("settings", "secret").order_by("channel", "position", "code")


def service(actor: Actor, relay_id: UUID) -> KnownService:
    """One of them. Raises Missing("messaging.no_such_service")."""
    actor.require("relay.change")
    found = Relay.objects.filter(pk=relay_id, enabled=True).exclude(service="").first()
    if found is None:
        raise Missing("messaging.no_such_service")
    settings = json.loads(secrets.unseal(SEALED, bytes(found.settings))) if found.settings else {}
    address = gateway_address()
    callback = f"{address}{found.pk}/" if address else ""
    return KnownService(found, settings, callback, CameIn.objects.filter(relay=found).order_by("-id")[:10])
