"""Staging tables of one import. They live in its session, are filled by COPY and dropped at its end."""

DROP = """
    DROP TABLE IF EXISTS pg_temp.staged_shipment, pg_temp.staged_party, pg_temp.staged_home, pg_temp.staged_reference,
        pg_temp.staged_event, pg_temp.staged_leg, pg_temp.staged_piece, pg_temp.touched, pg_temp.target,
        pg_temp.of_several, pg_temp.master_target, pg_temp.added_event, pg_temp.not_theirs,
        pg_temp.been_at, pg_temp.staged_broken, pg_temp.torn
"""

# A slice stays in memory until it is merged, instead of going out to a file and back. Only before the session's first temporary
# table may this be set; a later import of the same session has it still.
ROOM = "SELECT set_config('temp_buffers', '48MB', false) WHERE pg_my_temp_schema() = 0"

STAGE = """
    CREATE TEMPORARY TABLE staged_shipment (
        line bigint, waybill text COLLATE "C", waybill_key text COLLATE "C", master_key text COLLATE "C",
        carrier text COLLATE "C", started_on date, service text COLLATE "C", mode text COLLATE "C", goods text,
        origin text COLLATE "C", destination text COLLATE "C", promised_at timestamptz, estimated_at timestamptz,
        piece_count integer, weight bigint, cod bigint, cod_currency text COLLATE "C", value bigint,
        value_currency text COLLATE "C"
    );
    CREATE TEMPORARY TABLE staged_party (
        line bigint, role text COLLATE "C", said bigint
    );
    CREATE TEMPORARY TABLE staged_home (
        said bigint, postcode text COLLATE "C", house_number text COLLATE "C"
    );
    CREATE TEMPORARY TABLE staged_reference (
        line bigint, kind text COLLATE "C", value text, key text COLLATE "C"
    );
    CREATE TEMPORARY TABLE staged_event (
        line bigint, waybill_key text COLLATE "C", carrier text COLLATE "C", code text COLLATE "C",
        kind text COLLATE "C", happened_at timestamptz, place text COLLATE "C", recorded_at timestamptz,
        source text COLLATE "C", transport_number text COLLATE "C", piece text COLLATE "C", remark text,
        corrects_code text COLLATE "C", corrects_kind text COLLATE "C", corrects_at timestamptz,
        corrects_place text COLLATE "C"
    );
    CREATE TEMPORARY TABLE staged_leg (
        line bigint, position smallint, mode text COLLATE "C", carrier text COLLATE "C", "start" text COLLATE "C",
        "end" text COLLATE "C", transport_kind text COLLATE "C", transport_number text COLLATE "C",
        departs_at timestamptz, arrives_at timestamptz
    );
    CREATE TEMPORARY TABLE staged_piece (
        line bigint, barcode text COLLATE "C", key text COLLATE "C", weight bigint, container text COLLATE "C"
    );
    CREATE TEMPORARY TABLE staged_broken (waybill_key text COLLATE "C");
    CREATE TEMPORARY TABLE touched (id uuid);
    CREATE TEMPORARY TABLE been_at (id uuid);
    CREATE TEMPORARY TABLE added_event (
        shipment_id uuid, place_id integer, kind text COLLATE "C", code text COLLATE "C", happened_at timestamptz,
        corrects_hash uuid
    );
"""

# Of what is joined by: looking at every column took as long as finding the shipments. Once, for the first slice: what is known
# of the values outlives the emptying of a table, and how many rows there are the planner sees from its pages.
ANALYZE = """
    ANALYZE staged_shipment (line, waybill_key); ANALYZE staged_party (line, said); ANALYZE staged_event (line, waybill_key); ANALYZE staged_leg (line); ANALYZE staged_piece (line);
    ANALYZE staged_home (said)
"""

# After a large import the planner knows nothing of what came until the server looks by itself, a minute later or more.
LOOK_ANEW = "SELECT shipments_look_anew()"

# One merge at a time: two imports of one file must not both find a number missing.
LOCK = "SELECT pg_advisory_xact_lock(7320, 1)"

SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '64MB'; SET LOCAL jit = off"

ADD_PLACES = """
    INSERT INTO shipments_location (code, name, country, time_zone, kind)
    SELECT * FROM unnest(%(codes)s::text[], %(names)s::text[], %(countries)s::text[], %(zones)s::text[], %(kinds)s::text[])
    ON CONFLICT (code) DO NOTHING
"""

CHANGE_PLACES = """
    UPDATE shipments_location l
    SET name = n.name, country = n.country, time_zone = n.zone, kind = n.kind
    FROM unnest(%(codes)s::text[], %(names)s::text[], %(countries)s::text[], %(zones)s::text[], %(kinds)s::text[])
        AS n (code, name, country, zone, kind)
    WHERE l.code = n.code
      AND (l.name, l.country, l.time_zone, l.kind) IS DISTINCT FROM (n.name, n.country, n.zone, n.kind)
"""

KNOWN_PLACES = "SELECT code FROM shipments_location WHERE code = ANY(%(codes)s)"

PLACES_WITHIN = """
    UPDATE shipments_location l SET within_id = around.id
    FROM unnest(%(codes)s::text[], %(within)s::text[]) AS n (code, within)
    JOIN shipments_location around ON around.code = n.within
    WHERE l.code = n.code AND l.within_id IS DISTINCT FROM around.id AND around.id <> l.id
"""

_PUT = """
    INSERT INTO kernel_feedline (topic, things)
    SELECT 'shipments', array_agg(id)
    FROM (SELECT id, row_number() OVER () / 1000 AS held FROM ({}) changed) numbered GROUP BY held
"""


def put_in_feed(changed: str) -> str:
    """Puts the shipments of this question (`id`) into the feed, as `kernel.feed.put` does, a thousand to a line."""
    return _PUT.format(changed)


FEED = put_in_feed("SELECT DISTINCT id FROM touched")


# What a slice brought is merged; what it said of customers stays for the end.
NEXT_SLICE = """
    TRUNCATE staged_shipment, staged_party, staged_reference, staged_event, staged_leg, staged_piece, touched, added_event;
    DROP TABLE target, of_several, master_target
"""
