"""A message that completes a sent one, in a language that was not there when that went."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("incidents", "0034_promises_and_the_laws_clocks")]

    operations = [
        migrations.AddField("sending", "completes", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "sending",
            models.CheckConstraint(
                name="sending_completes_what_has_languages",
                condition=Q(completes__isnull=True) | ~Q(phase__in=["holding", "briefing"]),
            ),
        ),
    ]
