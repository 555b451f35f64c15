"""Promises to single customers, and what is known of the law's clocks on an incident."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0033_reviews_and_corrective_measures"),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalNotice",
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
                ("code", models.CharField(db_collation="C", max_length=40)),
                ("owner_id", models.UUIDField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("proof", models.TextField(blank=True, default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legal_notices",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "code"), name="one_notice_per_legal_clock"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", True), models.Q(("proof", ""), _negated=True), _connector="OR"
                        ),
                        name="legal_notice_done_with_its_proof",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalPromise",
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
                ("customer_id", models.UUIDField()),
                ("text", models.TextField()),
                ("due_by", models.DateTimeField()),
                ("owner_id", models.UUIDField(null=True)),
                ("end", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("note", models.TextField(blank=True, default="")),
                ("escalated_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("end", "")), fields=["due_by"], name="promise_waiting")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="promise_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", ""), ("ended_at__isnull", True)),
                            models.Q(("end__in", ["kept", "broken"]), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="promise_ends_with_a_moment",
                    ),
                ],
            },
        ),
    ]
