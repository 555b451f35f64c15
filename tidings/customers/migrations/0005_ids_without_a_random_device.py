"""A UUIDv7 (RFC 9562, section 6.2, method 3) whose random bits come from the session's own generator.

`uuidv7()` and `gen_random_uuid()` open the system's random device for each id where the server is built without TLS, as the
embedded one is: 3.2 µs an id against 0.5 (2026-11). An id names a thing and opens nothing; what must not be guessed carries an HMAC.
"""

from django.db import migrations

_MAKE = """
CREATE OR REPLACE FUNCTION tidings_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
    SELECT encode(
        int8send(
            (floor(date_part('epoch', clock_timestamp()) * 1000)::bigint << 16) | x'7000'::bigint
            | (date_part('microseconds', clock_timestamp())::bigint % 1000 * 4)
        ) || int8send(
            (-9223372036854775808)::bigint | (floor(random() * 2147483648)::bigint << 31)
            | floor(random() * 2147483648)::bigint
        ), 'hex')::uuid
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_one_index_for_a_customers_number")]

    operations = [migrations.RunSQL(_MAKE, migrations.RunSQL.noop)]
