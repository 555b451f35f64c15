"""Inviting, changing and ending the accounts of the staff. A change of access ends every session of that person."""

from collections.abc import Iterable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import F

from tidings.kernel.actor import Actor
from tidings.kernel.audit import record
from tidings.kernel.clock import now
from tidings.kernel.duties import duties
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import firm_name, is_demo
from tidings.people import queries
from tidings.people.actions.asking import ask, end_open_ask, must_wait
from tidings.people.models import RoleHeld, Unit, User
from tidings.people.queries import successors
from tidings.people.rules import Role, UnitKind, loosens, sees_more


def invite(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    unit_id: UUID | None = None,
    language: str = "en",
    time_zone: str = "Europe/Amsterdam",
    demo: bool = False,
) -> User:
    """A new account without a password; `password_link` then gives the link with which they set one.

    Its roles wait for a second administrator where there is one who could confirm them.

    Raises Refused("people.address_taken") when the address already has an account, ended ones included;
    Refused("people.unknown_role" or "people.no_role"); Missing("people.no_such_unit") outside the actor's units.
    """
    actor.require("staff.invite")
    held = _checked_roles(roles)
    with transaction.atomic():
        unit = unit_within(actor, unit_id)
        if User.objects.filter(email__iexact=email).exists():
            raise Refused("people.address_taken")
        user = User(
            email=email.lower(), name=name, unit=unit, language=language, time_zone=time_zone, is_demo=demo
        )
        user.set_unusable_password()
        user.save(force_insert=True)
        waits = must_wait(actor, user, set(), held, unit)
        if not waits:
            _give_roles(actor, user, held)
        facts = {"roles": [] if waits else sorted(held), "unit": str(unit.pk) if unit else None}
        record(
            actor,
            "staff.invite",
            "person",
            user.pk,
            facts,
            person=user.pk,
            personal={"email": user.email, "name": name},
        )
        if waits:
            ask(actor, user, held, unit)
    return user


def change_access(
    actor: Actor, user_id: UUID, *, roles: Iterable[str], unit_id: UUID | None, version: int | None = None
) -> User:
    """Sets the roles and the unit of somebody else, and ends their sessions.

    A change that gives more rights waits, whole, for a second administrator where there is one who could confirm it.
    `version` is the access version that the change was decided on. Raises Conflict("people.changed_meanwhile") when it
    has moved on, Refused("people.not_yourself") for one's own account, Refused("people.last_administrator").
    """
    actor.require("staff.change")
    wanted = _checked_roles(roles)
    with transaction.atomic():
        user = locked(actor, user_id)
        if version is not None and version != user.access_version:
            raise Conflict("people.changed_meanwhile", name=user.name)
        not_oneself(actor, user)
        if not user.is_active:
            raise Conflict("people.already_ended", name=user.name)
        unit = unit_within(actor, unit_id)
        if must_wait(actor, user, _held(user), wanted, unit):
            ask(actor, user, wanted, unit)
            return user
        end_open_ask(actor, user.pk, "replaced")
        return apply_access(actor, user, wanted, unit)


def apply_access(
    actor: Actor, user: User, wanted: set[str], unit: Unit | None, more: dict[str, str] | None = None
) -> User:
    """Gives a locked person these roles and this unit in the caller's transaction, without asking whether that may be."""
    before, wider = _held(user), sees_more(queries.units_of(user.unit), queries.units_of(unit))
    if Role.ADMINISTRATOR in before - wanted:
        _keep_an_administrator(user)
    ended = RoleHeld.objects.filter(user=user, ended_at__isnull=True, role__in=before - wanted)
    ended.update(ended_at=now(), ended_by=actor.ref)
    _give_roles(actor, user, wanted - before)
    user.unit = unit
    user.save(update_fields=["unit"])
    _end_sessions(user)
    facts: dict[str, object] = {
        "roles": sorted(wanted),
        "roles_before": sorted(before),
        "unit": str(unit.pk) if unit else None,
        "loosens": wider or loosens(before, wanted),
        **(more or {}),
    }
    if facts["loosens"] and not more and not is_demo():
        facts["alone"] = True  # nobody else could have confirmed it
    record(actor, "staff.change", "person", user.pk, facts)
    return user


def end_account(actor: Actor, user_id: UUID, successor_id: UUID | None = None) -> User:
    """Ends an account at once: no sign-in, no session, no role. What the person has in hand goes to the successor first.

    Raises as `change_access` does; Refused("people.successor_needed") when something is in hand and nobody is named;
    Refused("people.successor_cannot") for one who is ended, the same person, or may not do what it takes.
    """
    actor.require("staff.end")
    with transaction.atomic():
        user = locked(actor, user_id)
        not_oneself(actor, user)
        if not user.is_active:
            raise Conflict("people.already_ended", name=user.name)
        _keep_an_administrator(user)
        _pass_on(actor, user, successor_id)
        return close_account(actor, user)


def _pass_on(actor: Actor, user: User, successor_id: UUID | None) -> None:
    held = [duty for duty in duties().values() if duty.owned_by(user.pk)]
    if not held:
        return
    if successor_id is None:
        count = sum(len(duty.owned_by(user.pk)) for duty in held)
        raise Refused("people.successor_needed", name=user.name, count=count)
    successor = successors(actor, user).filter(pk=successor_id).first()
    if successor is None:
        raise Refused("people.successor_cannot", name=queries.name_of(str(successor_id)))
    passed = {duty.code: duty.pass_on(actor, user.pk, successor.pk) for duty in held}
    record(actor, "staff.pass_on", "person", user.pk, {"successor": str(successor.pk), "passed": passed})


