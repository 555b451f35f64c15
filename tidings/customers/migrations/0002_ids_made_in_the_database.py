"""A UUIDv7 like kernel/ids.py makes, for statements that insert a whole set: PostgreSQL 15 to 17 have none."""

from django.db import migrations

_MAKE = """
CREATE FUNCTION tidings_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_customers_and_their_contacts")]

    operations = [migrations.RunSQL(_MAKE, "DROP FUNCTION tidings_new_id()")]
