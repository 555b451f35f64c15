"""One line of the feed for many things: a row and two index entries for each were a twentieth of an import's work."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_what_this_installation_is")]

    operations = [
        migrations.AddField(
            model_name="feedline", name="things", field=ArrayField(models.UUIDField(), default=list)
        ),
        migrations.RunSQL(
            "UPDATE kernel_feedline SET things = ARRAY[thing]",
            """
            INSERT INTO kernel_feedline (topic, thing, things) SELECT topic, unnest(things), '{}' FROM kernel_feedline;
            DELETE FROM kernel_feedline WHERE things <> '{}'
            """,
        ),
        migrations.AlterField(model_name="feedline", name="things", field=ArrayField(models.UUIDField())),
        migrations.RemoveField(model_name="feedline", name="thing"),
    ]
