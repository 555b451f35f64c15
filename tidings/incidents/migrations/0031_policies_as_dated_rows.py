"""Policies as dated rows, never looser than a day, and what waits for a second administrator."""

import datetime

import django.contrib.postgres.fields
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0030_tasks_of_departments"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyAsk",
            fields=[
                ("severity", models.CharField(db_collation="C", max_length=40)),
                ("first_notice_within", models.DurationField()),
                ("update_every", models.DurationField()),
                ("second_person", models.BooleanField()),
                ("special", models.BooleanField()),
                (
                    "required",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), default=list, size=None
                    ),
                ),
                (
                    "overrides_quiet",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), default=list, size=None
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("base_version", models.IntegerField()),
                ("asked_by", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("severity",),
                        name="policy_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_notice_within__gt", datetime.timedelta(0)),
                            ("first_notice_within__lte", datetime.timedelta(days=1)),
                            ("update_every__gt", datetime.timedelta(0)),
                            ("update_every__lte", datetime.timedelta(days=1)),
                        ),
                        name="policy_asked_within_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("severity", "low"), ("required__contains", ["first_notice"]), _connector="OR"
                        ),
                        name="policy_asked_requires_the_first_notice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by", ""), ("outcome", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("outcome__in", ["confirmed", "declined", "replaced"]),
                            ),
                            _connector="OR",
                        ),
                        name="policy_ask_ends_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", models.F("asked_by")), ("outcome", "confirmed"), _negated=True
                        ),
                        name="policy_confirmed_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_kind", models.CharField(db_collation="C", max_length=16)),
                ("by", models.CharField(max_length=120)),
                ("severity", models.CharField(db_collation="C", max_length=40)),
                ("first_notice_within", models.DurationField()),
                ("update_every", models.DurationField()),
                ("second_person", models.BooleanField()),
                ("special", models.BooleanField()),
                (
                    "required",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), default=list, size=None
                    ),
                ),
                (
                    "overrides_quiet",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), default=list, size=None
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("version", models.IntegerField()),
                ("asked_by", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("severity", "version"), name="one_policy_per_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_notice_within__gt", datetime.timedelta(0)),
                            ("first_notice_within__lte", datetime.timedelta(days=1)),
                            ("update_every__gt", datetime.timedelta(0)),
                            ("update_every__lte", datetime.timedelta(days=1)),
                        ),
                        name="policy_within_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("severity", "low"), ("required__contains", ["first_notice"]), _connector="OR"
                        ),
                        name="policy_requires_the_first_notice",
                    ),
                ],
            },
        ),
    ]
