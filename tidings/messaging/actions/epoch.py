"""Entering an epoch: a database older than the one this machine has seen begins a new life, paused."""

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging.models import Epoch, Pause

_SENDER = Actor(ActorKind.SYSTEM, "sender", frozenset())
OLDER = "database_older_than_home"


def enter_epoch(seen: int | None) -> int:
    """The epoch to work in, given the newest one that `TIDINGS_HOME` has seen (None: none yet).

    A database that knows less than that was put back behind our back: what it holds as unsent may have gone out. So a
    new epoch begins and everything is paused until a person has looked.
    """
    with transaction.atomic():
        newest = Epoch.objects.select_for_update().latest("number").number
        if seen is None or seen <= newest:
            return newest
        epoch = Epoch.objects.create(number=seen + 1, reason=OLDER, begun_by="sender")
        Pause.objects.create(scope="everything", reason=OLDER, paused_by="sender")
        told = {"seen": seen, "database": newest, "epoch": epoch.number}
        audit.record(_SENDER, "message.hold", "epoch", epoch.number, told)
    return epoch.number
