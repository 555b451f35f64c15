"""The firm’s own questions and answers over the shipped ones."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0086_legal_and_management_approve"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirmAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField(db_collation="C")),
                ("code", models.TextField(db_collation="C")),
                (
                    "phases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), default=list, size=None
                    ),
                ),
                ("public", models.BooleanField()),
                ("said", models.JSONField(default=dict)),
                ("out", models.BooleanField(default=False)),
                ("shipped_digest", models.TextField(db_collation="C", db_default="", default="")),
                ("written_by", models.TextField()),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "code", "-id"], name="messaging_firm_answer_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="firm_answer_has_a_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("out", False), ("said", {}), _connector="OR"),
                        name="firm_answer_out_says_nothing",
                    ),
                ],
            },
        ),
    ]
