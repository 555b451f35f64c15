"""Keys for programs: made and shown once, confirmed by a second administrator where they give more than their maker has, revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.audit import record
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import is_demo
from tidings.people.actions.staff import unit_within
from tidings.people.models import ApiKey
from tidings.people.queries import others_who_confirm
from tidings.people.rules import FOR_KEYS, key_gives_more

LONGEST_DAYS = 730
PER_MINUTE = 600
_MARK = "tidings_"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key and, this once, what the program sends. `waits` says that a second administrator must confirm it first."""

    key: ApiKey
    secret: str
    waits: bool


def make_key(
    actor: Actor,
    *,
    name: str,
    scopes: Iterable[str],
    unit_id: UUID | None,
    days: int = 365,
    per_minute: int = PER_MINUTE,
) -> MadeKey:
    """A key that works for `days` within a unit and what is below it. `per_minute` is how many requests it may make.

    One that may do what its maker may not waits for a second administrator, where there is one who could confirm it.

    Raises Refused with people.key_name_taken, people.key_scope, people.key_lasts or people.unit_needed, and
    Missing("people.no_such_unit") outside the actor's units.
    """
    actor.require("key.change")
    wanted = _checked_scopes(scopes)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("people.key_lasts", days=LONGEST_DAYS)
    if per_minute < 1:
        raise Refused("people.key_per_minute")
    at, secret = now(), _MARK + token_urlsafe(_BYTES)
    with transaction.atomic():
        unit = unit_within(actor, unit_id)
        if unit is None:
            raise Refused("people.unit_needed")
        if ApiKey.objects.filter(name__iexact=name.strip(), revoked_at__isnull=True).exists():
            raise Refused("people.key_name_taken", name=name.strip())
        more = key_gives_more(wanted, actor.abilities) and not is_demo()
        waits = more and others_who_confirm(actor, None, unit) > 0
        key = ApiKey(
            name=name.strip(),
            digest=sha256(secret.encode()).digest(),
            hint=secret[len(_MARK) :][:4],
            scopes=wanted,
            unit=unit,
            per_minute=per_minute,
            made_by=actor.ref,
            made_at=at,
            confirmed_at=None if waits else at,
            expires_at=at + timedelta(days=days),
        )
        key.save(force_insert=True)
        facts = {"scopes": wanted, "unit": str(unit.pk), "expires_at": key.expires_at, "waits": waits}
        record(actor, "key.make", "key", key.pk, {**facts, "alone": True} if more and not waits else facts)
    return MadeKey(key, secret, waits)


def confirm_key(actor: Actor, key_id: UUID) -> ApiKey:
    """A second administrator's yes: from now on the key works.

    Raises Refused("people.confirm_as_yourself") for a command or key, Refused("people.not_both") for its maker,
    Conflict("people.key_ended") when it was revoked, and Missing("people.no_such_key").
    """
    actor.require("key.change")
    if actor.kind is not ActorKind.PERSON:
        raise Refused("people.confirm_as_yourself")
    with transaction.atomic():
        key = _locked(actor, key_id)
        if key.made_by == actor.ref:
            raise Refused("people.not_both")
        if key.revoked_at is not None:
            raise Conflict("people.key_ended", name=key.name)
        if key.confirmed_at is None:
            key.confirmed_by, key.confirmed_at = actor.ref, now()
            key.save(update_fields=["confirmed_by", "confirmed_at"])
            record(actor, "key.confirm", "key", key.pk, {"scopes": key.scopes, "asked_by": key.made_by})
    return key


def revoke_key(actor: Actor, key_id: UUID) -> ApiKey:
    """Ends a key at once, also one that still waits. Raises Conflict("people.key_ended"), Missing("people.no_such_key")."""
    actor.require("key.change")
    with transaction.atomic():
        key = _locked(actor, key_id)
        if key.revoked_at is not None:
            raise Conflict("people.key_ended", name=key.name)
        key.revoked_by, key.revoked_at = actor.ref, now()
        key.save(update_fields=["revoked_by", "revoked_at"])
        record(actor, "key.revoke", "key", key.pk, {"scopes": key.scopes})
    return key


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in FOR_KEYS]
    if unknown:
        raise Refused("people.key_scope", scopes=unknown)
    if not wanted:
        raise Refused("people.key_scope_needed")
    return wanted


def _locked(actor: Actor, key_id: UUID) -> ApiKey:
    found = ApiKey.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=key_id)
    if actor.units is not None:
        found = found.filter(unit__in=actor.units)
    key = found.first()
    if key is None:
        raise Missing("people.no_such_key")
    return key
