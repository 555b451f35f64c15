"""What an incident taught, who could not be told and why, and when a corrective measure is checked."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0013_changes_that_wait_for_a_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
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
                ("prevention", models.TextField(blank=True, default="")),
                ("went_well", models.TextField(blank=True, default="")),
                ("to_improve", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Unreachable",
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
                ("customers", models.IntegerField()),
                ("reason", models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name="task",
            name="check_by",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="checked_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="task",
            name="worked",
            field=models.BooleanField(null=True),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at__isnull", True), ("worked__isnull", True)),
                    models.Q(
                        ("check_by__isnull", False),
                        ("checked_at__isnull", False),
                        ("worked__isnull", False),
                        models.Q(("end", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="task_checked_once_ended",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="incidents.incident"
            ),
        ),
        migrations.AddField(
            model_name="unreachable",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="unreachable",
                to="incidents.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["incident", "-at"], name="review_newest"),
        ),
        migrations.AddConstraint(
            model_name="unreachable",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), ("customers__gt", 0)),
                name="unreachable_has_its_reason",
            ),
        ),
    ]
