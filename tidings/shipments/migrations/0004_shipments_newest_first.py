"""The list of shipments, newest first, walks this index instead of sorting every shipment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipments", "0003_a_customers_newest_shipments_first")]

    operations = [
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(fields=["-started_on", "-id"], name="shipment_started"),
        ),
    ]
