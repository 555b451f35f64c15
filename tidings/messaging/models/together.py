"""The table of who heard one message's news from another message."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id


class ToldTogether(models.Model):
    """A contact whom a message left out, since the recipient row of another message told them the same.

    They count in this message's phase as that recipient stands, against `due_by`, the deadline that they had here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message_id = models.UUIDField()
    contact_id = models.UUIDField()
    recipient_id = models.UUIDField()
    due_by = models.DateTimeField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message_id", "contact_id"], name="messaging_told_together_once")
        ]
        indexes: ClassVar = [models.Index(fields=["contact_id"], name="messaging_told_together_whom")]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.recipient_id}"
