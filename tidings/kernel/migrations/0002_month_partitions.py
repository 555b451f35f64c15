"""The functions behind `kernel/partitions.py`. They run as the owner: the application's role may not make tables."""

from django.db import migrations

FLOOR = """
CREATE FUNCTION kernel_uuid_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$
"""

ENSURE = """
CREATE FUNCTION kernel_ensure_months(parent regclass, first_month date, last_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    by_uuid boolean;
    prefix text := split_part(replace(parent::text, '"', ''), '.', -1);
    part text;
    from_month timestamptz := date_trunc('month', first_month::timestamp) AT TIME ZONE 'UTC';
    to_month timestamptz;
    last_start timestamptz := date_trunc('month', last_month::timestamp) AT TIME ZONE 'UTC';
    made integer := 0;
BEGIN
    SELECT a.atttypid = 'uuid'::regtype INTO STRICT by_uuid
      FROM pg_partitioned_table p
      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partrelid = parent AND p.partstrat = 'r';
    PERFORM pg_advisory_xact_lock(7314, parent::oid::integer);
    part := prefix || '_default';
    IF to_regclass(quote_ident(part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %s DEFAULT', part, parent);
        PERFORM kernel_close_partition(part);
    END IF;
    WHILE from_month <= last_start LOOP
        to_month := (from_month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
        part := prefix || to_char(from_month AT TIME ZONE 'UTC', '"_y"YYYY"m"MM');
        IF to_regclass(quote_ident(part)) IS NULL THEN
            IF by_uuid THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                    part, parent, kernel_uuid_floor(from_month), kernel_uuid_floor(to_month));
            ELSE
                EXECUTE format('CREATE TABLE %I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                    part, parent, from_month, to_month);
            END IF;
            PERFORM kernel_close_partition(part);
            made := made + 1;
        END IF;
        from_month := to_month;
    END LOOP;
    RETURN made;
END $$
"""

CLOSE = """
CREATE FUNCTION kernel_close_partition(part text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidings') AND current_user <> 'tidings' THEN
        EXECUTE format('REVOKE ALL ON %I FROM tidings', part);
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_extensions")]
    operations = [
        migrations.RunSQL(FLOOR, "DROP FUNCTION kernel_uuid_floor"),
        migrations.RunSQL(CLOSE, "DROP FUNCTION kernel_close_partition"),
        migrations.RunSQL(ENSURE, "DROP FUNCTION kernel_ensure_months"),
    ]
