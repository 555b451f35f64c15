"""What a program was answered under its Idempotency-Key is kept for a day."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0006_a_feed_line_holds_many_things"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caller", models.TextField(db_collation="C")),
                ("route", models.TextField(db_collation="C")),
                ("key", models.TextField(db_collation="C")),
                ("digest", models.BinaryField()),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.BinaryField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="kept_answer_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("caller", "route", "key"), name="kept_answer_once")
                ],
            },
        ),
    ]
