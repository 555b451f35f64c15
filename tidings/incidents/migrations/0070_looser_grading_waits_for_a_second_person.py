"""What makes grading propose less waits for a second administrator."""

from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0060_a_message_completes_another"),
    ]

    operations = [
        migrations.CreateModel(
            name="GradingAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("asked_by", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
                ("kind", models.CharField(blank=True, db_collation="C", default="", max_length=40)),
                ("customers", models.IntegerField(default=0)),
                ("value_cents", models.BigIntegerField(default=0)),
                ("currency", models.CharField(blank=True, db_collation="C", default="", max_length=3)),
                ("safety", models.BooleanField(default=False)),
                ("legal", models.BooleanField(default=False)),
                ("severity", models.CharField(db_collation="C", max_length=40)),
                ("what", models.CharField(db_collation="C", max_length=16)),
                ("about", models.CharField(db_collation="C", max_length=120)),
                ("before", models.CharField(blank=True, db_collation="C", default="", max_length=40)),
                ("names", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("about",),
                        name="grading_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["add_row", "end_row", "save_kind"])),
                        name="grading_asked_for_something",
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
                        name="grading_ask_ends_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", models.F("asked_by")), ("outcome", "confirmed"), _negated=True
                        ),
                        name="grading_confirmed_by_another",
                    ),
                ],
            },
        ),
    ]
