"""The link with which somebody sets their password, good once: handed over by an administrator for three days, or sent by mail
to who forgot theirs, for an hour.
"""

from urllib.parse import urljoin

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.audit import record
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import firm_name
from tidings.kernel.jobs import enqueue
from tidings.people.models import User
from tidings.people.queries import member

MAIL_LINK = "people.mail_password_link"
MAILED_SECONDS = 3600


class _Links(PasswordResetTokenGenerator):
    """A link dies with its use, with a change of access, and after PASSWORD_RESET_TIMEOUT."""

    key_salt = "tidings.people.password_link"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}{user.password}{user.access_version}{user.is_active}{timestamp}"


class _MailedLinks(_Links):
    """One that went by mail dies sooner: a mailbox is read by more than its owner, and for years."""

    key_salt = "tidings.people.mailed_password_link"

    def check_token(self, user: User | None, token: str | None) -> bool:
        return super().check_token(user, token) and self._age_seconds(str(token)) <= MAILED_SECONDS

    def _age_seconds(self, token: str) -> int:
        made_at: int = base36_to_int(token.partition("-")[0])
        return int(self._num_seconds(self._now())) - made_at


_links = _Links()
_mailed_links = _MailedLinks()


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
    return _reference(user), _links.make_token(user)


def ask_for_link(address: str, site: str) -> None:
    """Has a link mailed to whoever signs in with `address`, if anybody does.

    The worker looks that up, so that neither the answer nor its time tells a known address from an unknown one. `site` is
    where the pages answer, such as "https://tidings.example.org/".
    """
    enqueue(MAIL_LINK, address=address, site=site)


def mail_link(actor: Actor, address: str, site: str) -> None:
    """Mails the link in the person's own language; to nobody where no open account has this address."""
    actor.require("staff.invite")
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user is None:
        return
    path = reverse("people:new_password", args=[_reference(user), _mailed_links.make_token(user)])
    with transaction.atomic(), translation.override(user.language):
        firm = firm_name()
        body = _(
            "Hello %(name)s,\n\nSomebody, probably you, asked for a new password for your account at %(firm)s. Set one here, within an hour; the link works once:"
        ) % {"name": user.name, "firm": firm}
        otherwise = _(
            "If it was not you, do nothing: your password stays as it is. If this mail comes again, tell an administrator."
        )
        _send(user, _("%(firm)s: set a new password"), f"{body}\n\n{urljoin(site, path)}\n\n{otherwise}")
        record(actor, "password.ask", "person", user.pk, {"by_mail": True})


def open_link(reference: str, token: str) -> User:
    """The person whom a link belongs to. Raises Missing("people.link_dead") when it was used, is too old, or is none."""
    try:
        key = urlsafe_base64_decode(reference).hex()
        user = User.objects.filter(pk=key, is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not (_links.check_token(user, token) or _mailed_links.check_token(user, token)):
        raise Missing("people.link_dead")
    return user


def set_password(reference: str, token: str, password: str) -> User:
    """Sets the password of the link's person, ends their sessions and every other link, and after a mailed link tells them.

    A second factor stays: it is asked for at the next sign-in.
    Raises Missing("people.link_dead"); django's ValidationError when the password is too weak.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=open_link(reference, token).pk)
        open_link(reference, token)
        validate_password(password, user)
        mailed = _mailed_links.check_token(user, token)
        user.set_password(password)
        user.save(update_fields=["password"])
        oneself = Actor(ActorKind.PERSON, str(user.pk), frozenset())
        record(oneself, "password.own", "person", user.pk, {"by_mail": True} if mailed else {})
        if mailed:
            _tell_it_was_set(user)
    return user


def _tell_it_was_set(user: User) -> None:
    with translation.override(user.language):
        body = _(
            "Hello %(name)s,\n\nA new password was set for your account at %(firm)s with a link from this mailbox. You were signed out everywhere.\n\nIf that was not you, tell an administrator at once."
        ) % {"name": user.name, "firm": firm_name()}
        _send(user, _("%(firm)s: your password was changed"), body)


def _send(user: User, subject: str, body: str) -> None:
    send_mail(subject % {"firm": firm_name()}, body, None, [user.email])


def _reference(user: User) -> str:
    return urlsafe_base64_encode(user.pk.bytes)
