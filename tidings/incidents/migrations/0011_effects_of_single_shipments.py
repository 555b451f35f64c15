"""What an incident means can be said of one shipment or piece, with who holds it and what must be done by when."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import tidings.kernel.ids

EFFECTS = [
    "", "at_risk", "not_collected", "delayed", "missing", "damaged", "part_lost", "lost", "stolen", "misdelivered", "held",
    "returned", "destroyed", "rerouted", "delivered_late", "unaffected",
]  # fmt: skip


def _code() -> models.CharField:
    return models.CharField(blank=True, db_collation="C", db_default="", default="", max_length=40)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0022_holding_notices_are_reviewed")]

    operations = [
        migrations.CreateModel(
            name="ShipmentEffect",
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
                ("piece", models.TextField(blank=True, db_collation="C", db_default="", default="")),
                ("effect", models.CharField(blank=True, db_collation="C", max_length=40)),
                ("from_at", models.DateTimeField(null=True)),
                ("until_at", models.DateTimeField(null=True)),
                ("held_by", _code()),
                ("must_do", _code()),
                ("do_by", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipment_effects",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(name="shipment_effect_known", condition=Q(effect__in=EFFECTS)),
                    models.CheckConstraint(
                        name="shipment_effect_in_order",
                        condition=Q(until_at__isnull=True)
                        | Q(from_at__isnull=True)
                        | Q(until_at__gte=F("from_at")),
                    ),
                ],
                "indexes": [
                    models.Index(
                        name="shipment_effect_newest",
                        fields=["incident", "shipment_id", "piece", "-at", "-id"],
                    )
                ],
            },
        ),
        migrations.AddField("effectgiven", "held_by", _code()),
        migrations.AddField("effectgiven", "must_do", _code()),
        migrations.AddField("effectgiven", "do_by", models.DateTimeField(null=True)),
    ]
