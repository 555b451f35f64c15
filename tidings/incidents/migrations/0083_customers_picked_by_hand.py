"""People add customers to a scope who have no shipment in it, and take them out, with a reason."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0082_effects_on_customers_without_a_shipment")]

    operations = [
        migrations.AlterField("handpick", "shipment_id", models.UUIDField(null=True)),
        migrations.AddField("handpick", "customer_id", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "handpick",
            models.CheckConstraint(
                name="hand_pick_of_one_thing",
                condition=Q(shipment_id__isnull=False, customer_id__isnull=True)
                | Q(shipment_id__isnull=True, customer_id__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "handpick",
            models.Index(
                name="hand_pick_of_customer",
                fields=["incident", "customer_id", "-at", "-id"],
                condition=Q(customer_id__isnull=False),
            ),
        ),
    ]
