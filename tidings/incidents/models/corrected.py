"""What an incident was said to be before somebody corrected it."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident


class Misreported(Happening):
    """One correction of what an incident is: what stood before, and why that was wrong. Its clocks count from the earliest moment
    that was ever said."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="misreported")
    kind = models.CharField(max_length=40, db_collation="C")
    detected_at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(name="misreported_has_its_reason", condition=~Q(reason=""))]
        indexes = [models.Index(name="misreported_newest", fields=["incident", "-at"])]
