"""Second factors under a new master key. They lie sealed as hex inside the JSON of allauth's rows."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from tidings.kernel import secrets

PURPOSE = "people.second_factor"
_SEALED = ("secret", "seed", "migrated_codes")


def factors_under_old_keys(newest: bytes) -> int:
    """How many second factors another key than the one with the id `newest` still seals."""
    return sum(_is_stale(factor.data, newest) for factor in Authenticator.objects.all())


def seal_factors_again(newest: bytes) -> int:
    """Seals them with the newest key, each in a transaction of its own; how many."""
    done = 0
    for key in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=key).first()
            if factor is not None and _is_stale(factor.data, newest):
                factor.data = {name: _again(name, value) for name, value in factor.data.items()}
                factor.save(update_fields=["data"])
                done += 1
    return done


def _is_stale(data: dict[str, Any], newest: bytes) -> bool:
    held = [value for name in _SEALED if name in data for value in _as_list(data[name])]
    return any(secrets.key_of(bytes.fromhex(value)) != newest for value in held)


def _again(name: str, value: Any) -> Any:
    if name not in _SEALED:
        return value
    if isinstance(value, list):
        return [_again(name, inner) for inner in value]
    return secrets.seal(PURPOSE, secrets.unseal(PURPOSE, bytes.fromhex(value))).hex()


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
