"""Who was reminded of what is due, each step once."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("incidents", "0096_contracts_bind_the_affected")]

    operations = [
        migrations.CreateModel(
            name="Reminder",
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
                ("what", models.CharField(db_collation="C", max_length=16)),
                ("thing", models.CharField(blank=True, db_collation="C", default="", max_length=40)),
                ("due_by", models.DateTimeField()),
                ("step", models.CharField(db_collation="C", max_length=8)),
                ("person_id", models.UUIDField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "what", "thing", "due_by", "step"), name="each_reminder_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("step__in", ["soon", "late", "lead", "next"])),
                        name="reminder_step_known",
                    ),
                ],
            },
        ),
    ]
