"""The number's unique index compares by bytes and serves beginnings too; the second one that a text gets is only upkeep."""

from django.db import migrations

_DROP = """
DO $do$
DECLARE
    twin text;
BEGIN
    FOR twin IN
        SELECT indexname FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = 'customers_customer'
          AND indexname LIKE 'customers\\_customer\\_number\\_%\\_like'
    LOOP
        EXECUTE format('DROP INDEX %I', twin);
    END LOOP;
END
$do$
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_ids_by_the_server_where_it_can")]

    operations = [migrations.RunSQL(_DROP, migrations.RunSQL.noop)]
