"""The small tables of the kernel."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kernel", "0002_month_partitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("code", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("every", models.DurationField()),
                ("due_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("series", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("last", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="DoneJob",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("done_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="PersonalValues",
            fields=[
                ("line", models.UUIDField(primary_key=True, serialize=False)),
                ("person", models.UUIDField(db_index=True)),
                ("values", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("person", models.UUIDField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="FeedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.TextField(db_collation="C")),
                ("thing", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["topic", "id"], name="feed_topic")],
            },
        ),
    ]
