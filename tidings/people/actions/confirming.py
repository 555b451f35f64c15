"""A second administrator answers a wish for more rights."""

from uuid import UUID

from django.db import transaction

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.audit import record
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.people.actions.asking import end_open_ask
from tidings.people.actions.staff import apply_access, locked, not_oneself
from tidings.people.models import AccessAsk, User


def confirm_access(actor: Actor, user_id: UUID, ask_id: UUID) -> User:
    """Gives somebody what another administrator asked for them, and ends their sessions.

    Raises Refused("people.confirm_as_yourself") for a command or key, Refused("people.not_both") for the asker,
    Refused("people.not_yourself"), Missing("people.no_such_ask"), Conflict("people.changed_meanwhile").
    """
    actor.require("staff.change")
    if actor.kind is not ActorKind.PERSON:
        raise Refused("people.confirm_as_yourself")
    with transaction.atomic():
        user = locked(actor, user_id)
        not_oneself(actor, user)
        asked = _open(user, ask_id)
        if asked.asked_by == actor.ref:
            raise Refused("people.not_both")
        if asked.access_version != user.access_version or not user.is_active:
            raise Conflict("people.changed_meanwhile", name=user.name)
        end_open_ask(actor, user.pk, "confirmed")
        return apply_access(actor, user, set(asked.roles), asked.unit, {"asked_by": asked.asked_by})


def decline_access(actor: Actor, user_id: UUID, ask_id: UUID) -> User:
    """Ends a wish for more rights without giving them; the asker may take their own back. Raises as `confirm_access`."""
    actor.require("staff.change")
    with transaction.atomic():
        user = locked(actor, user_id)
        asked = _open(user, ask_id)
        end_open_ask(actor, user.pk, "declined")
        record(actor, "staff.decline", "person", user.pk, {"asked": str(asked.pk), "roles": asked.roles})
        return user


def _open(user: User, ask_id: UUID) -> AccessAsk:
    asked = (
        AccessAsk.objects.select_related("unit").filter(pk=ask_id, user=user, ended_at__isnull=True).first()
    )
    if asked is None:
        raise Missing("people.no_such_ask")
    return asked
