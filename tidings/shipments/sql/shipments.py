"""Merges staged shipments with their parties, references, legs and pieces. Null in a staged column means: not said.

`target` says which shipment each line is about. What changed on a shipment that was known is gathered in `touched`.
"""

from tidings.shipments.sql.staging import put_in_feed

# Lines about one shipment become its first line: sums are added up, of the rest the first word counts.
OF_SEVERAL = """
    CREATE TEMPORARY TABLE of_several AS
    SELECT s.line, m.first
    FROM staged_shipment s
    JOIN (
        SELECT carrier, waybill_key, {start} AS start, min(line) AS first
        FROM staged_shipment GROUP BY 1, 2, 3 HAVING count(*) > 1
    ) m ON m.carrier = s.carrier AND m.waybill_key = s.waybill_key AND m.start IS NOT DISTINCT FROM {start}
"""
NO_START = "NULL::date"
STARTS = "started_on"

# Where columns are added up, a shipment's lines are taken all or not at all: half of them would give half a sum, and once the
# bad ones are mended and imported again, the other half. So they are rejected together, and mended as a whole.
TORN = """
    CREATE TEMPORARY TABLE torn AS
    SELECT DISTINCT ON (line) line, why FROM (
        SELECT s.line, 'other_line_rejected' AS why FROM staged_shipment s
        WHERE s.waybill_key IN (SELECT waybill_key FROM staged_broken)
        UNION ALL
        SELECT s.line, 'currencies_differ' FROM staged_shipment s
        JOIN (
            SELECT carrier, waybill_key, {start} AS start FROM staged_shipment GROUP BY 1, 2, 3 HAVING {differ}
        ) m ON m.carrier = s.carrier AND m.waybill_key = s.waybill_key AND m.start IS NOT DISTINCT FROM {start}
    ) x ORDER BY line, why
"""
TORN_LINES = "SELECT line, why FROM torn ORDER BY line"


def differ(summed: frozenset[str]) -> str:
    """Whether lines about one shipment have amounts of several currencies in a column that is added up."""
    amounts = [
        f"count(DISTINCT {name}_currency) FILTER (WHERE {name} IS NOT NULL) > 1"
        for name in ("cod", "value")
        if name in summed
    ]
    return " OR ".join(amounts) or "false"


def forget_torn(table: str) -> str:
    """Takes away what a staging table holds of such lines."""
    return f"DELETE FROM {table} p USING torn n WHERE n.line = p.line"  # noqa: S608


_FIRST = "(array_agg({0} ORDER BY s.line) FILTER (WHERE {0} IS NOT NULL))[1]"
_COLUMNS = (
    "master_key", "service", "mode", "goods", "origin", "destination", "promised_at", "estimated_at", "piece_count",
    "weight", "cod", "cod_currency", "value", "value_currency",
)  # fmt: skip


def gather(summed: frozenset[str]) -> str:
    """Writes what several lines say of one shipment onto its first line; the columns in `summed` are added up."""
    parts = ["min(s.started_on) AS started_on"]
    parts += [
        f"sum(s.{name}) AS {name}" if name in summed else f"{_FIRST.format('s.' + name)} AS {name}"
        for name in _COLUMNS
    ]
    names = ", ".join(f"{name} = g.{name}" for name in ("started_on", *_COLUMNS))
    return f"""
        UPDATE staged_shipment t SET {names}
        FROM (
            SELECT f.first, {", ".join(parts)}
            FROM staged_shipment s JOIN of_several f ON f.line = s.line GROUP BY f.first
        ) g
        WHERE t.line = g.first
    """  # noqa: S608 - the names are our own


DROP_OTHERS = """
    DELETE FROM staged_shipment s USING of_several f WHERE f.line = s.line AND f.line <> f.first
"""

PARTS = ("party", "reference", "event", "leg", "piece")


def move_to_first(part: str) -> str:
    """What hung on a later line hangs on the shipment's first line."""
    return f"UPDATE staged_{part} p SET line = f.first FROM of_several f WHERE p.line = f.line AND f.line <> f.first"  # noqa: S608


