"""Tracking events, partitioned by the month they happened in, and the function that makes months.

The function runs with its owner's rights, since the application's role may not make tables.
"""

from django.db import migrations

_TABLE = """
CREATE TABLE shipments_event (
    happened_at timestamptz NOT NULL,
    natural_hash uuid NOT NULL,
    shipment_id uuid NOT NULL,
    place_id integer,
    kind text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    recorded_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    source text COLLATE "C" NOT NULL DEFAULT '',
    transport_number text COLLATE "C" NOT NULL DEFAULT '',
    piece text COLLATE "C" NOT NULL DEFAULT '',
    remark text NOT NULL DEFAULT '',
    corrects_at timestamptz,
    corrects_hash uuid,
    PRIMARY KEY (happened_at, natural_hash),
    CONSTRAINT event_kind_is_known CHECK (kind IN ('planned', 'estimated', 'actual')),
    CONSTRAINT event_has_a_code CHECK (code <> ''),
    CONSTRAINT event_corrects_whole CHECK ((corrects_at IS NULL) = (corrects_hash IS NULL))
) PARTITION BY RANGE (happened_at);
CREATE INDEX event_place ON shipments_event (place_id, kind, happened_at)
    INCLUDE (shipment_id, code, recorded_at, received_at);
CREATE INDEX event_shipment ON shipments_event (shipment_id, happened_at);
CREATE INDEX event_correction ON shipments_event (corrects_at, corrects_hash) WHERE corrects_hash IS NOT NULL;
CREATE TABLE shipments_event_default PARTITION OF shipments_event DEFAULT;
"""

_MONTHS = """
CREATE FUNCTION shipments_make_months(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    month date := date_trunc('month', first);
    name text;
    made integer := 0;
BEGIN
    WHILE month <= last LOOP
        name := 'shipments_event_' || to_char(month, '"y"YYYY"m"MM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF shipments_event FOR VALUES FROM (%L) TO (%L)',
                name,
                to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
                to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00'
            );
            made := made + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION shipments_make_months(date, date) FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidings') THEN
        GRANT EXECUTE ON FUNCTION shipments_make_months(date, date) TO tidings;
    END IF;
END
$$;
SELECT shipments_make_months(current_date, (current_date + interval '18 months')::date);
"""

_UNDO = "DROP FUNCTION shipments_make_months(date, date); DROP TABLE shipments_event"


class Migration(migrations.Migration):
    dependencies = [("shipments", "0001_shipments_and_their_parts")]

    operations = [migrations.RunSQL(_TABLE + _MONTHS, _UNDO)]
