"""A small standing cast for tests: staff in each role, and a client that is signed in as one of them."""

from functools import cache
from itertools import count

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client

from tidings.kernel.clock import now
from tidings.people.models import RoleHeld, Unit, User
from tidings.people.rules import Role, UnitKind

PASSWORD = "a long enough password"
_number = count(1)


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 is slow by intent, which no test is about: the same, as cheap as it goes. A real process reads what it made."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@cache
def _hashed(password: str) -> str:
    return make_password(password)


def make_unit(name: str = "", kind: str = UnitKind.HEADQUARTERS, parent: Unit | None = None) -> Unit:
    """A unit; without a name the headquarters, made once."""
    if not name:
        return Unit.objects.get_or_create(name="Noordster Headquarters", defaults={"kind": kind})[0]
    return Unit.objects.create(name=name, kind=kind, parent=parent)


def make_person(
    *roles: str,
    name: str = "",
    email: str = "",
    language: str = "en",
    time_zone: str = "Europe/Amsterdam",
    unit: Unit | None = None,
    second_factor: bool = False,
    password: str = PASSWORD,
) -> User:
    """Someone of the staff, at headquarters unless told otherwise, with these roles."""
    number = next(_number)
    user = User(
        email=email or f"person{number}@example.org",
        name=name or f"Person {number}",
        language=language,
        time_zone=time_zone,
        unit=unit or make_unit(),
    )
    user.password = _hashed(password)
    user.save()
    RoleHeld.objects.bulk_create(
        RoleHeld(user=user, role=role, given_at=now(), given_by="test") for role in roles
    )
    if second_factor:
        give_second_factor(user)
    return user


def give_second_factor(user: User) -> str:
    """Adds a second factor; gives its secret."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # here: allauth needs its models

    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return str(secret)


def code_now(secret: str) -> str:
    """The six digits that somebody's app shows at this moment."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def make_dispatcher(**facts: object) -> User:
    return make_person(Role.DISPATCHER, **facts)  # type: ignore[arg-type]


def make_agent(**facts: object) -> User:
    return make_person(Role.AGENT, **facts)  # type: ignore[arg-type]


def make_communicator(**facts: object) -> User:
    return make_person(Role.COMMUNICATOR, **facts)  # type: ignore[arg-type]


def make_approver(**facts: object) -> User:
    """Somebody who may approve: with the second factor that this needs."""
    return make_person(Role.APPROVER, **{"second_factor": True, **facts})  # type: ignore[arg-type]


def make_manager(**facts: object) -> User:
    return make_person(Role.MANAGER, **{"second_factor": True, **facts})  # type: ignore[arg-type]


def make_administrator(**facts: object) -> User:
    return make_person(Role.ADMINISTRATOR, **{"second_factor": True, **facts})  # type: ignore[arg-type]


def make_auditor(**facts: object) -> User:
    return make_person(Role.AUDITOR, **facts)  # type: ignore[arg-type]


def signed_in(user: User, client: Client | None = None) -> Client:
    """A client that reads the pages as this person."""
    client = client or Client()
    client.force_login(user)
    return client
