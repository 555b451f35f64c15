"""Tables of what becomes of asking for an approval, beside the approval itself: a text sent back with its reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.ids import new_id
from tidings.messaging.models.texts import Freeze


class SentBack(models.Model):
    """A person said no to one freeze, and why. Another version is asked about anew; this one is not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    freeze = models.OneToOneField(Freeze, models.CASCADE, related_name="sent_back")
    reason = models.TextField()
    sent_back_by = models.TextField()
    sent_back_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="messaging_sent_back_with_a_reason")
        ]

    def __str__(self) -> str:
        return f"sent back {self.freeze_id}"
