"""Who has an incident's page open."""

from django.db import models

from tidings.incidents.models.incident import Incident


class Presence(models.Model):
    """Somebody who has an incident's page open, and when that was last known. No business fact: it is never audited."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    person = models.CharField(max_length=120)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="somebody_is_here_once", fields=["incident", "person"]),
        ]

    def __str__(self) -> str:
        return self.person
