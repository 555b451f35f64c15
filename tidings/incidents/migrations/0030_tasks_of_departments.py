"""Tasks of departments: what is to be done, by when, whose it is, and how it ended."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0020_a_correction_names_what_it_corrects"),
    ]

    operations = [
        migrations.CreateModel(
            name="Task",
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
                ("department", models.CharField(db_collation="C", max_length=40)),
                ("text", models.TextField()),
                ("due_by", models.DateTimeField()),
                ("owner_id", models.UUIDField(null=True)),
                ("origin", models.CharField(db_collation="C", default="person", max_length=40)),
                ("shipment_id", models.UUIDField(null=True)),
                ("end", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["incident", "due_by"], name="task_of_incident"),
                    models.Index(condition=models.Q(("end", "")), fields=["due_by"], name="task_waiting"),
                    models.Index(condition=models.Q(("end", "")), fields=["owner_id"], name="task_of_owner"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), models.Q(("department", ""), _negated=True)
                        ),
                        name="task_says_what_to_do",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", ""), ("ended_at__isnull", True)),
                            models.Q(("end__in", ["done", "not_done"]), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="task_ends_with_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", "not_done"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="task_not_done_has_its_reason",
                    ),
                ],
            },
        ),
    ]
