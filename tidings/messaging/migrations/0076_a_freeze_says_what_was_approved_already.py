"""A freeze may stand on the approval of the same words."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0071_who_was_told_together")]

    operations = [
        migrations.AddField(
            model_name="freeze",
            name="same_as",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="messaging.freeze",
            ),
        ),
    ]
