"""What somebody types and does not save is kept for them alone, a week long."""

import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


def code(**options: str) -> "models.TextField[str, str]":
    return models.TextField(db_collation="C", **options)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0110_relays_whose_receipts_are_read")]

    operations = [
        migrations.CreateModel(
            name="Unsaved",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField()),
                ("about", code()),
                ("sheet", models.UUIDField()),
                ("language", code()),
                ("typed", models.JSONField(default=dict)),
                ("shown", models.JSONField(default=dict)),
                ("seen", code(db_default="", default="")),
                ("typed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["typed_at"], name="messaging_unsaved_typed_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person_id", "about", "sheet", "language"],
                        name="messaging_unsaved_once_per_sheet",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("about", ""), _negated=True), models.Q(("typed", {}), _negated=True)
                        ),
                        name="messaging_unsaved_says_something",
                    ),
                ],
            },
        ),
    ]
