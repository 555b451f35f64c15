"""What somebody typed and did not save. No version and no message: theirs alone, offered to them again, forgotten after a week."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id


class Unsaved(models.Model):
    """One language of one opening of a page (`sheet`). `about` names what was written: `text/<kind>/<phase>/<language>`,
    `message/<incident>/<phase>`, with what it corrects or completes; `seen` the version that was on the screen.

    `typed` holds field → words, `shown` what stood in those fields before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    about = code_field()
    sheet = models.UUIDField()
    language = code_field()
    typed = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)
    seen = code_field(default="", db_default="")
    typed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person_id", "about", "sheet", "language"], name="messaging_unsaved_once_per_sheet"
            ),
            models.CheckConstraint(
                condition=~Q(about="") & ~Q(typed={}), name="messaging_unsaved_says_something"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["typed_at"], name="messaging_unsaved_typed_at")]

    def __str__(self) -> str:
        return f"{self.about} {self.language}"
