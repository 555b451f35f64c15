import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("messaging", "0040_words_are_sent_back_with_a_reason")]

    operations = [
        migrations.CreateModel(
            name="RevokedLinks",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("contact_id", models.UUIDField()),
                ("up_to", models.DateTimeField()),
                ("revoked_by", models.TextField()),
                ("revoked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["contact_id", "-up_to"], name="messaging_revoked_links_newest")
                ],
            },
        ),
    ]