def close_account(actor: Actor, user: User) -> User:
    """Ends a locked account in the caller's transaction, without asking whether an administrator remains."""
    RoleHeld.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now(), ended_by=actor.ref)
    end_open_ask(actor, user.pk, "replaced")
    user.is_active, user.ended_at = False, now()
    user.set_unusable_password()
    user.save(update_fields=["is_active", "ended_at", "password"])
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)
    record(actor, "staff.end", "person", user.pk)
    return user


def readmit(actor: Actor, user_id: UUID) -> User:
    """Opens an ended account again, without a role and without a password."""
    actor.require("staff.invite")
    with transaction.atomic():
        user = locked(actor, user_id)
        if user.is_active:
            raise Conflict("people.not_ended", name=user.name)
        user.is_active, user.ended_at = True, None
        user.save(update_fields=["is_active", "ended_at"])
        record(actor, "staff.invite", "person", user.pk, {"readmitted": True})
    return user


def remove_second_factor(actor: Actor, user_id: UUID) -> User:
    """Removes the second factor of somebody who lost it, and ends their sessions. They add a new one after signing in."""
    actor.require("staff.change")
    with transaction.atomic():
        user = locked(actor, user_id)
        not_oneself(actor, user)
        Authenticator.objects.filter(user=user).delete()
        _end_sessions(user)
        record(actor, "staff.change", "person", user.pk, {"second_factor": "removed"})
    return user


def change_profile(
    actor: Actor, user: User, *, name: str, language: str, time_zone: str, mails_answers: bool = True
) -> User:
    """One's own name, language, time zone and mails. Raises Refused("people.only_your_own") for anybody else's."""
    if actor.ref != str(user.pk):
        raise Refused("people.only_your_own")
    if language not in dict(settings.LANGUAGES):
        raise Refused("people.unknown_language", language=language)
    with transaction.atomic():
        user.name, user.language, user.time_zone = name, language, time_zone
        user.mails_answers = mails_answers
        user.save(update_fields=["name", "language", "time_zone", "mails_answers"])
        facts = {"language": language, "time_zone": time_zone, "mails_answers": mails_answers}
        record(actor, "profile.own", "person", user.pk, facts, person=user.pk, personal={"name": name})
    return user


def make_unit(actor: Actor, *, name: str, kind: str, parent_id: UUID | None = None) -> Unit:
    """A new unit. Raises Refused("people.unit_name_taken"), Refused("people.unknown_unit_kind"), and
    Refused("people.only_headquarters") where somebody of one unit would make one that sees every other."""
    actor.require("unit.change")
    if kind == UnitKind.HEADQUARTERS and actor.units is not None:
        raise Refused("people.only_headquarters")
    if kind not in set(UnitKind):
        raise Refused("people.unknown_unit_kind", kind=kind)
    with transaction.atomic():
        parent = unit_within(actor, parent_id)
        if Unit.objects.filter(name__iexact=name).exists():
            raise Refused("people.unit_name_taken", name=name)
        unit = Unit.objects.create(name=name, kind=kind, parent=parent)
        record(
            actor,
            "unit.change",
            "unit",
            unit.pk,
            {"kind": kind, "parent": str(parent.pk) if parent else None},
        )
    return unit


def headquarters(actor: Actor) -> Unit:
    """The unit that sees every other, made with the firm's name where there is none: the first administrator belongs to it."""
    actor.require("unit.change")
    with transaction.atomic():
        found = Unit.objects.filter(kind=UnitKind.HEADQUARTERS).order_by("id").first()
        return found or make_unit(actor, name=firm_name(), kind=UnitKind.HEADQUARTERS)


def _checked_roles(roles: Iterable[str]) -> set[str]:
    wanted = set(roles)
    unknown = wanted - {role.value for role in Role}
    if unknown:
        raise Refused("people.unknown_role", roles=sorted(unknown))
    if not wanted:
        raise Refused("people.no_role")
    return wanted


def _held(user: User) -> set[str]:
    return set(RoleHeld.objects.filter(user=user, ended_at__isnull=True).values_list("role", flat=True))


def _give_roles(actor: Actor, user: User, roles: set[str]) -> None:
    moment = now()
    given = [RoleHeld(user=user, role=role, given_at=moment, given_by=actor.ref) for role in sorted(roles)]
    RoleHeld.objects.bulk_create(given)


def locked(actor: Actor, user_id: UUID) -> User:
    """One of the staff within the actor's units, for the caller's transaction alone."""
    found = User.objects.select_for_update().filter(pk=user_id)
    if actor.units is not None:
        found = found.filter(unit__in=actor.units)
    user = found.first()
    if user is None:
        raise Missing("people.no_such_person")
    return user


def unit_within(actor: Actor, unit_id: UUID | None) -> Unit | None:
    """A unit that the actor sees; none was asked for is allowed to who sees every unit."""
    if unit_id is None:
        if actor.units is not None:
            raise Refused("people.unit_needed")
        return None
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or (actor.units is not None and unit.pk not in actor.units):
        raise Missing("people.no_such_unit")
    return unit


def not_oneself(actor: Actor, user: User) -> None:
    """Raises Refused("people.not_yourself") where somebody would change their own access."""
    if actor.ref == str(user.pk):
        raise Refused("people.not_yourself")


def _keep_an_administrator(user: User) -> None:
    """Locks every holder of the role, so that two administrators cannot remove each other at the same moment."""
    holders = RoleHeld.objects.select_for_update().filter(
        role=Role.ADMINISTRATOR, ended_at__isnull=True, user__is_active=True
    )
    others = {held.user_id for held in holders}
    if user.pk in others and len(others) == 1:
        raise Refused("people.last_administrator")


def _end_sessions(user: User) -> None:
    """Every session carries the access version; the next request of an older one is sent to sign in."""
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    user.refresh_from_db(fields=["access_version"])
