"""The servers that take our mail, whose voice it has, and the catcher that stands in where there is no relay."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit, secrets
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import refuse_in_demo
from tidings.messaging import queries
from tidings.messaging.models import Relay, RelaySlot, Voice
from tidings.messaging.rules.content import is_mail_address
from tidings.messaging.rules.delivery import RelayKind, Security

SECRET = "messaging.relay"  # noqa: S105 - the purpose, not a secret
CATCHER = "catcher"
CATCHER_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What somebody sets for a relay. `password` None keeps the one that is there; `rate` 0 sets no limit."""

    code: str
    host: str
    port: int
    security: str
    user: str = ""
    password: str | None = None
    connections: int = 10
    reserved: int = 2
    rate: float = 0.0
    receipts: bool = False
    calls_unproved: bool = False


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """From whom mail comes and where to turn. `where_to_look` is a web address."""

    firm: str
    from_address: str
    reply_to: str = ""
    phone: str = ""
    where_to_look: str = ""


def set_relay(actor: Actor, given: RelaySettings, relay_id: UUID | None = None) -> UUID:
    """Adds a relay, or changes one. Raises Refused in a demo, for a name that is taken, for a password without TLS, and
    for a kept password that would go to another host or user than it was given for.
    """
    actor.require("relay.change")
    refuse_in_demo("relay")
    with transaction.atomic():
        relay = _relay(relay_id) if relay_id else Relay(kind=RelayKind.RELAY)
        keeps = given.password is None and relay.secret
        if given.security == Security.NONE and (given.password or keeps):
            raise Refused("messaging.password_in_the_clear")
        if keeps and (given.host, given.user) != (relay.host, relay.user):
            raise Refused("messaging.password_for_another_server")
        taken = Relay.objects.filter(code=given.code).exclude(pk=relay.pk).exists()
        if taken or given.code == CATCHER:
            raise Refused("messaging.relay_name_taken", name=given.code)
        where = (given.host, given.port, given.security, given.user)
        if where != (relay.host, relay.port, relay.security, relay.user):
            relay.speaks_dsn, relay.tried_at, relay.tried = None, None, ""
        relay.code = given.code
        relay.host, relay.port, relay.security, relay.user = where
        relay.connections, relay.reserved, relay.rate = given.connections, given.reserved, given.rate
        relay.receipts, relay.calls_unproved, relay.enabled = given.receipts, given.calls_unproved, True
        if given.password is not None:
            relay.secret = secrets.seal(SECRET, given.password.encode()) if given.password else None
        relay.save()
        set_slots(relay)
        audit.record(actor, "relay.change", "relay", relay.pk, {"code": relay.code, "done": "set"})
    return relay.pk


def end_relay(actor: Actor, relay_id: UUID) -> None:
    """Stops using a relay; what it did stays on record. Raises Missing."""
    actor.require("relay.change")
    with transaction.atomic():
        relay = _relay(relay_id)
        relay.enabled = False
        relay.save(update_fields=["enabled"])
        RelaySlot.objects.filter(relay=relay).delete()
        audit.record(actor, "relay.change", "relay", relay.pk, {"code": relay.code, "done": "ended"})


def set_voice(actor: Actor, given: VoiceSettings) -> None:
    """From now on mail comes from here; what is frozen already keeps its words. Raises Refused for an address that is none."""
    actor.require("relay.change")
    for address in (given.from_address, given.reply_to):
        if address and not is_mail_address(address):
            raise Refused("messaging.not_an_address")
    with transaction.atomic():
        voice = Voice.objects.create(
            firm=given.firm,
            from_address=given.from_address,
            reply_to=given.reply_to,
            phone=given.phone,
            where_to_look=given.where_to_look,
            set_by=queries.reference_of(actor),
        )
        audit.record(actor, "relay.change", "voice", voice.pk, {"done": "set"})


def keep_catcher(port: int) -> None:
    """Sees to it that the catcher stands among the relays, at this port of loopback. The sender calls it when it starts."""
    with transaction.atomic():
        relay, _ = Relay.objects.select_for_update().get_or_create(
            code=CATCHER,
            defaults={
                "kind": RelayKind.CATCHER,
                "host": "127.0.0.1",
                "security": Security.NONE,
                "position": 1000,
            },
        )
        slots = RelaySlot.objects.filter(relay=relay).count()
        if relay.port != port or slots != CATCHER_CONNECTIONS + 2:
            relay.port, relay.connections, relay.reserved, relay.rate = port, CATCHER_CONNECTIONS, 2, 0.0
            relay.save(update_fields=["port", "connections", "reserved", "rate"])
            set_slots(relay)


def sealed(text: str) -> bytes:
    """A password or a service's settings, as they are kept."""
    return secrets.seal(SECRET, text.encode())


def unsealed(secret: bytes) -> str:
    """A relay's password, for the sender alone."""
    return secrets.unseal(SECRET, secret).decode()


def _relay(relay_id: UUID) -> Relay:
    relay = Relay.objects.select_for_update().filter(pk=relay_id).exclude(kind=RelayKind.CATCHER).first()
    if relay is None:
        raise Missing("messaging.no_such_relay")
    return relay


def set_slots(relay: Relay) -> None:
    """One row per connection that senders may lease, each with its share of the rate."""
    RelaySlot.objects.filter(relay=relay).delete()
    share = relay.rate / (relay.connections + relay.reserved)
    lanes = ["bulk"] * relay.connections + ["single"] * relay.reserved
    RelaySlot.objects.bulk_create(RelaySlot(relay=relay, lane=lane, rate=share) for lane in lanes)
