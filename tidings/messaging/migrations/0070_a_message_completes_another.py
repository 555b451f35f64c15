"""A message in the languages that another lacked when it went."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0041_approvers_are_asked_by_name")]

    operations = [
        migrations.AddField("message", "completes", models.UUIDField(null=True)),
    ]
