"""Reads of the staff: who somebody is as an actor, and who there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.duties import Owned, duties
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import is_demo
from tidings.people import rules
from tidings.people.models import AccessAsk, ApiKey, RoleHeld, Unit, User

AGREEING_LASTS = timedelta(hours=24)
STAFF = """
    SELECT u.id, u.name, u.email, u.language, u.time_zone, u.unit_id,
           u.unit_id IS NULL OR unit.kind = 'headquarters' AS headquarters,
           ARRAY(SELECT held.role::text FROM people_roleheld held
                  WHERE held.user_id = u.id AND held.ended_at IS NULL) AS roles
    FROM people_user u LEFT JOIN people_unit unit ON unit.id = u.unit_id
    WHERE u.is_active
"""
"""Everybody on the staff whose account has not ended, with their unit and the roles they hold: SQL to join."""
NOBODY = Actor(ActorKind.PERSON, "", frozenset(), frozenset())
"""Who has not signed in: may do nothing, sees no unit."""


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may do, and what a missing second factor holds back."""

    actor: Actor
    roles: tuple[str, ...]
    second_factor: bool
    held_back: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """Where a member of the staff gets mail, in which language, and whether they want one when their words are decided on."""

    id: UUID
    name: str
    email: str
    language: str
    time_zone: str
    mails_answers: bool


def actor_of(user: User | AnonymousUser) -> Actor:
    """The actor that a signed-in person is at this moment: roles, units and second factor read afresh."""
    return access_of(user).actor


def access_of(user: User | AnonymousUser, demo: bool | None = None) -> Access:
    """The same, with what the page frame wants to know. An ended account may do nothing. `demo` spares asking again."""
    if not isinstance(user, User) or not user.is_active:
        return Access(NOBODY, (), False, False)
    roles = tuple(roles_of(user))
    second = has_second_factor(user)
    demo = is_demo() if demo is None else demo
    units = units_of(user.unit)
    actor = Actor(
        ActorKind.PERSON,
        str(user.pk),
        rules.abilities_of(roles, second_factor=second, demo=demo, whole_firm=units is None),
        units,
        None if units is None else user.unit_id,
    )
    return Access(actor, roles, second, rules.held_back(roles, second_factor=second, demo=demo))


def demo_person(role: str) -> Actor | None:
    """One of the demo's invented people who holds a role; None where there is no demo."""
    held = RoleHeld.objects.filter(role=role, ended_at__isnull=True, user__is_demo=True, user__is_active=True)
    found = held.select_related("user").order_by("given_at").first()
    return actor_of(found.user) if found and is_demo() else None


def command_actor(name: str) -> Actor:
    """The actor behind a command on this machine: everything but approving, in every unit."""
    return Actor(ActorKind.COMMAND, name, rules.EVERY_ABILITY - rules.APPROVING, None)


def system_actor(name: str) -> Actor:
    """The actor behind a job that nobody started by hand."""
    return Actor(ActorKind.SYSTEM, name, rules.EVERY_ABILITY - rules.APPROVING, None)


def roles_of(user: User) -> list[str]:
    """The roles that somebody holds now, in order of name."""
    held = RoleHeld.objects.filter(user=user, ended_at__isnull=True)
    return list(held.order_by("role").values_list("role", flat=True))


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for more than the password. Recovery codes alone are no second factor."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def key_of(secret: str, at: datetime) -> ApiKey:
    """The key that a program showed, if it works at this moment.

    Raises Refused with api.key_unknown, api.key_revoked, api.key_expired or api.key_waits.
    """
    found = (
        ApiKey.objects.select_related("unit")
        .filter(digest=sha256(secret.encode("utf-8", "replace")).digest())
        .first()
    )
    if found is None:
        raise Refused("api.key_unknown")
    if found.revoked_at is not None:
        raise Refused("api.key_revoked", name=found.name)
    if found.confirmed_at is None:
        raise Refused("api.key_waits", name=found.name)
    if found.expires_at <= at:
        raise Refused("api.key_expired", name=found.name)
    return found


def key_actor(key: ApiKey) -> Actor:
    """The actor that a key is: its scopes as far as keys, and keys of its unit, may have them; it sees its unit and what is below."""
    units = units_of(key.unit)
    abilities = frozenset(key.scopes) & rules.FOR_KEYS
    if units is not None:
        abilities -= rules.WHOLE_FIRM
    return Actor(ActorKind.KEY, str(key.pk), abilities, units, None if units is None else key.unit_id)


