"""A question finds shipments by lane and container: an index for each, made while the tables are in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("shipments", "0005_statistics_after_a_large_import")]

    operations = [
        AddIndexConcurrently("leg", models.Index(fields=["start", "end", "departs_at"], name="leg_lane")),
        AddIndexConcurrently(
            "piece",
            models.Index(fields=["container"], name="piece_container", condition=~Q(container="")),
        ),
    ]
