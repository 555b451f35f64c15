from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0051_calls")]

    operations = [
        AddIndexConcurrently(
            "recipient",
            models.Index(
                condition=models.Q(("channel", "call")), fields=["due_by"], name="messaging_recipient_to_call"
            ),
        ),
        AddIndexConcurrently(
            "recipient",
            models.Index(
                condition=models.Q(("delivery_id", models.F("id")), _negated=True),
                fields=["delivery_id"],
                name="messaging_recipient_later_rung",
            ),
        ),
    ]
