"""Tables of the staff. Customers have no accounts."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from tidings.kernel.ids import new_id


class Unit(models.Model):
    """Headquarters, a region, a branch, a franchise, a partner or the team of one client."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=32, db_collation="C")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="unit_name_once"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="unit_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Looks users up by e-mail address, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A member of the staff. Signs in with an e-mail address; is never deleted, only ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=16, default="en")
    time_zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    mails_answers = models.BooleanField(default=True, db_default=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    access_version = models.PositiveIntegerField(default=1)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, ended_at__isnull=True)
                | models.Q(is_active=False, ended_at__isnull=False),
                name="user_ended_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """Every session carries this; it changes with the password and with the roles, and so ends the session."""
        return self._access_hash(None)

    def get_session_auth_fallback_hash(self) -> list[str]:
        return [self._access_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS]

    def _access_hash(self, secret: str | bytes | None) -> str:
        value = f"{self.password}:{self.access_version}"
        return salted_hmac("tidings.people.session", value, secret=secret, algorithm="sha256").hexdigest()


class RoleHeld(models.Model):
    """One role of one person, from when, by whom; ended, never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles_held")
    role = models.CharField(max_length=32, db_collation="C")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64, db_collation="C")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=64, db_collation="C", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(ended_at__isnull=True), name="role_held_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"


class AccessAsk(models.Model):
    """A change that gives somebody more rights, waiting for a second person: who asked, who ended it and how, when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_asked")
    roles = models.JSONField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    access_version = models.PositiveIntegerField()
    asked_by = models.CharField(max_length=64, db_collation="C")
    asked_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, db_collation="C", default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, db_collation="C", default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="access_asked_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, outcome="", ended_by="")
                | models.Q(ended_at__isnull=False, outcome__in=["confirmed", "declined", "replaced"]),
                name="access_ask_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="confirmed", ended_by=models.F("asked_by")),
                name="access_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.roles)} for {self.user_id}"


class ApiKey(models.Model):
    """A program's way in: what it may do, in which unit, until when. Of the key itself only a digest is kept.

    SHA-256 without salt or stretching is right here, and a password's slow hash would be wrong: the key is 256 random bits
    of ours, which no list holds and nobody tries out, and every request looks it up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=8, db_collation="C")
    scopes = ArrayField(models.CharField(max_length=64, db_collation="C"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    per_minute = models.PositiveIntegerField()
    made_by = models.CharField(max_length=64, db_collation="C")
    made_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=64, db_collation="C", default="", db_default="")
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=64, db_collation="C", default="", db_default="")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=models.Q(revoked_at__isnull=True), name="api_key_name_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(confirmed_by=models.F("made_by")), name="api_key_confirmed_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="api_key_revoked_by_somebody",
            ),
            models.CheckConstraint(condition=models.Q(per_minute__gte=1), name="api_key_may_ask_at_all"),
        ]

    def __str__(self) -> str:
        return self.name


class KeyUse(models.Model):
    """When a key was last used, and how often in that minute: apart from the key, for it changes with every request."""

    key = models.OneToOneField(ApiKey, primary_key=True, on_delete=models.CASCADE, related_name="use")
    used_at = models.DateTimeField()
    minute = models.DateTimeField()
    times = models.PositiveIntegerField()


class Shift(models.Model):
    """Somebody is on call in a role for a unit, from one moment until another, with who stands in. Ended early, never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    role = models.CharField(max_length=32, db_collation="C")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="shifts")
    deputy = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    set_by = models.CharField(max_length=64, db_collation="C")
    set_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, db_collation="C", default="", db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="shift_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~models.Q(deputy=models.F("user")), name="shift_deputy_is_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=models.Q(ended_at__isnull=True), name="shift_still_to_end"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
