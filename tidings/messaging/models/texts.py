"""Tables of what is said: the firm's own texts, messages with their versions per language, freezes and approvals.

State is rows with who and when. Nothing here is ever changed: a newer row counts instead. One thing only grows: what is asked
before a message may go.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id


def _code(default: str | None = None) -> "models.TextField[str, str]":
    """A plain text column for a code: compared by byte, no choices in the database."""
    if default is None:
        return models.TextField(db_collation="C")
    return models.TextField(db_collation="C", default=default, db_default=default)


class FirmText(models.Model):
    """A text that the firm wrote over a shipped one; without a source, its going back to the shipped one.

    `began_from` is the digest of the version it began from and `began_source` its words; `shipped_digest` names the shipped
    text of that day, so that a newer one shows.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = _code()
    phase = _code()
    language = _code()
    source = models.TextField()
    began_from = _code("")
    began_source = models.TextField(default="", db_default="")
    shipped_digest = _code("")
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "phase", "language", "-id"], name="messaging_firm_text_newest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.phase} {self.language}"


class TextApproval(models.Model):
    """A text approved beforehand, by the digest of its words: from then on filling its slots needs no second approval."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = _code()
    phase = _code()
    language = _code()
    digest = _code()
    approved_by = models.TextField()
    approved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "phase", "language", "digest"], name="messaging_text_approved_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.phase} {self.language}"


class TextAsked(models.Model):
    """Somebody asked that the words of this digest be approved beforehand. It ends with an approval, or with other words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = _code()
    phase = _code()
    language = _code()
    digest = _code()
    asked_by = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "phase", "language", "digest"], name="messaging_text_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.phase} {self.language}"


class Message(models.Model):
    """What is told about one thing in one phase. `about` is its reference, such as an incident's number.

    The approval policy is copied from the moment of writing: one that is loosened later lowers nothing here, one that asks
    for more by the time of freezing takes its place. `approvers` are the kinds of which each must approve; none: one, whichever.
    `unit_id` is whose matter it is, and so who may approve it; None is headquarters' own. `completes` is the sent message whose
    readers wait for a language that this one has.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    about = _code()
    kind = _code()
    phase = _code()
    drill = models.BooleanField(default=False, db_default=False)
    approval_when = _code("changed_text")
    author_may_approve = models.BooleanField(default=False, db_default=False)
    approvers = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    unit_id = models.UUIDField(null=True)
    completes = models.UUIDField(null=True)
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["about", "phase"], name="messaging_message_about")]

    def __str__(self) -> str:
        return f"{self.about} {self.phase}"


class MessageText(models.Model):
    """One language of one version of a message: the text it uses, and the facts that fill it.

    `changed` says that the text itself was rewritten for this message; `base_digest` names the text it began from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="texts", db_index=False)
    version = models.IntegerField()
    language = _code()
    source = models.TextField()
    base_digest = _code()
    changed = models.BooleanField(default=False, db_default=False)
    facts = models.JSONField(default=dict)
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message", "version", "language"], name="messaging_one_text_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.language} v{self.version}"


class Freeze(models.Model):
    """The words of one version, as they will go: `words` holds per language subject, text, html and short.

    An approval is for this and nothing else; a newer version, or a newer freeze, takes its place. `approval_needed`
    was decided here, by the policy that the message carries, and by which `approvers`; `same_as` is the freeze of which a person
    approved these very words, where that was enough. `audience` tells the size by language and channel, largest first,
    as objects with `language`, `channel` (null: no usable address) and `contacts`; `due_by` is the earliest of their deadlines.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="freezes")
    version = models.IntegerField()
    digest = _code()
    words = models.JSONField()
    audience_size = models.IntegerField(null=True)
    audience = models.JSONField(default=list, db_default=[])
    due_by = models.DateTimeField(null=True)
    approval_needed = models.BooleanField()
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    approvers = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    frozen_by = models.TextField()
    frozen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.digest[:12]


class Approval(models.Model):
    """One freeze may go: to the words of these digests, one per language, for at most this many readers, somebody said yes.

    Where the freeze names approvers, each gave theirs first (`KindApproval`); the last of them is who stands here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    freeze = models.OneToOneField(Freeze, models.CASCADE, related_name="approval")
    digests = models.JSONField(default=dict)
    audience_size = models.IntegerField(null=True)
    approved_by = models.TextField()
    approved_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"approved {self.freeze_id}"


class Voice(models.Model):
    """From whom our messages come and where to turn, as the firm says it. The newest row counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    firm = models.TextField()
    from_address = models.TextField()
    reply_to = models.TextField(default="", db_default="")
    phone = models.TextField(default="", db_default="")
    where_to_look = models.TextField(default="", db_default="")
    set_by = models.TextField()
    set_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.firm


class CaughtMail(models.Model):
    """A mail that the local catcher took instead of a relay; kept for a week. Nobody outside has seen it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caught_at = models.DateTimeField(db_default=Now())
    sender = models.TextField()
    recipients = models.TextField()
    subject = models.TextField()
    language = _code("")
    raw = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["caught_at"], name="messaging_caught_at")]

    def __str__(self) -> str:
        return self.subject
