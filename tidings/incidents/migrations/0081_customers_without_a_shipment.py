"""An affected line may be a customer alone, of whom no shipment need be moving: one per incident and customer."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0070_looser_grading_waits_for_a_second_person")]

    operations = [
        migrations.AlterField("affected", "shipment_id", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "affected",
            models.UniqueConstraint(
                name="affected_once_without_shipment",
                fields=["incident", "customer_id"],
                condition=Q(shipment_id__isnull=True),
            ),
        ),
        migrations.AddConstraint(
            "affected",
            models.CheckConstraint(
                name="affected_is_somebody",
                condition=Q(shipment_id__isnull=False) | Q(customer_id__isnull=False),
            ),
        ),
    ]
