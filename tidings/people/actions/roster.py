"""The roster: putting somebody on call, and ending that early."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel.actor import Actor
from tidings.kernel.audit import record
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.people.actions.staff import unit_within
from tidings.people.models import Shift, Unit, User
from tidings.people.queries import roles_of, units_of
from tidings.people.rules import ON_DUTY, may_be_on_call


def put_on_call(
    actor: Actor,
    user_id: UUID,
    *,
    role: str,
    unit_id: UUID,
    begins_at: datetime,
    ends_at: datetime,
    deputy_id: UUID | None = None,
) -> Shift:
    """Puts somebody on call in a role, or for a department, of a unit, until `ends_at`, with who stands in.

    Raises Refused("people.no_shift_for_role"), Refused("people.shift_backwards"), Refused("people.deputy_is_same"),
    Refused("people.cannot_be_on_call") for somebody (the deputy too) without the role, with an ended account or who does
    not see the unit, Refused("people.on_call_already") when two shifts of theirs would overlap, Missing for a unit or person
    that the actor does not see.
    """
    actor.require("roster.change")
    if role not in ON_DUTY:
        raise Refused("people.no_shift_for_role", role=role)
    if ends_at <= begins_at:
        raise Refused("people.shift_backwards")
    if deputy_id == user_id:
        raise Refused("people.deputy_is_same")
    with transaction.atomic():
        unit = unit_within(actor, unit_id)
        if unit is None:
            raise Missing("people.no_such_unit")
        user = _who_can(user_id, role, unit)
        deputy = _who_can(deputy_id, role, unit) if deputy_id else None
        User.objects.select_for_update().get(
            pk=user_id
        )  # so that two shifts of theirs are not written at once
        held = Shift.objects.filter(user=user, role=role, ended_at__isnull=True)
        if held.filter(begins_at__lt=ends_at, ends_at__gt=begins_at).exists():
            raise Refused("people.on_call_already", name=user.name)
        when = {"begins_at": begins_at, "ends_at": ends_at}
        shift = Shift(user=user, role=role, unit=unit, deputy=deputy, **when, set_by=actor.ref, set_at=now())
        shift.save(force_insert=True)
        told = {"role": role, **{name: at.isoformat() for name, at in when.items()}}
        record(actor, "roster.set", "person", user.pk, told)
    return shift


def end_shift(actor: Actor, shift_id: UUID) -> None:
    """Takes somebody off the roster from now on; what was of the shift so far stays on record. Twice is no error.

    Raises Missing("people.no_such_shift") for one of a unit that the actor does not see.
    """
    actor.require("roster.change")
    with transaction.atomic():
        shift = Shift.objects.select_for_update().filter(pk=shift_id).first()
        if shift is None or (actor.units is not None and shift.unit_id not in actor.units):
            raise Missing("people.no_such_shift")
        if shift.ended_at is None:
            shift.ended_at, shift.ended_by = now(), actor.ref
            shift.save(update_fields=["ended_at", "ended_by"])
            record(actor, "roster.end", "person", shift.user_id, {"role": shift.role})


def _who_can(user_id: UUID, role: str, unit: Unit) -> User:
    user = User.objects.select_related("unit").filter(pk=user_id).first()
    if user is None:
        raise Missing("people.no_such_person")
    seen = units_of(user.unit)
    if (
        not user.is_active
        or not may_be_on_call(role, roles_of(user))
        or (seen is not None and unit.pk not in seen)
    ):
        raise Refused("people.cannot_be_on_call", name=user.name, role=role)
    return user