NUMBERS = "SELECT min(waybill_key), max(waybill_key) FROM staged_shipment"
# The lowest known number from there on stands first in the index: asked whether one EXISTS between, the planner may read them all.
ANY_BETWEEN = """
    SELECT min(waybill_key) <= %(highest)s FROM shipments_shipment WHERE waybill_key >= %(lowest)s
"""

# `same`: a number alone names the shipment (its latest start, of those that the importer sees if any); otherwise number and start do. The limit keeps the planner
# to a look-up per line, however many shipments there are.
RESOLVE = """
    CREATE TEMPORARY TABLE target AS
    SELECT l.line, COALESCE(x.id, tidings_new_id()) AS id, x.id IS NULL AS is_new, x.created_at,
           COALESCE(x.started_on, l.started_on, e.first_on, l.promised_at::date, current_date) AS started_on {beside}
    FROM staged_shipment l
    LEFT JOIN LATERAL ({known}) x ON true
    LEFT JOIN (
        SELECT line, min(happened_at)::date AS first_on FROM staged_event WHERE %(same)s GROUP BY line
    ) e ON e.line = l.line;
    ANALYZE target (line, id)
"""

# Lines about shipments that the importer does not see; `seen` is the question of `queries/seen.py`.
NOT_THEIRS = """
    CREATE TEMPORARY TABLE not_theirs AS
    SELECT COALESCE(f.line, t.line) AS line
    FROM target t
    JOIN shipments_shipment s ON s.id = t.id
    LEFT JOIN of_several f ON f.first = t.line
    WHERE NOT t.is_new AND ({seen}) IS NOT TRUE
"""
NOT_THEIR_LINES = "SELECT line FROM not_theirs ORDER BY line"


def forget_lines(table: str) -> str:
    """Takes away what one of the import's tables holds of those lines."""
    return f"DELETE FROM {table} p USING not_theirs n WHERE n.line = p.line"  # noqa: S608


# Customers of whom only such lines spoke.
FORGET_CUSTOMERS = """
    DELETE FROM staged_customer c WHERE NOT EXISTS (SELECT FROM staged_party p WHERE p.said = c.said)
"""
FORGET_ADDRESSES = """
    DELETE FROM staged_address a WHERE NOT EXISTS (SELECT FROM staged_party p WHERE p.said = a.said)
"""

# In a file of customers a line is about one of them.
LINES_OF_OTHERS = """
    SELECT p.line FROM staged_party p
    JOIN staged_customer s ON s.said = p.said JOIN of_others o ON o.number = s.number
    ORDER BY p.line
"""
COUNT_OTHERS = "SELECT count(*) FROM of_others"

KNOWN = """
    SELECT s.id, s.started_on, s.created_at FROM shipments_shipment s
    WHERE s.waybill_key = l.waybill_key AND s.carrier = l.carrier AND (%(same)s OR s.started_on = l.started_on)
    ORDER BY ({seen}) IS NOT TRUE, s.started_on DESC LIMIT 1
"""
# Where no number between the slice's lowest and highest is known: carriers count up, and a million look-ups cost 3 s.
NONE_KNOWN = "SELECT NULL::uuid AS id, NULL::date AS started_on, NULL::timestamptz AS created_at WHERE false"

MASTERS = """
    CREATE TEMPORARY TABLE master_target AS
    SELECT m.master_key, m.carrier, m.started_on, COALESCE(t.id, x.id, tidings_new_id()) AS id,
           t.id IS NULL AND x.id IS NULL AS is_new
    FROM (
        SELECT s.master_key, min(s.carrier) AS carrier, min(h.started_on) AS started_on
        FROM staged_shipment s JOIN target h ON h.line = s.line
        WHERE s.master_key IS NOT NULL AND s.master_key <> s.waybill_key GROUP BY 1
    ) m
    LEFT JOIN (
        SELECT s.waybill_key, min(t.id::text)::uuid AS id
        FROM staged_shipment s JOIN target t ON t.line = s.line GROUP BY 1
    ) t ON t.waybill_key = m.master_key
    LEFT JOIN LATERAL (
        SELECT k.id FROM shipments_shipment k
        WHERE k.waybill_key = m.master_key AND k.started_on BETWEEN m.started_on - 180 AND m.started_on + 180
        ORDER BY abs(k.started_on - m.started_on) LIMIT 1
    ) x ON true;
    ANALYZE master_target
"""

