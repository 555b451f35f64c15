"""What the worker does for incidents and whoever is told of them."""

from datetime import timedelta

from tidings.incidents.actions.refused import mark_refused_addresses, revive_taken_addresses
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.jobs import every

_ACTOR = Actor(ActorKind.SYSTEM, "refused addresses", frozenset({"address.mark"}))
_LOOKED_BACK = timedelta(days=30)
_AT_ONCE = 500


@every(timedelta(seconds=5), "incidents.mark_refused")
def mark_refused() -> None:
    """What servers said is at fault, so that the next planning takes the contact's next rung."""
    while mark_refused_addresses(_ACTOR, _AT_ONCE) == _AT_ONCE:
        pass


@every(timedelta(minutes=5), "incidents.revive_taken")
def revive_taken() -> None:
    """What servers take again."""
    revive_taken_addresses(_ACTOR, now() - _LOOKED_BACK)
