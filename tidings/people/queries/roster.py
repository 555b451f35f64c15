"""Reads of the roster: who is on call when, and who is asked to approve at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from tidings.kernel.actor import Actor
from tidings.kernel.installation import is_demo
from tidings.people import rules
from tidings.people.models import RoleHeld, Shift, Unit, User


@dataclass(frozen=True, slots=True)
class ToAsk:
    """One of the staff who is asked to approve, and as what."""

    person: UUID
    asked_as: str


def shifts(actor: Actor, begins: datetime, ends: datetime) -> QuerySet[Shift]:
    """Who is on call between two moments, earliest first: of the units that `actor` sees, and of headquarters."""
    actor.require("roster.read")
    found = Shift.objects.filter(ended_at__isnull=True, begins_at__lt=ends, ends_at__gt=begins)
    if actor.units is not None:
        found = found.filter(Q(unit__in=actor.units) | Q(unit__kind=rules.UnitKind.HEADQUARTERS))
    return found.select_related("user", "unit", "deputy").order_by("begins_at", "id")


def on_duty(unit_id: UUID | None, at: datetime, departments: Iterable[str]) -> dict[str, rules.OnCall]:
    """Department → who is on call for it at a moment: of the nearest unit to this one (None: headquarters) that has somebody."""
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    headquarters = Unit.objects.filter(kind=rules.UnitKind.HEADQUARTERS).order_by("pk")
    units = rules.units_asked(unit_id, parents, headquarters.values_list("pk", flat=True))
    wanted = {f"{rules.DUTY}{code}": code for code in departments}
    shifts = Shift.objects.filter(
        ended_at__isnull=True,
        role__in=wanted,
        begins_at__lte=at,
        ends_at__gt=at,
        unit__in=units,
        user__is_active=True,
    )
    found: dict[str, rules.OnCall] = {}
    for one in sorted(shifts, key=lambda one: (units.index(one.unit_id), one.begins_at, str(one.pk))):
        duty = rules.OnCall(one.user_id, one.deputy_id, one.unit_id, one.begins_at)
        found.setdefault(wanted[one.role], duty)
    return found


def leads_on_call(unit_id: UUID | None, at: datetime) -> list[UUID]:
    """Who is told that something is overdue, one after the other: the shift lead on call and the deputy, of the nearest unit to
    this one (None: headquarters) first, then managers and dispatchers in the same way. Only people with an open account.
    """
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    headquarters = Unit.objects.filter(kind=rules.UnitKind.HEADQUARTERS).order_by("pk")
    units = rules.units_asked(unit_id, parents, headquarters.values_list("pk", flat=True))
    order = (rules.Role.SHIFT_LEAD, rules.Role.MANAGER, rules.Role.DISPATCHER)
    shifts = sorted(
        Shift.objects.filter(
            ended_at__isnull=True, role__in=order, begins_at__lte=at, ends_at__gt=at, unit__in=units
        ),
        key=lambda one: (order.index(rules.Role(one.role)), units.index(one.unit_id), one.begins_at, one.pk),
    )
    named = [person for one in shifts for person in (one.user_id, one.deputy_id) if person]
    working = set(User.objects.filter(pk__in=named, is_active=True).values_list("pk", flat=True))
    return [one for one in dict.fromkeys(named) if one in working]


def could_be_on_call(actor: Actor) -> QuerySet[User]:
    """Whom the actor may put on call: people with an open account of the units they see, and of headquarters, by name."""
    actor.require("roster.change")
    found = User.objects.filter(is_active=True)
    if actor.units is not None:
        found = found.filter(Q(unit__in=actor.units) | Q(unit__kind=rules.UnitKind.HEADQUARTERS))
    return found.order_by("name", "id")


def approvers_to_ask(
    unit_id: UUID | None, at: datetime, barred: Iterable[UUID], kind: str = ""
) -> list[ToAsk]:
    """Who is asked, one after the other, to approve something of a unit (None: of headquarters) at a moment; `kind` is
    `legal` or `management`, or empty where either may.

    Only people with an open account who may approve it at this moment, second factor included; nobody `barred`.
    """
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    headquarters = Unit.objects.filter(kind=rules.UnitKind.HEADQUARTERS).order_by("pk")
    units = rules.units_asked(unit_id, parents, headquarters.values_list("pk", flat=True))
    on_call = Shift.objects.filter(
        ended_at__isnull=True, role=rules.Role.APPROVER, begins_at__lte=at, ends_at__gt=at
    )
    shifts_now = [
        rules.OnCall(one.user_id, one.deputy_id, one.unit_id, one.begins_at) for one in on_call.order_by("id")
    ]
    able = _able_to_approve(unit_id, parents, rules.APPROVES_AS[kind])
    order = rules.asking_order(shifts_now, able, units=units, barred=frozenset(barred))
    return [ToAsk(person, asked_as.value) for person, asked_as in order]


def _able_to_approve(
    unit_id: UUID | None, parents: Mapping[UUID, UUID | None], ability: str
) -> list[rules.MayBeAsked]:
    giving = [role for role, abilities in rules.ABILITIES.items() if ability in abilities]
    held = RoleHeld.objects.filter(user=OuterRef("pk"), role__in=giving, ended_at__isnull=True)
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    people = User.objects.filter(Exists(held), is_active=True).select_related("unit")
    demo = is_demo()
    found = []
    for one in people.annotate(second=Exists(factor)).prefetch_related("roles_held"):
        roles = {held.role for held in one.roles_held.all() if held.ended_at is None}
        may = rules.abilities_of(roles, second_factor=one.second, demo=demo)
        seen = rules.units_seen(one.unit_id, one.unit.kind if one.unit else None, parents)
        if ability in may and (seen is None or unit_id in seen):
            own = any(role in roles for role in rules.APPROVERS)
            found.append(rules.MayBeAsked(one.pk, one.unit_id, own))
    return found
