"""People add shipments to a scope and take them out, with a reason, whatever its question says."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("incidents", "0040_customers_may_choose")]

    operations = [
        migrations.CreateModel(
            name="HandPick",
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
                ("shipment_id", models.UUIDField()),
                ("verdict", models.CharField(blank=True, db_collation="C", max_length=8)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hand_picks",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="hand_pick_known", condition=Q(verdict__in=["", "in", "out"])
                    ),
                    models.CheckConstraint(
                        name="hand_pick_has_its_reason", condition=Q(verdict="") | ~Q(reason="")
                    ),
                ],
                "indexes": [
                    models.Index(name="hand_pick_newest", fields=["incident", "shipment_id", "-at", "-id"])
                ],
            },
        )
    ]
