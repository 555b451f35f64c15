"""The firm's own grading rows, what a grade was proposed because of, danger and legal exposure of an incident."""

from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0011_effects_of_single_shipments"),
    ]

    operations = [
        migrations.AddField(
            model_name="gradechange",
            name="because",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="incident",
            name="legal",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="incident",
            name="safety",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="GradingRule",
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
                ("kind", models.CharField(blank=True, db_collation="C", default="", max_length=40)),
                ("customers", models.IntegerField(default=0)),
                ("value_cents", models.BigIntegerField(default=0)),
                ("currency", models.CharField(blank=True, db_collation="C", default="", max_length=3)),
                ("safety", models.BooleanField(default=False)),
                ("legal", models.BooleanField(default=False)),
                ("severity", models.CharField(db_collation="C", max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["low", "medium", "high", "critical"])),
                        name="grading_severity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["theft", "fraud"]), ("severity", "low"), _negated=True
                        ),
                        name="grading_theft_and_fraud_not_low",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customers__gte", 0),
                            ("value_cents__gte", 0),
                            models.Q(
                                ("value_cents", 0), models.Q(("currency", ""), _negated=True), _connector="OR"
                            ),
                        ),
                        name="grading_figures_in_order",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("kind", "customers", "value_cents", "currency", "safety", "legal"),
                        name="grading_row_once",
                    ),
                ],
            },
        ),
    ]
