"""Tables of who runs an incident: the people called into its team, and a hotline of its own."""

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Happening, Incident
from tidings.incidents.rules.team import Answer, TeamRole


class TeamMember(Happening):
    """Somebody was called in for a department (`at`, `by`): until when they had to answer, what they said, from when they come.

    `escalated_at` is when the call was passed on, because they cannot come or did not answer in time.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="team")
    department = models.CharField(max_length=40, db_collation="C")
    role = models.CharField(max_length=16, db_collation="C")
    person_id = models.UUIDField()
    answer_by = models.DateTimeField()
    answer = models.CharField(max_length=16, blank=True, default="", db_collation="C")
    answered_at = models.DateTimeField(null=True)
    comes_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="called_in_once", fields=["incident", "department", "person_id"]),
            models.CheckConstraint(
                name="team_role_known", condition=Q(role__in=[one.value for one in TeamRole])
            ),
            models.CheckConstraint(
                name="team_answer_with_its_moment",
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=[one.value for one in Answer], answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="team_comes_who_said_so",
                condition=Q(comes_at__isnull=True) | Q(answer=Answer.COMING.value),
            ),
        ]
        indexes = [
            models.Index(
                name="team_to_escalate",
                fields=["answer_by"],
                condition=Q(escalated_at__isnull=True, answer=""),
            ),
            models.Index(name="team_of_person", fields=["person_id"], condition=Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"{self.department}: {self.person_id}"


class Hotline(Happening):
    """A number of its own for one incident, with what callers hear, when it is open and who helps out. The newest row counts;
    one without a number ends it.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="hotlines")
    number = models.CharField(max_length=40, blank=True, default="")
    announcement = models.TextField(blank=True, default="")
    hours = models.CharField(max_length=200, blank=True, default="")
    staff = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.number
