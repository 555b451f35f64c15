"""Whom a message left out since another told them the same: who heard it from which recipient's message."""

from django.db import migrations, models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("messaging", "0070_a_message_completes_another")]

    operations = [
        migrations.CreateModel(
            name="ToldTogether",
            fields=[
                ("id", models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False)),
                ("message_id", models.UUIDField()),
                ("contact_id", models.UUIDField()),
                ("recipient_id", models.UUIDField()),
                ("due_by", models.DateTimeField()),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "indexes": [models.Index(fields=["contact_id"], name="messaging_told_together_whom")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message_id", "contact_id"), name="messaging_told_together_once"
                    )
                ],
            },
        ),
    ]
