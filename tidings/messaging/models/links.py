"""Tables of the links to readers' own pages. The links themselves need no row: they carry what they say."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id


class RevokedLinks(models.Model):
    """Every link that one contact got up to a moment opens nothing any more. A link sent later is not touched."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact_id = models.UUIDField()
    up_to = models.DateTimeField()
    revoked_by = models.TextField()
    revoked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["contact_id", "-up_to"], name="messaging_revoked_links_newest")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} up to {self.up_to}"
