"""The table of who was reminded of what is due, so that each step is told once."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident
from tidings.incidents.rules.reminders import Step


class Reminder(Happening):
    """One step of reminding: of what (`thing` says which task, promise or law), due when, and who heard it; nobody where the
    roster had nobody.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="reminders")
    what = models.CharField(max_length=16, db_collation="C")
    thing = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    due_by = models.DateTimeField()
    step = models.CharField(max_length=8, db_collation="C")
    person_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="each_reminder_once", fields=["incident", "what", "thing", "due_by", "step"]
            ),
            models.CheckConstraint(
                name="reminder_step_known", condition=Q(step__in=[step.value for step in Step])
            ),
        ]
