"""Tables of what is being done about an incident: the tasks of departments."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident
from tidings.incidents.rules import tasks as rules


class Task(Happening):
    """What one department is to do, by when, and whose it is. `at` and `by`: when and by whom it was given.

    A corrective measure has `check_by`: when somebody looks whether it `worked`. `shipment_id` names the shipment that it is about, if it is about one. Open until `ended_at`.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    department = models.CharField(max_length=40, db_collation="C")
    text = models.TextField()
    due_by = models.DateTimeField()
    owner_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=40, default=rules.FROM_A_PERSON, db_collation="C")
    shipment_id = models.UUIDField(null=True)
    end = models.CharField(max_length=16, blank=True, default="", db_collation="C")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    check_by = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=120, blank=True, default="", db_default="")
    worked = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="task_says_what_to_do", condition=~Q(text="") & ~Q(department="")),
            models.CheckConstraint(
                name="task_ends_with_a_moment",
                condition=Q(end="", ended_at__isnull=True)
                | Q(end__in=[end.value for end in rules.TaskEnd], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="task_not_done_has_its_reason",
                condition=~Q(end=rules.TaskEnd.NOT_DONE.value) | ~Q(reason=""),
            ),
        ]
        constraints += [
            models.CheckConstraint(
                name="task_checked_once_ended",
                condition=Q(checked_at__isnull=True, worked__isnull=True)
                | (Q(checked_at__isnull=False, worked__isnull=False, check_by__isnull=False) & ~Q(end="")),
            )
        ]
        indexes = [
            models.Index(name="task_of_incident", fields=["incident", "due_by"]),
            models.Index(name="task_waiting", fields=["due_by"], condition=Q(end="")),
            models.Index(name="task_of_owner", fields=["owner_id"], condition=Q(end="")),
        ]

    def __str__(self) -> str:
        return f"{self.department}: {self.text}"

    @property
    def is_open(self) -> bool:
        return not self.end
