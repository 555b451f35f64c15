"""What an incident means for a customer without a shipment; none of it is said of a shipment."""

from django.db import migrations, models
from django.db.models import Q

OF_SHIPMENTS = [
    "at_risk", "not_collected", "delayed", "missing", "damaged", "part_lost", "lost", "stolen", "misdelivered", "held",
    "returned", "destroyed", "rerouted", "delivered_late",
]  # fmt: skip
OF_CUSTOMERS = ["pickup_not_done", "service_unavailable", "service_restored"]


class Migration(migrations.Migration):
    dependencies = [("incidents", "0081_customers_without_a_shipment")]

    operations = [
        migrations.RemoveConstraint("effectgiven", "effect_known"),
        migrations.AddConstraint(
            "effectgiven",
            models.CheckConstraint(
                name="effect_known", condition=Q(effect__in=[*OF_SHIPMENTS, *OF_CUSTOMERS, "unaffected"])
            ),
        ),
    ]
