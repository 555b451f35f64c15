"""The cache that sign-in's rate limits count in: one table, so that they hold over all processes and hosts."""

from django.db import migrations

CREATE = """
    CREATE UNLOGGED TABLE cache_entry (
        cache_key varchar(255) COLLATE "C" PRIMARY KEY,
        value text NOT NULL,
        expires timestamptz NOT NULL
    );
    CREATE INDEX cache_entry_expires ON cache_entry (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_units_and_roles")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE cache_entry")]
