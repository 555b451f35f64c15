"""Policies say by which channels customers are written to, and whether only a confirmed contact counts."""

import django.contrib.postgres.fields
from django.db import migrations, models


def channels() -> "django.contrib.postgres.fields.ArrayField[list[str], list[str]]":
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
    )


class Migration(migrations.Migration):
    dependencies = [("incidents", "0097_cells_that_the_firm_opened")]

    operations = [
        migrations.AddField("policyask", "channels", channels()),
        migrations.AddField("policyask", "confirm", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("policyversion", "channels", channels()),
        migrations.AddField("policyversion", "confirm", models.BooleanField(db_default=False, default=False)),
    ]
