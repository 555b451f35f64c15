"""Tables of what is owed beside the messages: what a person promised one customer, and what the law asks."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident
from tidings.incidents.rules.promises import PromiseEnd


class PersonalPromise(Happening):
    """What one person promised one customer, by when, and whose it is to keep. Open until `ended_at`.

    `escalated_at` is when it was told on the timeline that its time had passed.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="promises")
    customer_id = models.UUIDField()
    text = models.TextField()
    due_by = models.DateTimeField()
    owner_id = models.UUIDField(null=True)
    end = models.CharField(max_length=16, blank=True, default="", db_collation="C")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="promise_says_what", condition=~Q(text="")),
            models.CheckConstraint(
                name="promise_ends_with_a_moment",
                condition=Q(end="", ended_at__isnull=True)
                | Q(end__in=[end.value for end in PromiseEnd], ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="promise_waiting", fields=["due_by"], condition=Q(end=""))]


class LegalNotice(Happening):
    """What is known of one of the law's clocks on an incident: whose it is, when it was done and what proves it."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="legal_notices")
    code = models.CharField(max_length=40, db_collation="C")
    owner_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    proof = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_notice_per_legal_clock", fields=["incident", "code"]),
            models.CheckConstraint(
                name="legal_notice_done_with_its_proof", condition=Q(done_at__isnull=True) | ~Q(proof="")
            ),
        ]
