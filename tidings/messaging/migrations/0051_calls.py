import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("messaging", "0050_recipients_know_their_earlier_rungs")]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("recipient_id", models.UUIDField()),
                ("delivery_id", models.UUIDField()),
                ("about", models.TextField(db_collation="C")),
                ("taken_by", models.TextField()),
                ("taken_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("leased_until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(db_collation="C", db_default="", default="")),
                ("note", models.TextField(db_default="", default="")),
                ("again_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["taken_by", "-taken_at"], name="messaging_call_by"),
                    models.Index(fields=["ended_at"], name="messaging_call_ended"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("recipient_id",),
                        name="messaging_one_call_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("outcome", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="messaging_call_ends_with_an_outcome",
                    ),
                ],
            },
        ),
    ]
