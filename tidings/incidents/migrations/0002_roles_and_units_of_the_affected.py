"""Each affected line keeps the customer's roles on the shipment, and every unit that sees it: the shipment's, its clients'."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_first_incident_tables")]

    operations = [
        migrations.AddField(
            "affected", "roles", ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
        ),
        migrations.AddField("affected", "units", ArrayField(models.UUIDField(), default=list, db_default=[])),
        migrations.RunSQL(
            "UPDATE incidents_affected SET units = ARRAY[unit_id] WHERE unit_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex("affected", "affected_by_unit"),
        migrations.RemoveField("affected", "unit_id"),
        migrations.AddIndex("affected", GinIndex(name="affected_by_units", fields=["units"])),
    ]
