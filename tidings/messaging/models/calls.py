"""Calls that people take from the call list: who has which, until when, and what came of it. Never changed once ended."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id


class Call(models.Model):
    """One recipient whom somebody took to call. Held until `leased_until`; `outcome` is empty until it has ended.

    `lapsed` is the outcome of one that nobody finished in time. `delivery_id` is the rung that the call stands on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient_id = models.UUIDField()
    delivery_id = models.UUIDField()
    about = code_field()
    taken_by = models.TextField()
    taken_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = code_field(default="", db_default="")
    note = models.TextField(default="", db_default="")
    again_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["taken_by", "-taken_at"], name="messaging_call_by"),
            models.Index(fields=["ended_at"], name="messaging_call_ended"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recipient_id"],
                condition=models.Q(ended_at=None),
                name="messaging_one_call_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, outcome="")
                | models.Q(ended_at__isnull=False) & ~models.Q(outcome=""),
                name="messaging_call_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.outcome}"
