"""Services for other rungs than mail: SMS gateways, messengers and the like, with their sealed settings."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import refuse_in_demo
from tidings.kernel.jobs import enqueue
from tidings.messaging.actions.relays import CATCHER, sealed, set_slots, unsealed
from tidings.messaging.actions.trying import ASKED
from tidings.messaging.models import Relay
from tidings.messaging.rules.delivery import RelayKind, Security
from tidings.messaging.rules.webhooks import WEBHOOK, secret_for

TRY_SERVICE = "messaging.try_service"


@dataclass(frozen=True, slots=True)
class Service:
    """What somebody sets for a service: its name here, which channel speaks to it, that channel's rung and settings. Of the
    settings named in `sealed`, an empty one keeps what is there. `rate` 0 sets no limit.
    """

    code: str
    service: str
    rung: str
    settings: Mapping[str, object]
    sealed: Collection[str] = ()
    connections: int = 5
    reserved: int = 1
    rate: float = 0.0


def set_service(actor: Actor, given: Service, relay_id: UUID | None = None) -> UUID:
    """Adds a service, or changes one. Raises Refused in a demo and for a name that is taken; Missing for one that is not there."""
    actor.require("relay.change")
    refuse_in_demo("relay")
    with transaction.atomic():
        relay = _locked(relay_id) if relay_id else Relay(kind=RelayKind.RELAY, security=Security.TLS)
        if relay_id and relay.service != given.service:
            raise Refused("messaging.another_service")
        if given.code == CATCHER or Relay.objects.filter(code=given.code).exclude(pk=relay.pk).exists():
            raise Refused("messaging.relay_name_taken", name=given.code)
        before = json.loads(_unsealed(relay)) if relay.settings else {}
        kept = {name: before.get(name, "") for name in given.sealed if not given.settings.get(name)}
        settings = {**given.settings, **kept}
        relay.code, relay.channel, relay.service = given.code, given.rung, given.service
        relay.settings = sealed(json.dumps(settings))
        relay.connections, relay.reserved, relay.rate = given.connections, given.reserved, given.rate
        relay.calls_unproved, relay.enabled = True, True
        relay.save()
        set_slots(relay)
        told = {"code": relay.code, "done": "set", "service": given.service}
        audit.record(actor, "relay.change", "relay", relay.pk, told)
    return relay.pk


def ask_to_try(actor: Actor, relay_id: UUID, address: str) -> None:
    """Has the worker send a test message by this service to an address. Raises Refused in a demo, Missing for no such service."""
    actor.require("relay.change")
    refuse_in_demo("relay")
    with transaction.atomic():
        relay = _locked(relay_id)
        relay.tried, relay.tried_at = ASKED, None
        relay.save(update_fields=["tried", "tried_at"])
        enqueue(TRY_SERVICE, key=f"{TRY_SERVICE}:{relay_id}", relay=str(relay_id), to=address)
        audit.record(actor, "relay.change", "relay", relay_id, {"code": relay.code, "done": "tried"})


def services_in_use() -> list[tuple[UUID, str, str]]:
    """Every service that is used: its id, its channel and its settings (JSON)."""
    relays = Relay.objects.filter(enabled=True).exclude(service="")
    return [(relay.pk, relay.service, _unsealed(relay)) for relay in relays]


def read_webhook_secret(actor: Actor, code: str, address: str) -> str:
    """The secret by which the owner of an address checks our webhooks, to be handed over once. Raises Missing for no such service."""
    actor.require("relay.change")
    with transaction.atomic():
        relay = Relay.objects.filter(code=code, service=WEBHOOK, enabled=True).first()
        if relay is None:
            raise Missing("messaging.no_such_service")
        audit.record(actor, "relay.change", "relay", relay.pk, {"code": code, "done": "shown"})
        master = str(json.loads(_unsealed(relay)).get("secret", ""))
    return secret_for(master, address)


def kept_settings(relay_id: UUID) -> tuple[str, str]:
    """The channel and the settings (JSON) of a service in use. Raises Missing("messaging.no_such_service")."""
    relay = Relay.objects.filter(pk=relay_id, enabled=True).exclude(service="").first()
    if relay is None:
        raise Missing("messaging.no_such_service")
    return relay.service, _unsealed(relay)


def _unsealed(relay: Relay) -> str:
    return unsealed(bytes(relay.settings)) if relay.settings else "{}"


def _locked(relay_id: UUID) -> Relay:
    relay = Relay.objects.select_for_update().filter(pk=relay_id).exclude(service="").first()
    if relay is None:
        raise Missing("messaging.no_such_service")
    return relay
