"""The firm's own questions and answers over the shipped ones. Nothing is changed: a newer row counts instead."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id
from tidings.messaging.rules.answers import Answer, Said


class FirmAnswer(models.Model):
    """One version of a question, in every language it has. Without words it went back to the shipped one, or, `out`, is asked no
    more. `shipped_digest` names the shipped version of that day, so that a newer one shows.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = code_field()
    code = code_field()
    phases = ArrayField(models.TextField(db_collation="C"), default=list)
    public = models.BooleanField()
    said = models.JSONField(default=dict)
    out = models.BooleanField(default=False)
    shipped_digest = code_field(default="", db_default="")
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind="") & ~Q(code=""), name="firm_answer_has_a_code"),
            models.CheckConstraint(condition=Q(out=False) | Q(said={}), name="firm_answer_out_says_nothing"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "code", "-id"], name="messaging_firm_answer_newest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"

    def answer(self) -> Answer:
        """The same as a value."""
        said = {language: Said(one["question"], one["answer"]) for language, one in self.said.items()}
        return Answer(self.code, tuple(self.phases), self.public, said)
