"""The table of what customers said once it was over: one row per contact and incident, as they left it last."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tidings.incidents.models.incident import Incident
from tidings.incidents.rules.survey import MARKS
from tidings.kernel.ids import new_id

_MARK = Q(informed__gte=MARKS[0], informed__lte=MARKS[-1], solved__gte=MARKS[0], solved__lte=MARKS[-1])


class SurveyAnswer(models.Model):
    """`informed`: how well we kept them informed; `solved`: how well we solved it for them; both from 1 to 5."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="survey_answers")
    customer_id = models.UUIDField()
    contact_id = models.UUIDField()
    language = models.CharField(max_length=16, db_collation="C")
    informed = models.SmallIntegerField()
    solved = models.SmallIntegerField()
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="survey_once_per_contact", fields=["incident", "contact_id"]),
            models.CheckConstraint(name="survey_has_its_marks", condition=_MARK),
        ]

    def __str__(self) -> str:
        return f"{self.informed} {self.solved}"
