"""Tables of the kernel: audit lines, feed, counters, beats. No business words; higher domains use the functions beside."""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id
from tidings.kernel.rotation import SealedField


class AuditLine(models.Model):
    """One line per action. Written unsealed by `audit.record`, numbered and chained by the sealer, never changed after.

    Month partitions by its UUIDv7 key. `payload` and `salt` may be forgotten together; `digest` keeps the chain provable.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    actor_kind = models.TextField(db_collation="C")
    actor_ref = models.TextField()
    verb = models.TextField(db_collation="C")
    thing = models.TextField(db_collation="C")
    thing_id = models.TextField()
    digest = models.BinaryField()
    salt = models.BinaryField(null=True)
    payload = models.TextField(null=True)
    personal_mac = models.BinaryField(null=True)
    seq = models.BigIntegerField(null=True)
    chain = models.BinaryField(null=True)

    class Meta:
        managed = True
        indexes = [
            models.Index(fields=["seq"], name="audit_seq"),
            models.Index(fields=["thing", "thing_id", "id"], name="audit_thing"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(seq__isnull=True)),
        ]

    @property
    def facts(self) -> dict[str, Any]:
        """References and codes of the action; empty once forgotten."""
        return json.loads(self.payload) if self.payload else {}


class PersonKey(models.Model):
    """The key under which one person's values enter the chain. Dropping it makes them unguessable for good."""

    person = models.UUIDField(primary_key=True)
    sealed = SealedField(purpose="audit.person")


class PersonalValues(models.Model):
    """What an audit line says of a person, apart from the line, so that it can be erased."""

    line = models.UUIDField(primary_key=True)
    person = models.UUIDField(db_index=True)
    values = models.TextField()


class FeedLine(models.Model):
    """Changed things that a higher domain still has to look at; at most `feed.A_LINE` of them."""

    topic = models.TextField(db_collation="C")
    things = ArrayField(models.UUIDField())

    class Meta:
        indexes = [models.Index(fields=["topic", "id"], name="feed_topic")]


class Counter(models.Model):
    """The last number given in a series such as `INC-2026-11`."""

    series = models.TextField(primary_key=True, db_collation="C")
    last = models.BigIntegerField()


class Beat(models.Model):
    """When periodic work is due next; whoever moves `due_at` on does the work."""

    code = models.TextField(primary_key=True, db_collation="C")
    every = models.DurationField()
    due_at = models.DateTimeField()


class DoneJob(models.Model):
    """Mark of a job whose effect is committed, so that a second run of the same job does nothing."""

    job_id = models.BigIntegerField(primary_key=True)
    done_at = models.DateTimeField(db_default=Now())


class KeptAnswer(models.Model):
    """What a program was answered under its Idempotency-Key, for a day (`idempotency.py`)."""

    caller = models.TextField(db_collation="C")
    route = models.TextField(db_collation="C")
    key = models.TextField(db_collation="C")
    digest = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "route", "key"], name="kept_answer_once"),
        ]
        indexes = [models.Index(fields=["at"], name="kept_answer_age")]


class Installation(models.Model):
    """Exactly one row, made with the first firm: its name and time zone, and whether it is a demo."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    firm_name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    made_at = models.DateTimeField()
    demo_since = models.DateTimeField(null=True, blank=True)
    demo_by = models.CharField(max_length=64, db_collation="C", blank=True)
    demo_left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    def __str__(self) -> str:
        return self.firm_name

    @property
    def is_demo(self) -> bool:
        return self.demo_since is not None and self.demo_left_at is None
