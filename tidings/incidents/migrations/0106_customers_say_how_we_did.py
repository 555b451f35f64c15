"""What customers say once it is over."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("incidents", "0105_policies_say_by_what_and_what_counts")]

    operations = [
        migrations.CreateModel(
            "SurveyAnswer",
            [
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        "incidents.incident",
                        django.db.models.deletion.CASCADE,
                        related_name="survey_answers",
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("contact_id", models.UUIDField()),
                ("language", models.CharField(max_length=16, db_collation="C")),
                ("informed", models.SmallIntegerField()),
                ("solved", models.SmallIntegerField()),
                ("words", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="survey_once_per_contact", fields=["incident", "contact_id"]
                    ),
                    models.CheckConstraint(
                        name="survey_has_its_marks",
                        condition=models.Q(informed__gte=1, informed__lte=5, solved__gte=1, solved__lte=5),
                    ),
                ]
            },
        ),
    ]
