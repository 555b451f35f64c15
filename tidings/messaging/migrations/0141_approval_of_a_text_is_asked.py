"""Who asked that a text be approved beforehand."""

import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


def code() -> "models.TextField[str, str]":
    return models.TextField(db_collation="C")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0160_the_next_chunk_is_found_by_an_index")]

    operations = [
        migrations.CreateModel(
            name="TextAsked",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", code()),
                ("phase", code()),
                ("language", code()),
                ("digest", code()),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["kind", "phase", "language", "digest"], name="messaging_text_asked_once"
                    )
                ],
            },
        ),
    ]
