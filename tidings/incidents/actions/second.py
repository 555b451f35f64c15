"""The second administrator of whatever loosens what the firm asks of itself: when one is needed, and who may be it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tidings.incidents.models.policies import Asked
from tidings.incidents.rules.policies import waits
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Refused
from tidings.kernel.installation import is_demo
from tidings.people.queries import makers_of, others_who_confirm


def may_ask(actor: Actor) -> None:
    """Raises Refused for who may neither change policies and grading nor ask for it, as programs may."""
    if not actor.may("policy.change"):
        actor.require("policy.ask")


def needs_another(actor: Actor, loosens: bool) -> bool:
    """Whether a change waits for an administrator of the whole firm: a second one for what loosens, and whatever it is where
    the actor may only ask, as a program may."""
    if not actor.may("policy.change"):
        return True
    return waits(loosens, others=others_who_confirm(actor, None, None, whole_firm=True), demo=is_demo())


def confirms_as_themselves(actor: Actor) -> None:
    """Raises Refused("incident.policy_confirm_as_yourself") for a key or a command."""
    if actor.kind is not ActorKind.PERSON:
        raise Refused("incident.policy_confirm_as_yourself")


def is_another(actor: Actor, asked: Asked) -> None:
    """Raises Refused("incident.policy_not_both") for who asked, by way of a key of their own too, but for a demo's one person."""
    made = not is_demo() and actor.ref in makers_of([asked.asked_by])
    if asked.asked_by == actor.ref or made:
        raise Refused("incident.policy_not_both")


def end_asked(wishes: QuerySet[Any], actor: Actor, outcome: str, at: datetime) -> None:
    """Ends what still waits among `wishes`, in the caller's transaction."""
    wishes.filter(ended_at__isnull=True).update(ended_at=at, ended_by=actor.ref, outcome=outcome)
