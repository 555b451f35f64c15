"""Tables of the end of an incident: what it taught, and who could not be told and why."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident


class Review(Happening):
    """What an incident taught; the newest holds. Its cause and measures stand on the incident itself, where messages read them."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="reviews")
    prevention = models.TextField(blank=True, default="")
    went_well = models.TextField(blank=True, default="")
    to_improve = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(name="review_newest", fields=["incident", "-at"])]


class Unreachable(Happening):
    """So many affected customers could not be told, and why: the newest holds. More of them later ask for a new reason."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="unreachable")
    customers = models.IntegerField()
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unreachable_has_its_reason", condition=~Q(reason="") & Q(customers__gt=0)
            )
        ]