ADD_MASTERS = """
    INSERT INTO shipments_shipment (id, carrier, waybill, waybill_key, started_on, unit_id)
    SELECT id, carrier, master_key, master_key, started_on, %(unit)s::uuid FROM master_target WHERE is_new
"""

ADD_SHIPMENTS = """
    INSERT INTO shipments_shipment (
        id, carrier, waybill, waybill_key, started_on, parent_id, unit_id, service, mode, goods, origin_id,
        destination_id, promised_at, estimated_at, piece_count, weight_grams, cod_cents, cod_currency, value_cents,
        value_currency
    )
    SELECT t.id, s.carrier, s.waybill, s.waybill_key, t.started_on, m.id, %(unit)s::uuid, COALESCE(s.service, ''),
           COALESCE(s.mode, ''), COALESCE(s.goods, ''), o.id, d.id, s.promised_at, s.estimated_at, s.piece_count,
           s.weight, s.cod, COALESCE(s.cod_currency, ''), s.value, COALESCE(s.value_currency, '')
    FROM staged_shipment s
    JOIN target t ON t.line = s.line
    LEFT JOIN shipments_location o ON o.code = s.origin
    LEFT JOIN shipments_location d ON d.code = s.destination
    LEFT JOIN master_target m ON m.master_key = s.master_key AND m.id <> t.id
    WHERE t.is_new
"""

_KNOWN = """
    FROM staged_shipment s
    JOIN target t ON t.line = s.line AND NOT t.is_new
    LEFT JOIN shipments_location o ON o.code = s.origin
    LEFT JOIN shipments_location d ON d.code = s.destination
    LEFT JOIN master_target m ON m.master_key = s.master_key AND m.id <> t.id
"""

KEEP_OLD_TIMES = """
    INSERT INTO shipments_timechange (shipment_id, kind, was_at, became_at, source)
    SELECT x.id, said.kind, said.was_at, said.became_at, %(source)s
    FROM staged_shipment s
    JOIN target t ON t.line = s.line AND NOT t.is_new
    JOIN shipments_shipment x ON x.id = t.id
    CROSS JOIN LATERAL (
        VALUES ('promised', x.promised_at, s.promised_at), ('estimated', x.estimated_at, s.estimated_at)
    ) AS said (kind, was_at, became_at)
    WHERE said.became_at IS NOT NULL AND said.was_at IS NOT NULL AND said.became_at <> said.was_at
"""

