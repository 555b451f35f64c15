"""The link with which somebody sets their password: handed over by an administrator, good once and for three days."""

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.audit import record
from tidings.kernel.errors import Missing, Refused
from tidings.people.models import User
from tidings.people.queries import member


class _Links(PasswordResetTokenGenerator):
    """A link dies with its use, with a change of access, and after PASSWORD_RESET_TIMEOUT."""

    key_salt = "tidings.people.password_link"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}{user.password}{user.access_version}{user.is_active}{timestamp}"


_links = _Links()


def password_link(actor: Actor, user_id: object) -> tuple[str, str]:
    """The two parts of a new link, for the page or command that shows it once. Any older link stays good until used.

    Raises Missing("people.no_such_person"), Refused("people.ended") for an ended account.
    """
    actor.require("staff.invite")
    user = member(actor, user_id)  # type: ignore[arg-type]
    if not user.is_active:
        raise Refused("people.ended", name=user.name)
    with transaction.atomic():
        record(actor, "staff.invite", "person", user.pk, {"password_link": True})
    return urlsafe_base64_encode(user.pk.bytes), _links.make_token(user)


def open_link(reference: str, token: str) -> User:
    """The person whom a link belongs to. Raises Missing("people.link_dead") when it was used, is too old, or is none."""
    try:
        key = urlsafe_base64_decode(reference).hex()
        user = User.objects.filter(pk=key, is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not _links.check_token(user, token):
        raise Missing("people.link_dead")
    return user


def set_password(reference: str, token: str, password: str) -> User:
    """Sets the password of the link's person and ends their sessions.

    Raises Missing("people.link_dead"); django's ValidationError when the password is too weak.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=open_link(reference, token).pk)
        open_link(reference, token)
        validate_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])
        oneself = Actor(ActorKind.PERSON, str(user.pk), frozenset())
        record(oneself, "password.own", "person", user.pk)
    return user
