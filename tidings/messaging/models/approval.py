"""Tables of asking for an approval, beside the approval itself: who was asked when, and a text sent back with its reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.ids import new_id
from tidings.messaging.models.texts import Freeze
from tidings.messaging.rules.approval import Answered, ApprovalKind


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


class KindApproval(models.Model):
    """A person said yes to one freeze as one of the kinds that it names, each by another person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    freeze = models.ForeignKey(Freeze, models.CASCADE, related_name="kinds_given", db_index=False)
    kind = models.TextField(db_collation="C")
    digest = models.TextField(db_collation="C")
    approved_by = models.TextField()
    approved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["freeze", "kind"], name="messaging_kind_approved_once"),
            models.UniqueConstraint(
                fields=["freeze", "approved_by"], name="messaging_approved_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in ApprovalKind]),
                name="messaging_approval_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.freeze_id}"


class ApprovalAsk(models.Model):
    """One person was asked to approve one freeze: as which kind (empty: whichever), as what, until when, and how it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    freeze = models.ForeignKey(Freeze, models.CASCADE, related_name="asks", db_index=False)
    person_id = models.UUIDField()
    kind = models.TextField(db_collation="C", default="", db_default="")
    asked_as = models.TextField(db_collation="C")
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(db_collation="C", default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["freeze", "kind", "person_id"], name="messaging_asked_once_as"),
            models.UniqueConstraint(
                fields=["freeze", "kind"],
                condition=Q(ended_at__isnull=True),
                name="messaging_one_of_a_kind_asked",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="")
                | Q(ended_at__isnull=False, outcome__in=[one.value for one in Answered]),
                name="messaging_ask_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_as} {self.person_id}"
