"""Tables of what customers may choose, and what they chose. An offer is ended, never changed; of answers the newest counts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tidings.incidents.models.incident import Happening, Incident
from tidings.incidents.rules.choice import Offered


class Offer(Happening):
    """The options for the shipments of one effect (empty: all), until when, and what holds without an answer.

    `ended_at`: withdrawn, or another takes its place. `settled_at`: it had closed, and what holds by default was written down.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="offers")
    effect = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    options = ArrayField(models.TextField(db_collation="C"))
    default = models.CharField(max_length=40, db_collation="C")
    closes_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="offer_has_its_default", condition=Q(options__contains=[F("default")])
            ),
            models.CheckConstraint(name="offer_closes_later", condition=Q(closes_at__gt=F("at"))),
            models.UniqueConstraint(
                name="one_offer_per_effect",
                fields=["incident", "effect"],
                condition=Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                name="offer_to_settle",
                fields=["closes_at"],
                condition=Q(ended_at__isnull=True, settled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.effect or '*'}: {', '.join(self.options)}"

    def as_offered(self) -> Offered:
        """What the rules compare."""
        return Offered(tuple(self.options), self.default, self.closes_at, self.settled_at)


class Choice(models.Model):
    """One customer's answer for one shipment; the newest counts. `task_id` is what it asks of operations."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="choices")
    customer_id = models.UUIDField()
    contact_id = models.UUIDField()
    shipment_id = models.UUIDField()
    waybill = models.TextField()
    option = models.CharField(max_length=40, db_collation="C")
    task_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="choice_newest", fields=["offer", "customer_id", "shipment_id", "-id"])]

    def __str__(self) -> str:
        return f"{self.waybill}: {self.option}"
