"""What services other than mail relays say: their ids for what they took, the requests they make, what people sent back."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id


class Reference(models.Model):
    """A service's own id for a message that it took: how its receipt finds the delivery."""

    pk = models.CompositePrimaryKey("relay_id", "reference")
    relay_id = models.UUIDField()
    reference = models.TextField(db_collation="C")
    delivery_id = models.UUIDField()
    recipient_id = models.UUIDField()
    broadcast_id = models.UUIDField()
    attempt = models.SmallIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference


class CameIn(models.Model):
    """A request at a service's callback address, kept as it came before anybody reads it; the same twice is one.

    `state`: `new`, then `applied`, `nothing` (it says nothing), `forged`, `unmatched` (no delivery of ours is meant) or
    `unread` (what it says could not be understood).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relay = models.ForeignKey("messaging.Relay", models.CASCADE, related_name="+")
    method = models.TextField()
    url = models.TextField()
    headers = models.JSONField()
    query = models.JSONField()
    body = models.BinaryField()
    digest = models.BinaryField()
    came_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_collation="C", default="new", db_default="new")
    tries = models.SmallIntegerField(default=0, db_default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay", "digest"], name="messaging_came_in_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(state="new"), name="messaging_came_in_new"),
            models.Index(fields=["came_at"], name="messaging_came_in_at"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.came_at:%Y-%m-%d %H:%M}"


class Spoken(models.Model):
    """Something that a person sent back over a service, until whoever keeps conversations has taken the row.

    `recipient_id` is whom we had told, where that is known: by our own id, or as the last one told at this very address.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relay_id = models.UUIDField()
    channel = models.TextField(db_collation="C")
    address = models.TextField()
    text = models.TextField()
    at = models.DateTimeField()
    reference = models.TextField(db_collation="C", default="", db_default="")
    recipient_id = models.UUIDField(null=True)
    confirmed = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"
