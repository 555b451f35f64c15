"""A way out may serve another rung than mail; what such services say later is kept, and finds its delivery by their own id."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

import tidings.kernel.ids


def code(default: str) -> "models.TextField[str, str]":
    return models.TextField(db_collation="C", db_default=default, default=default)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0091_questions_and_answers")]

    operations = [
        migrations.AddField("relay", "channel", code("email")),
        migrations.AddField("relay", "service", code("")),
        migrations.AddField("relay", "settings", models.BinaryField(null=True)),
        migrations.AlterField("relay", "host", models.TextField(db_default="", default="")),
        migrations.AddConstraint(
            "relay",
            models.CheckConstraint(
                condition=models.Q(service="", channel="email")
                | ~models.Q(service="") & ~models.Q(channel="email"),
                name="messaging_relay_serves_one_rung",
            ),
        ),
        migrations.AddIndex(
            "recipient",
            models.Index(
                fields=["address"],
                condition=~models.Q(channel__in=("email", "call")),
                name="messaging_recipient_answers",
            ),
        ),
        migrations.CreateModel(
            "Reference",
            [
                (
                    "pk",
                    models.CompositePrimaryKey("relay_id", "reference", primary_key=True, serialize=False),
                ),
                ("relay_id", models.UUIDField()),
                ("reference", models.TextField(db_collation="C")),
                ("delivery_id", models.UUIDField()),
                ("recipient_id", models.UUIDField()),
                ("broadcast_id", models.UUIDField()),
                ("attempt", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            "Spoken",
            [
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("relay_id", models.UUIDField()),
                ("channel", models.TextField(db_collation="C")),
                ("address", models.TextField()),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                ("reference", code("")),
                ("recipient_id", models.UUIDField(null=True)),
                ("confirmed", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.CreateModel(
            "CameIn",
            [
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "relay",
                    models.ForeignKey("messaging.relay", django.db.models.deletion.CASCADE, related_name="+"),
                ),
                ("method", models.TextField()),
                ("url", models.TextField()),
                ("headers", models.JSONField()),
                ("query", models.JSONField()),
                ("body", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("came_at", models.DateTimeField(db_default=Now())),
                ("state", code("new")),
                ("tries", models.SmallIntegerField(db_default=0, default=0)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["id"], condition=models.Q(state="new"), name="messaging_came_in_new"
                    ),
                    models.Index(fields=["came_at"], name="messaging_came_in_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["relay", "digest"], name="messaging_came_in_once"),
                ],
            },
        ),
    ]
