"""Merges staged events: finds the shipment each is about, adds what is new, and moves the positions."""

# By number: the latest start not after the event, else one that starts within a month (a plan may come first). To who
# imports them, shipments that they do not see are like those that nobody knows; `seen` is the question of `queries/seen.py`.
RESOLVE = """
    CREATE TEMPORARY TABLE target AS
    SELECT e.line, x.id, false AS is_new
    FROM staged_event e
    CROSS JOIN LATERAL (
        SELECT s.id FROM shipments_shipment s
        WHERE s.waybill_key = e.waybill_key AND (e.carrier IS NULL OR s.carrier = e.carrier)
          AND s.started_on <= e.happened_at::date + 30 AND ({seen})
        ORDER BY s.started_on > e.happened_at::date + 1, s.started_on DESC LIMIT 1
    ) x;
    ANALYZE target
"""

# Carriers scan pieces: a number that is no waybill is looked for among barcodes, an SSCC also without its "00", and so is the
# piece that an event names.
RESOLVE_BY_PIECE = """
    INSERT INTO target
    SELECT e.line, x.id, false
    FROM staged_event e
    CROSS JOIN LATERAL (
        SELECT s.id FROM shipments_piece p JOIN shipments_shipment s ON s.id = p.shipment_id
        WHERE p.key = ANY (ARRAY[
                e.waybill_key,
                CASE WHEN length(e.waybill_key) = 20 THEN substr(e.waybill_key, 3) END,
                upper(regexp_replace(e.piece, '[^0-9A-Za-z]', '', 'g'))
              ])
          AND (e.carrier IS NULL OR s.carrier = e.carrier)
          AND s.started_on <= e.happened_at::date + 30 AND ({seen})
        ORDER BY s.started_on > e.happened_at::date + 1, s.started_on DESC LIMIT 1
    ) x
    WHERE NOT EXISTS (SELECT FROM target t WHERE t.line = e.line)
"""
ANY_UNKNOWN = (
    "SELECT EXISTS (SELECT FROM staged_event e WHERE NOT EXISTS (SELECT FROM target t WHERE t.line = e.line))"
)

UNKNOWN_LINES = """
    SELECT e.line FROM staged_event e
    WHERE NOT EXISTS (SELECT FROM target t WHERE t.line = e.line) ORDER BY e.line
"""

MONTHS = (
    "SELECT DISTINCT date_trunc('month', happened_at AT TIME ZONE 'UTC')::date FROM staged_event ORDER BY 1"
)

ADD_EVENTS = """
    WITH added AS (
        INSERT INTO shipments_event (
            happened_at, natural_hash, shipment_id, place_id, kind, code, recorded_at, source, transport_number,
            piece, remark, corrects_at, corrects_hash
        )
        SELECT e.happened_at, shipments_event_hash(t.id, e.kind, e.code, e.happened_at, l.id, e.piece),
               t.id, l.id, e.kind, e.code, e.recorded_at, COALESCE(e.source, %(source)s),
               COALESCE(e.transport_number, ''), COALESCE(e.piece, ''), COALESCE(e.remark, ''), e.corrects_at,
               CASE WHEN e.corrects_at IS NOT NULL THEN
                   shipments_event_hash(t.id, COALESCE(e.corrects_kind, e.kind), COALESCE(e.corrects_code, e.code),
                                        e.corrects_at, w.id, e.piece)
               END
        FROM staged_event e
        JOIN target t ON t.line = e.line
        LEFT JOIN shipments_location l ON l.code = e.place
        LEFT JOIN shipments_location w ON w.code = COALESCE(e.corrects_place, e.place)
        ON CONFLICT (happened_at, natural_hash) DO NOTHING
        RETURNING shipment_id, place_id, kind, code, happened_at, corrects_hash
    )
    INSERT INTO added_event SELECT * FROM added
"""

# Nobody waits for another import of the same source: whoever holds its row says the same a moment later.
NEW_SOURCES = """
    INSERT INTO shipments_eventsource (source, received_at)
    SELECT DISTINCT COALESCE(e.source, %(source)s), now() FROM staged_event e
    WHERE NOT EXISTS (SELECT FROM shipments_eventsource k WHERE k.source = COALESCE(e.source, %(source)s))
    ON CONFLICT (source) DO NOTHING
"""
FRESH_SOURCES = """
    UPDATE shipments_eventsource k SET received_at = now()
    FROM (
        SELECT source FROM shipments_eventsource
        WHERE source IN (SELECT COALESCE(e.source, %(source)s) FROM staged_event e) FOR UPDATE SKIP LOCKED
    ) free
    WHERE k.source = free.source
"""

# A shipment is where its latest actual event was; delivered stays delivered when an older event comes late.
MOVE_POSITIONS = """
    INSERT INTO shipments_position AS p (shipment_id, place_id, happened_at, code, delivered_at)
    SELECT DISTINCT ON (a.shipment_id) a.shipment_id, a.place_id, a.happened_at, a.code, d.delivered_at
    FROM added_event a
    LEFT JOIN (
        SELECT shipment_id, max(happened_at) AS delivered_at FROM added_event
        WHERE kind = 'actual' AND code = 'delivered' GROUP BY shipment_id
    ) d ON d.shipment_id = a.shipment_id
    WHERE a.kind = 'actual' AND a.code <> 'void'
    ORDER BY a.shipment_id, a.happened_at DESC
    ON CONFLICT (shipment_id) DO UPDATE SET
        place_id = CASE WHEN excluded.happened_at >= p.happened_at THEN excluded.place_id ELSE p.place_id END,
        code = CASE WHEN excluded.happened_at >= p.happened_at THEN excluded.code ELSE p.code END,
        delivered_at = COALESCE(excluded.delivered_at, p.delivered_at),
        happened_at = GREATEST(excluded.happened_at, p.happened_at)
"""

ANY_CORRECTION = "SELECT EXISTS (SELECT FROM added_event WHERE corrects_hash IS NOT NULL)"

# A correction may take back what the position rests on: those are worked out anew from all that still stands.
DROP_CORRECTED_POSITIONS = """
    DELETE FROM shipments_position p USING added_event a
    WHERE a.corrects_hash IS NOT NULL AND p.shipment_id = a.shipment_id
"""
REBUILD_POSITIONS = """
    WITH standing AS (
        SELECT e.* FROM shipments_event e
        WHERE e.shipment_id IN (SELECT shipment_id FROM added_event WHERE corrects_hash IS NOT NULL)
          AND e.kind = 'actual' AND e.code <> 'void'
          AND NOT EXISTS (
            SELECT FROM shipments_event c
            WHERE c.shipment_id = e.shipment_id
              AND c.corrects_at = e.happened_at AND c.corrects_hash = e.natural_hash
          )
    )
    INSERT INTO shipments_position (shipment_id, place_id, happened_at, code, delivered_at)
    SELECT DISTINCT ON (s.shipment_id) s.shipment_id, s.place_id, s.happened_at, s.code, d.delivered_at
    FROM standing s
    LEFT JOIN (
        SELECT shipment_id, max(happened_at) AS delivered_at FROM standing WHERE code = 'delivered'
        GROUP BY shipment_id
    ) d ON d.shipment_id = s.shipment_id
    ORDER BY s.shipment_id, s.happened_at DESC
"""

TOUCH = "INSERT INTO touched SELECT DISTINCT shipment_id FROM added_event"
COUNT_ADDED = "SELECT count(*) FROM added_event"
COUNT_TOUCHED = "SELECT count(DISTINCT id) FROM touched"
