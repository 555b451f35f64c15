"""Tables of what comes in. An arrival is the raw mail, kept before anything is made of it; it is never changed, only decided once.

A conversation gathers the answers of one person about one thing; state is rows with who and when.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tidings.kernel.columns import FileDigest, code_field
from tidings.kernel.ids import new_id
from tidings.kernel.rotation import SealedField


class Door(models.Model):
    """One way in that is in use. `code` names its kind, a file in `doors/`; all its settings are sealed together.

    `position` is how far a mailbox was read, where the door keeps that; `state` how it stood when it was looked at last,
    `said` what the other side said then. `acknowledges`: whoever answers hears once a day that a person will read it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = code_field()
    name = models.TextField()
    settings = SealedField(purpose="conversations.door")
    acknowledges = models.BooleanField(default=False, db_default=False)
    position = models.JSONField(default=dict, db_default={})
    state = code_field(default="", db_default="")
    said = models.TextField(default="", db_default="")
    looked_at = models.DateTimeField(null=True)
    broken_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at__isnull=True), name="door_name_once"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(code=""), name="door_has_a_name"),
            models.CheckConstraint(
                condition=Q(state__in=["", "open", "unreachable", "refused"]), name="door_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """What one person says about one thing (`about` empty: nothing of ours is named). One that is open is found by its `key`.

    `contact_id`, `customer_id` and `unit_id` are those of the message that was answered.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = code_field()
    about = code_field(default="", db_default="")
    recipient_id = models.UUIDField(null=True)
    contact_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    name = models.TextField(default="", db_default="")
    address = models.TextField(default="", db_default="")
    subject = models.TextField(default="", db_default="")
    language = code_field(default="", db_default="")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(ended_at__isnull=True), name="conversation_open_once"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="conversation_has_a_key"),
            models.CheckConstraint(condition=Q(last_at__gte=F("opened_at")), name="conversation_goes_on"),
        ]
        indexes = [
            models.Index(fields=["about", "-last_at"], name="conversation_about", condition=~Q(about="")),
            models.Index(fields=["-last_at"], name="conversation_newest"),
        ]

    def __str__(self) -> str:
        return self.key


class Arrival(models.Model):
    """One mail that came in: `raw` is its digest, so that the same mail twice, by whichever doors, is one.

    `envelope` holds the addresses that it was handed in for, where the door knows them. Decided once: `kind` is what it is,
    `outcome` what was done, `known_by` which key of ours named the delivery. `failed` says why deciding did not end.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    door = models.ForeignKey(Door, models.PROTECT, null=True, related_name="arrivals")
    raw = FileDigest(unique=True)
    size = models.IntegerField()
    envelope = ArrayField(models.TextField(), default=list, db_default=[])
    sender = models.TextField(default="", db_default="")
    subject = models.TextField(default="", db_default="")
    came_at = models.DateTimeField(db_default=Now())
    kind = code_field(default="", db_default="")
    known_by = code_field(default="", db_default="")
    delivery_id = models.UUIDField(null=True)
    about = code_field(default="", db_default="")
    contact_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    addresses = ArrayField(models.TextField(), default=list, db_default=[])
    said = models.TextField(default="", db_default="")
    outcome = code_field(default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    failed = models.TextField(default="", db_default="")
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(raw=""), name="arrival_is_kept"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="")
                | Q(decided_at__isnull=False) & ~Q(outcome=""),
                name="arrival_is_decided_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["-came_at", "-id"], name="arrival_newest"),
            models.Index(fields=["came_at"], name="arrival_to_decide", condition=Q(decided_at__isnull=True)),
            models.Index(
                fields=["-came_at"],
                name="arrival_not_applied",
                condition=Q(outcome="unkeyed", seen_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Answer(models.Model):
    """What somebody said, without what they quote. `asks` are codes of what calls for a call back; `confirms` that it was evidence.

    `arrival` is the mail it stands in; answers of other channels have none, and `reference` their own id of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="answers")
    arrival = models.OneToOneField(Arrival, models.PROTECT, null=True, related_name="answer")
    channel = code_field(default="email", db_default="email")
    reference = code_field(default="", db_default="")
    sender = models.TextField(default="", db_default="")
    text = models.TextField(default="", db_default="")
    shortened = models.BooleanField(default=False, db_default=False)
    asks = ArrayField(code_field(), default=list, db_default=[])
    confirms = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "reference"], condition=~Q(reference=""), name="answer_once_per_reference"
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by="") | Q(read_at__isnull=False) & ~Q(read_by=""),
                name="answer_read_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="answer_unread", condition=Q(read_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Acknowledged(models.Model):
    """One automatic answer to one address on one day: there is never a second. `key` is a digest; no address is kept for it."""

    key = code_field()
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="acknowledged_once_a_day")]
        indexes = [models.Index(fields=["day"], name="acknowledged_day")]

    def __str__(self) -> str:
        return f"{self.day}"
