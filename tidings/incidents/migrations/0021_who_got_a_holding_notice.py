"""Who got a holding notice while the first notice was owed, and why it went."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0031_policies_as_dated_rows")]

    operations = [
        migrations.AddField("affected", "held_at", models.DateTimeField(null=True)),
        migrations.AddField("sending", "reason", models.TextField(blank=True, default="", db_default="")),
        migrations.AddConstraint(
            "sending",
            models.CheckConstraint(
                name="sending_held_with_a_reason",
                condition=~Q(phase="holding") | Q(sent_at__isnull=True) | ~Q(reason=""),
            ),
        ),
    ]