def key_named_by(actor: Actor) -> ApiKey:
    """The key that an actor is. Raises Missing("people.no_such_key") for anybody else."""
    ref = _as_id(actor.ref) if actor.kind is ActorKind.KEY else None
    found = ApiKey.objects.select_related("unit").filter(pk=ref).first() if ref else None
    if found is None:
        raise Missing("people.no_such_key")
    return found


def makers_of(refs: Iterable[str]) -> set[str]:
    """Who made the keys with these ids. What a program asks or writes counts as its maker's, too."""
    wanted = [one for one in map(_as_id, refs) if one]
    return set(ApiKey.objects.filter(pk__in=wanted).values_list("made_by", flat=True))


def keys_to_confirm(actor: Actor) -> QuerySet[ApiKey]:
    """The keys that wait for a second administrator whom `actor` could be, oldest first."""
    waiting = keys(actor).filter(confirmed_at__isnull=True).exclude(made_by=actor.ref)
    return waiting.order_by("made_at")


def keys(actor: Actor, *, ended: bool = False) -> QuerySet[ApiKey]:
    """The keys of the units that `actor` sees, by name; with `ended` those that were revoked."""
    actor.require("key.read")
    found = ApiKey.objects.select_related("unit", "use").filter(revoked_at__isnull=not ended)
    if actor.units is not None:
        found = found.filter(unit__in=actor.units)
    return found.order_by("name", "id")


def staff(actor: Actor, *, text: str = "", role: str = "", ended: bool = False) -> QuerySet[User]:
    """The people whom `actor` may see, by name."""
    actor.require("staff.read")
    found = User.objects.select_related("unit").prefetch_related("roles_held").order_by("name", "id")
    found = found.filter(is_active=not ended)
    if actor.units is not None:
        found = found.filter(unit__in=actor.units)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role:
        found = found.filter(roles_held__role=role, roles_held__ended_at__isnull=True)
    return found


def colleague(user_id: UUID) -> Actor:
    """The actor that one of the staff is at this moment, by id. Raises Missing("people.no_such_person")."""
    user = User.objects.select_related("unit").filter(pk=user_id).first()
    if user is None:
        raise Missing("people.no_such_person")
    return actor_of(user)


def colleagues(ids: Iterable[UUID]) -> list[Colleague]:
    """Those of them whose account is open, in the order in which they are given."""
    wanted = list(dict.fromkeys(ids))
    found = {user.pk: user for user in User.objects.filter(pk__in=wanted, is_active=True)}
    return [
        Colleague(one.pk, one.name, one.email, one.language, one.time_zone, one.mails_answers)
        for one in (found[pk] for pk in wanted if pk in found)
    ]


def in_hand(user: User) -> list[Owned]:
    """What somebody still has in hand, in every domain."""
    return [thing for duty in duties().values() for thing in duty.owned_by(user.pk)]


def successors(actor: Actor, user: User) -> QuerySet[User]:
    """Who can take over what `user` has in hand: colleagues whom `actor` sees, with a role that may do it."""
    needed = {duty.ability for duty in duties().values() if duty.ability and duty.owned_by(user.pk)}
    found = staff(actor).exclude(pk=user.pk)
    for ability in sorted(needed):
        roles = [role for role, abilities in rules.ABILITIES.items() if ability in abilities]
        held = RoleHeld.objects.filter(user=OuterRef("pk"), role__in=roles, ended_at__isnull=True)
        found = found.filter(Exists(held))
    return found


def member(actor: Actor, user_id: UUID) -> User:
    """One of the staff. Raises Missing("people.no_such_person") when there is none within the actor's units."""
    actor.require("staff.read")
    found = User.objects.select_related("unit").filter(pk=user_id)
    if actor.units is not None:
        found = found.filter(unit__in=actor.units)
    person = found.first()
    if person is None:
        raise Missing("people.no_such_person")
    return person


def access_asked(actor: Actor, user: User | None = None) -> QuerySet[AccessAsk]:
    """What waits for a second administrator, oldest first: everything that `actor` sees, or of one person."""
    actor.require("staff.read")
    found = (
        AccessAsk.objects.filter(ended_at__isnull=True).select_related("user", "unit").order_by("asked_at")
    )
    if actor.units is not None:
        found = found.filter(user__unit__in=actor.units)
    return found if user is None else found.filter(user=user)


