"""Whatever is bound for a place is found without reading the shipments themselves: 100,000 of ten million lie far apart."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("shipments", "0011_when_each_source_last_sent")]

    operations = [
        AddIndexConcurrently(
            "shipment",
            models.Index(
                fields=["destination", "started_on"],
                include=["id", "estimated_at", "promised_at"],
                name="shipment_bound_for",
            ),
        ),
        AddIndexConcurrently(
            "position",
            models.Index(
                fields=["shipment"],
                condition=models.Q(delivered_at__isnull=False),
                name="position_delivered",
            ),
        ),
        RemoveIndexConcurrently("shipment", "shipment_destination"),
    ]
