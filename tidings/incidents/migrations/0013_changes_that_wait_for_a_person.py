"""A change of the scope by itself that is too large waits for a person."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("incidents", "0012_shipments_picked_by_hand")]

    operations = [
        migrations.CreateModel(
            name="HeldChange",
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
                ("came", models.IntegerField()),
                ("went", models.IntegerField()),
                ("told_went", models.IntegerField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="held_changes",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="one_held_change_open", fields=["incident"], condition=Q(ended_at__isnull=True)
                    )
                ]
            },
        )
    ]
