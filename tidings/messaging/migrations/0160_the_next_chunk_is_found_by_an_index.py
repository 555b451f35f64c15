"""Looking for the next chunk read every open one: of a million recipients there are two thousand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0130_texts_as_providers_approved_them")]

    operations = [
        migrations.AddIndex(
            model_name="chunk",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "leased"])),
                fields=["lane", "due_by", "id"],
                name="messaging_chunk_next",
            ),
        ),
    ]
