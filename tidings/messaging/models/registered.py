"""Texts as providers approved them. Each change is a new row, so that every version stays; the newest counts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id
from tidings.messaging.rules.registered import FormState


class RegisteredForm(models.Model):
    """One version of a provider's form of a text: kind, phase and language of ours, and by which `service`.

    `fields` are pairs of name and words; `text_digest` is the text of ours as it was then, so that a newer one shows. A row with
    an empty state takes the form out.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = code_field()
    phase = code_field()
    language = code_field()
    service = code_field()
    template = models.TextField(default="", db_default="")
    signature = models.TextField(default="", db_default="")
    own_language = code_field(default="", db_default="")
    fields = models.JSONField(default=list)
    state = code_field(default="", db_default="")
    text_digest = code_field(default="", db_default="")
    note = models.TextField(default="", db_default="")
    set_by = models.TextField()
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phase", "kind", "language", "service", "-id"], name="messaging_form_newest")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="") | Q(state__in=[state.value for state in FormState]),
                name="messaging_form_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(template=""), name="messaging_approved_form_has_an_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.phase} {self.language} {self.service}"
