"""Reads of the ways mail leaves this house, and of what the catcher holds instead."""

from uuid import UUID

from django.db.models import Q, QuerySet

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.kernel.installation import is_demo
from tidings.messaging.models import CaughtMail, Relay
from tidings.messaging.rules.delivery import MAIL, RelayKind


def has_relay() -> bool:
    """Whether mail can leave this machine: a relay other than the catcher is in use."""
    return Relay.objects.filter(enabled=True, channel=MAIL).exclude(kind=RelayKind.CATCHER).exists()


def sent_channels() -> list[str]:
    """The rungs that we can send by now: mail always, any other where a service for it is in use."""
    used = Relay.objects.filter(enabled=True).values_list("channel", flat=True).distinct()
    return sorted({MAIL, *used})


def nothing_leaves() -> bool:
    """Whether this firm sends its mail into the catcher without wanting to: no relay, and no demo."""
    return not has_relay() and not is_demo()


def relays(actor: Actor) -> QuerySet[Relay]:
    """The relays in use, without their secrets. Who may read the installation's settings may see them."""
    if not actor.may("installation.read"):
        actor.require("relay.change")
    used = Relay.objects.filter(enabled=True, channel=MAIL).exclude(kind=RelayKind.CATCHER)
    return used.defer("secret").order_by("position", "code")


def relay(actor: Actor, relay_id: UUID) -> Relay:
    """One of them. Raises Missing("messaging.no_such_relay")."""
    found = relays(actor).filter(pk=relay_id).first()
    if found is None:
        raise Missing("messaging.no_such_relay")
    return found


def caught(actor: Actor, text: str = "") -> QuerySet[CaughtMail]:
    """What lies in the catcher, newest first; `text` looks in subject and recipients."""
    actor.require("catcher.read")
    found = CaughtMail.objects.defer("raw").order_by("-caught_at", "-id")
    return found.filter(Q(subject__icontains=text) | Q(recipients__icontains=text)) if text else found


def caught_mail(actor: Actor, mail_id: UUID) -> CaughtMail:
    """One caught mail. Raises Missing("messaging.no_such_mail")."""
    actor.require("catcher.read")
    found = CaughtMail.objects.filter(pk=mail_id).first()
    if found is None:
        raise Missing("messaging.no_such_mail")
    return found
