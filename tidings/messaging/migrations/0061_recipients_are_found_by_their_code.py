"""The code in a message is the end of its recipient's id, so that it needs no column; an index finds it."""

from django.db import migrations

INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS messaging_recipient_code
    ON messaging_recipient (substring(uuid_send(id) from 12 for 5))
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0060_readers_links_can_be_revoked")]

    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX CONCURRENTLY IF EXISTS messaging_recipient_code"),
    ]
