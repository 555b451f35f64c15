"""How fresh each source of events is, kept as they come in: asking thirty million events for it would take seconds."""

from django.db import migrations, models

import tidings.kernel.columns


class Migration(migrations.Migration):
    dependencies = [("shipments", "0010_indexes_for_what_a_question_names")]

    operations = [
        migrations.CreateModel(
            name="EventSource",
            fields=[
                ("source", tidings.kernel.columns.code_field(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
            ],
        )
    ]
