"""Who came in and was not told, and who was told and left, is found without reading all the affected."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("incidents", "0088_who_was_reminded_of_what_is_due")]

    operations = [
        AddIndexConcurrently(
            model_name="affected",
            index=models.Index(
                condition=models.Q(
                    ("customer_id__isnull", False), ("gone_at__isnull", True), ("told_at__isnull", True)
                ),
                fields=["incident"],
                name="affected_untold",
            ),
        ),
        AddIndexConcurrently(
            model_name="affected",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", False), ("told_at__isnull", False)),
                fields=["incident"],
                name="affected_left",
            ),
        ),
    ]