def others_who_confirm(
    actor: Actor, user: User | None, unit: Unit | None, *, whole_firm: bool = False
) -> int:
    """How many administrators could confirm what `actor` asks for `user`, who is to belong to `unit`; None is for a key.
    `whole_firm` counts only those who see every unit, for what touches every one.

    Whoever was an administrator until a day ago counts too: taking away the one who would have to agree, or their second
    factor, gives nobody a free hand. One who never signed in does not count.
    """
    held = RoleHeld.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now() - AGREEING_LASTS), role=rules.Role.ADMINISTRATOR
    )
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    known = User.objects.select_related("unit").filter(Q(last_login__isnull=False) | Exists(factor))
    others = known.filter(pk__in=held.values("user_id"))
    if user is not None:
        others = others.exclude(pk=user.pk)
    wanted = {pk for pk in (user.unit_id if user else None, unit.pk if unit else None) if pk}
    return sum(
        _sees(one, wanted) and (not whole_firm or units_of(one.unit) is None)
        for one in others
        if str(one.pk) != actor.ref
    )


def another_may(actor: Actor, ability: str, unit_id: UUID | None) -> bool:
    """Whether somebody else could say yes to what `actor` asks where it takes two with `ability`, of a thing of that unit.

    As with administrators, who held such a role until a day ago counts, and who never signed in does not. The maker of a key
    is no second person for it.
    """
    roles = [role for role, abilities in rules.ABILITIES.items() if ability in abilities]
    held = RoleHeld.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now() - AGREEING_LASTS), role__in=roles
    )
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    known = User.objects.select_related("unit").filter(Q(last_login__isnull=False) | Exists(factor))
    parents: dict[UUID, UUID | None] = dict(Unit.objects.values_list("pk", "parent_id"))
    same = {actor.ref, *makers_of([actor.ref])}
    others = known.filter(pk__in=held.values("user_id"))
    return any(_covers(one.unit, parents, unit_id) for one in others if str(one.pk) not in same)


def units_of(unit: Unit | None) -> frozenset[UUID] | None:
    """The units whose things people of `unit` see: None is every unit."""
    if unit is None or unit.kind == rules.UnitKind.HEADQUARTERS:
        return rules.units_seen(unit.pk if unit else None, unit.kind if unit else None, {})
    return rules.units_seen(unit.pk, unit.kind, dict(Unit.objects.values_list("pk", "parent_id")))


def people_who_see(unit_id: UUID | None) -> list[User]:
    """The staff who see what belongs to a unit (None: to none, so that only those who see every unit do), by name."""
    parents: dict[UUID, UUID | None] = dict(Unit.objects.values_list("pk", "parent_id"))
    found = User.objects.select_related("unit").filter(is_active=True).order_by("name", "id")
    return [one for one in found if _covers(one.unit, parents, unit_id)]


def _covers(unit: Unit | None, parents: dict[UUID, UUID | None], unit_id: UUID | None) -> bool:
    seen = rules.units_seen(unit.pk if unit else None, unit.kind if unit else None, parents)
    return seen is None or unit_id in seen


def _sees(user: User, wanted: set[UUID]) -> bool:
    seen = units_of(user.unit)
    return seen is None or wanted <= seen


def units(actor: Actor) -> QuerySet[Unit]:
    """The units that `actor` sees, by name."""
    found = Unit.objects.select_related("parent").order_by("name")
    return found if actor.units is None else found.filter(pk__in=actor.units)


def unit_named(actor: Actor, name: str) -> Unit:
    """A unit by its name, whatever its capitals. Raises Missing("people.no_such_unit")."""
    found = units(actor).filter(name__iexact=name).first()
    if found is None:
        raise Missing("people.no_such_unit")
    return found


def name_of(ref: str) -> str:
    """The name behind an actor's `ref`, for a reader; the reference itself when it is no person."""
    return names_of([ref])[ref]


def language_of(ref: str) -> str:
    """The language of the person behind an actor's `ref`; English where it is none."""
    person = _as_id(ref)
    found = User.objects.filter(pk=person).values_list("language", flat=True).first() if person else None
    return found or "en"


def names_of(refs: list[str]) -> dict[str, str]:
    """The same for many at once: one query."""
    ids = {ref: _as_id(ref) for ref in refs}
    wanted = [one for one in ids.values() if one]
    people = User.objects.filter(pk__in=wanted).values_list("pk", "name")
    programs = ApiKey.objects.filter(pk__in=wanted).values_list("pk", "name")
    known = {str(pk): name for pk, name in people.union(programs, all=True)}
    return {ref: known.get(ref, ref) for ref in refs}


def ids_among(refs: Iterable[str]) -> list[UUID]:
    """The ids of those of the references that can be a person's."""
    return [one for one in map(_as_id, refs) if one is not None]


def _as_id(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
