"""What an incident was said to be before somebody corrected it, and why that was wrong."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0100_policies_have_a_brake"),
    ]

    operations = [
        migrations.CreateModel(
            name="Misreported",
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
                ("kind", models.CharField(db_collation="C", max_length=40)),
                ("detected_at", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="misreported",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["incident", "-at"], name="misreported_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="misreported_has_its_reason"
                    )
                ],
            },
        ),
    ]