CHANGE_SHIPMENTS = f"""
    WITH changed AS (
        UPDATE shipments_shipment x
        SET parent_id = n.parent, service = n.service, mode = n.mode, goods = n.goods, origin_id = n.origin,
            destination_id = n.destination, promised_at = n.promised, estimated_at = n.estimated,
            piece_count = n.pieces, weight_grams = n.weight, cod_cents = n.cod, cod_currency = n.cod_currency,
            value_cents = n.value, value_currency = n.value_currency
        FROM (
            SELECT k.id, COALESCE(m.id, k.parent_id) AS parent, COALESCE(s.service, k.service) AS service,
                   COALESCE(s.mode, k.mode) AS mode, COALESCE(s.goods, k.goods) AS goods,
                   COALESCE(o.id, k.origin_id) AS origin, COALESCE(d.id, k.destination_id) AS destination,
                   COALESCE(s.promised_at, k.promised_at) AS promised,
                   COALESCE(s.estimated_at, k.estimated_at) AS estimated,
                   COALESCE(s.piece_count, k.piece_count) AS pieces, COALESCE(s.weight, k.weight_grams) AS weight,
                   COALESCE(s.cod, k.cod_cents) AS cod, COALESCE(s.cod_currency, k.cod_currency) AS cod_currency,
                   COALESCE(s.value, k.value_cents) AS value,
                   COALESCE(s.value_currency, k.value_currency) AS value_currency
            {_KNOWN}
            JOIN shipments_shipment k ON k.id = t.id
        ) n
        WHERE x.id = n.id
          AND (x.parent_id, x.service, x.mode, x.goods, x.origin_id, x.destination_id, x.promised_at, x.estimated_at,
               x.piece_count, x.weight_grams, x.cod_cents, x.cod_currency, x.value_cents, x.value_currency)
              IS DISTINCT FROM
              (n.parent, n.service, n.mode, n.goods, n.origin, n.destination, n.promised, n.estimated,
               n.pieces, n.weight, n.cod, n.cod_currency, n.value, n.value_currency)
        RETURNING x.id
    )
    INSERT INTO touched SELECT id FROM changed
"""  # noqa: S608 - the parts are our own

# The file is the truth about who has a role: whoever had it and is not named any more goes.
DROP_OLD_PARTIES = """
    WITH gone AS (
        DELETE FROM shipments_party x
        USING target t
        WHERE t.id = x.shipment_id AND NOT t.is_new
          AND EXISTS (SELECT FROM staged_party p WHERE p.line = t.line AND p.role = x.role)
          AND NOT EXISTS (
            SELECT FROM staged_party p JOIN identified i ON i.said = p.said
            WHERE p.line = t.line AND p.role = x.role AND i.id = x.customer_id
          )
        RETURNING x.shipment_id
    )
    INSERT INTO touched SELECT shipment_id FROM gone
"""


# Each part of a shipment is added twice: to new shipments plainly, to known ones noting which were touched by it.
def to_known(addition: str) -> str:
    """The addition for shipments that were known, gathering those that got something."""
    narrowed = addition.replace("t.is_new", "NOT t.is_new")
    return _GATHERED.format(narrowed)


_GATHERED = "WITH added AS ({} RETURNING shipment_id) INSERT INTO touched SELECT shipment_id FROM added"

ADD_PARTIES = """
    INSERT INTO shipments_party (shipment_id, role, customer_id, postcode, house_number)
    SELECT t.id, p.role, i.id, COALESCE(h.postcode, ''), COALESCE(h.house_number, '')
    FROM staged_party p
    JOIN target t ON t.line = p.line AND t.is_new
    JOIN identified i ON i.said = p.said
    LEFT JOIN staged_home h ON h.said = p.said
    ORDER BY t.id, p.role
    ON CONFLICT (shipment_id, role, customer_id) DO NOTHING
"""

CHANGE_PARTIES = """
    WITH changed AS (
        UPDATE shipments_party x
        SET postcode = COALESCE(p.postcode, x.postcode), house_number = COALESCE(p.house_number, x.house_number)
        FROM (
            SELECT DISTINCT ON (t.id, p.role, i.id) t.id, p.role, i.id AS customer_id,
                   NULLIF(h.postcode, '') AS postcode, NULLIF(h.house_number, '') AS house_number
            FROM staged_party p
            JOIN target t ON t.line = p.line AND NOT t.is_new
            JOIN identified i ON i.said = p.said
            JOIN staged_home h ON h.said = p.said
            WHERE h.postcode <> ''
            ORDER BY t.id, p.role, i.id, p.line
        ) p
        WHERE x.shipment_id = p.id AND x.role = p.role AND x.customer_id = p.customer_id
          AND (x.postcode, x.house_number)
              IS DISTINCT FROM (COALESCE(p.postcode, x.postcode), COALESCE(p.house_number, x.house_number))
        RETURNING x.shipment_id
    )
    INSERT INTO touched SELECT shipment_id FROM changed
"""

