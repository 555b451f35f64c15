"""Tracking events, partitioned by the month they happened in."""

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
"""

# One event told twice is one event: the same act on the same shipment (or piece) at the same place and moment.
_HASH = """
CREATE FUNCTION shipments_event_hash(
    shipment uuid, kind text, code text, happened_at timestamptz, place integer, piece text
) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(substring(sha256(convert_to(
        concat_ws('|', shipment, kind, code, (extract(epoch FROM happened_at) * 1000000)::bigint,
                  COALESCE(place, 0), COALESCE(piece, '')),
        'UTF8')) FROM 1 FOR 16), 'hex')::uuid
$$;
"""

_MONTHS = "SELECT kernel_ensure_months('shipments_event', current_date, (current_date + interval '18 months')::date)"

_UNDO = """
DROP TABLE shipments_event;
DROP FUNCTION shipments_event_hash(uuid, text, text, timestamptz, integer, text)
"""


class Migration(migrations.Migration):
    dependencies = [("shipments", "0001_shipments_and_their_parts"), ("kernel", "0002_month_partitions")]

    operations = [migrations.RunSQL(_TABLE + _HASH + _MONTHS, _UNDO)]
