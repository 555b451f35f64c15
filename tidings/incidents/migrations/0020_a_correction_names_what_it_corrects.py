"""A correction names the message that it puts right; no other message does."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0010_the_term_that_put_a_shipment_in")]

    operations = [
        migrations.AddField("sending", "corrects", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "sending",
            models.CheckConstraint(
                name="sending_corrects_a_message",
                condition=Q(phase="correction", corrects__isnull=False)
                | (~Q(phase="correction") & Q(corrects__isnull=True)),
            ),
        ),
    ]