ADD_REFERENCES = """
    INSERT INTO shipments_reference (shipment_id, kind, value, key)
    SELECT t.id, r.kind, r.value, r.key
    FROM staged_reference r JOIN target t ON t.line = r.line AND t.is_new
    ON CONFLICT (shipment_id, kind, key) DO NOTHING
"""

ADD_PIECES = """
    INSERT INTO shipments_piece (shipment_id, key, barcode, weight_grams, container)
    SELECT DISTINCT ON (t.id, p.key) t.id, p.key, p.barcode, p.weight, COALESCE(p.container, '')
    FROM staged_piece p JOIN target t ON t.line = p.line AND t.is_new
    ORDER BY t.id, p.key, p.line
    ON CONFLICT (shipment_id, key) DO UPDATE
        SET weight_grams = COALESCE(excluded.weight_grams, shipments_piece.weight_grams),
            container = COALESCE(NULLIF(excluded.container, ''), shipments_piece.container)
        WHERE (COALESCE(excluded.weight_grams, shipments_piece.weight_grams),
               COALESCE(NULLIF(excluded.container, ''), shipments_piece.container))
              IS DISTINCT FROM (shipments_piece.weight_grams, shipments_piece.container)
"""

ADD_LEGS = """
    INSERT INTO shipments_leg (
        shipment_id, position, mode, carrier, start_id, end_id, transport_kind, transport_number, departs_at,
        arrives_at
    )
    SELECT DISTINCT ON (t.id, g.position)
           t.id, g.position, COALESCE(g.mode, ''), COALESCE(g.carrier, ''), a.id, b.id,
           COALESCE(g.transport_kind, ''), COALESCE(g.transport_number, ''), g.departs_at, g.arrives_at
    FROM staged_leg g
    JOIN target t ON t.line = g.line AND t.is_new
    LEFT JOIN shipments_location a ON a.code = g."start"
    LEFT JOIN shipments_location b ON b.code = g."end"
    ORDER BY t.id, g.position, g.line
    ON CONFLICT (shipment_id, position) DO UPDATE
        SET mode = excluded.mode, carrier = excluded.carrier, start_id = excluded.start_id,
            end_id = excluded.end_id, transport_kind = excluded.transport_kind,
            transport_number = excluded.transport_number, departs_at = excluded.departs_at,
            arrives_at = excluded.arrives_at
        WHERE (excluded.mode, excluded.carrier, excluded.start_id, excluded.end_id, excluded.transport_kind,
               excluded.transport_number, excluded.departs_at, excluded.arrives_at)
              IS DISTINCT FROM
              (shipments_leg.mode, shipments_leg.carrier, shipments_leg.start_id, shipments_leg.end_id,
               shipments_leg.transport_kind, shipments_leg.transport_number, shipments_leg.departs_at,
               shipments_leg.arrives_at)
"""

COUNT = """
    SELECT count(*) FILTER (WHERE t.is_new), count(*) FILTER (WHERE NOT t.is_new AND x.id IS NOT NULL), count(*)
    FROM target t
    LEFT JOIN (SELECT DISTINCT id FROM touched) x ON x.id = t.id AND NOT t.is_new
"""

# Whoever could be newly affected hears of it, so that new shipments are in the feed too.
FEED_NEW = put_in_feed("SELECT id FROM target WHERE is_new")
FEED_KNOWN = put_in_feed("""
    SELECT DISTINCT x.id FROM touched x WHERE NOT EXISTS (SELECT FROM target t WHERE t.id = x.id AND t.is_new)
""")

# In slices: whether one says something of a shipment that an earlier slice made, or was about.
SPREAD = """
    SELECT EXISTS (SELECT FROM target WHERE created_at >= %(began)s)
        OR EXISTS (SELECT id FROM target WHERE NOT is_new INTERSECT SELECT id FROM been_at)
"""
BEEN_AT = "INSERT INTO been_at SELECT id FROM target WHERE NOT is_new"

ANY_KNOWN = "SELECT EXISTS (SELECT FROM target WHERE NOT is_new)"
