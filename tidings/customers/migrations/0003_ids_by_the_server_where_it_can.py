"""From PostgreSQL 18 on the server makes UUIDv7 itself, several times faster than the expression that stands in for it."""

from django.db import migrations

_MAKE = """
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        CREATE OR REPLACE FUNCTION tidings_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
            AS 'SELECT uuidv7()';
    END IF;
END
$do$
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_ids_made_in_the_database")]

    operations = [migrations.RunSQL(_MAKE, migrations.RunSQL.noop)]
