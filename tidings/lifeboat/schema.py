"""The tables of the lifeboat's ledger in SQLite: the same rows as the main system's, in one file that can be carried off.

Ids are text, moments are seconds since 1970.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS epoch (number INTEGER PRIMARY KEY, reason TEXT NOT NULL, begun_by TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS broadcast (
    id TEXT PRIMARY KEY, message_id TEXT NOT NULL, lane TEXT NOT NULL, drill INTEGER NOT NULL DEFAULT 0,
    settle_seconds INTEGER NOT NULL DEFAULT 900, patience_seconds INTEGER NOT NULL DEFAULT 14400);
CREATE TABLE IF NOT EXISTS frozen_text (
    broadcast_id TEXT NOT NULL, language TEXT NOT NULL, channel TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (broadcast_id, language, channel));
CREATE TABLE IF NOT EXISTS chunk (
    id TEXT PRIMARY KEY, broadcast_id TEXT NOT NULL, epoch INTEGER NOT NULL, lane TEXT NOT NULL, channel TEXT NOT NULL,
    destination TEXT NOT NULL, language TEXT NOT NULL, due_by REAL, size INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', owner TEXT, journal TEXT, relay_id TEXT, leased_until REAL,
    released INTEGER NOT NULL DEFAULT 0 CHECK (released <= size), recorded INTEGER NOT NULL DEFAULT 0,
    handed_over INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0,
    accepted_late INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0, later INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
    uncertain INTEGER NOT NULL DEFAULT 0, moved INTEGER NOT NULL DEFAULT 0, finished_at REAL, settled_at REAL);
CREATE INDEX IF NOT EXISTS chunk_to_lease ON chunk (state, lane, due_by);
CREATE TABLE IF NOT EXISTS recipient (
    id TEXT PRIMARY KEY, broadcast_id TEXT NOT NULL, message_id TEXT NOT NULL, contact_id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '', language TEXT NOT NULL, time_zone TEXT NOT NULL DEFAULT 'UTC', channel TEXT,
    address TEXT, destination TEXT NOT NULL DEFAULT 'others', due_by REAL, shipment_ids TEXT NOT NULL DEFAULT '[]',
    lines TEXT NOT NULL DEFAULT '[]', further TEXT NOT NULL DEFAULT '[]',
    earlier TEXT NOT NULL DEFAULT '[]', needs_confirmed INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
    standing TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', rung INTEGER NOT NULL DEFAULT 1,
    delivery_id TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, doubts INTEGER NOT NULL DEFAULT 0, chunk_id TEXT,
    place INTEGER, next_at REAL, rung_began_at REAL, reached_at REAL, UNIQUE (message_id, contact_id));
CREATE INDEX IF NOT EXISTS recipient_chunk ON recipient (chunk_id, place);
CREATE INDEX IF NOT EXISTS recipient_due ON recipient (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS result (
    delivery_id TEXT NOT NULL, attempt INTEGER NOT NULL, outcome TEXT NOT NULL, recipient_id TEXT NOT NULL,
    broadcast_id TEXT NOT NULL, relay_id TEXT, refusal TEXT, reply TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
    PRIMARY KEY (delivery_id, attempt, outcome)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, kind TEXT NOT NULL DEFAULT 'relay', host TEXT NOT NULL,
    port INTEGER NOT NULL, security TEXT NOT NULL DEFAULT 'starttls', user TEXT NOT NULL DEFAULT '', secret BLOB,
    channel TEXT NOT NULL DEFAULT 'email', service TEXT NOT NULL DEFAULT '', settings BLOB,
    receipts INTEGER NOT NULL DEFAULT 0, calls_unproved INTEGER NOT NULL DEFAULT 0, position INTEGER NOT NULL DEFAULT 0, enabled INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS relay_slot (
    id INTEGER PRIMARY KEY, relay_id TEXT NOT NULL, lane TEXT NOT NULL DEFAULT 'bulk',
    destination TEXT NOT NULL DEFAULT '*', rate REAL NOT NULL DEFAULT 0, owner TEXT, chunk_id TEXT, leased_until REAL);
CREATE TABLE IF NOT EXISTS reference (
    relay_id TEXT NOT NULL, reference TEXT NOT NULL, delivery_id TEXT NOT NULL, recipient_id TEXT NOT NULL,
    broadcast_id TEXT NOT NULL, attempt INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (relay_id, reference));
CREATE TABLE IF NOT EXISTS pause (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, thing TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '', paused_by TEXT NOT NULL DEFAULT '', until REAL, ended_at REAL,
    ended_by TEXT NOT NULL DEFAULT '');
INSERT OR IGNORE INTO epoch (number, reason) VALUES (1, 'installed');
"""

_OPEN = "ended_at IS NULL AND (until IS NULL OR until > :clock)"

CANDIDATE = f"""
SELECT c.*, b.drill, b.settle_seconds, EXISTS (
    SELECT 1 FROM chunk o WHERE o.state = 'open' AND o.lane = c.lane AND o.destination = c.destination
        AND o.channel = c.channel AND o.epoch = c.epoch AND o.id <> c.id) AS more
FROM chunk c JOIN broadcast b ON b.id = c.broadcast_id
WHERE c.state IN ('open', 'leased') AND c.epoch = :epoch
  AND (c.state = 'open' OR c.leased_until < :clock OR c.owner IN (SELECT value FROM json_each(:journals)))
  AND c.channel || '/' || c.lane || '/' || c.destination NOT IN (SELECT value FROM json_each(:skip))
  AND NOT EXISTS (SELECT 1 FROM pause WHERE {_OPEN}
      AND (scope = 'everything' OR (scope = 'broadcast' AND thing = c.broadcast_id) OR (scope = 'lane' AND thing = c.lane)))
ORDER BY CASE c.lane WHEN 'single' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END,
         c.owner IN (SELECT value FROM json_each(:journals)) DESC, c.due_by IS NULL, c.due_by, c.id
LIMIT 1
"""  # noqa: S608 - put together from our own constants

SLOTS = f"""
SELECT s.id, s.relay_id, s.rate FROM relay_slot s JOIN relay r ON r.id = s.relay_id
WHERE r.enabled AND s.lane IN (SELECT value FROM json_each(:lanes))
  AND CASE WHEN :drill THEN r.kind = 'catcher'
           WHEN r.kind = 'catcher'
           THEN NOT EXISTS (SELECT 1 FROM relay o
                            WHERE o.enabled AND o.kind <> 'catcher' AND o.channel = :channel)
           ELSE r.channel = :channel END
  AND NOT EXISTS (SELECT 1 FROM pause WHERE {_OPEN}
      AND ((scope = 'relay' AND thing = r.id)
           OR (scope = 'destination' AND thing IN (:destination, r.id || '/' || :destination))))
  AND (s.destination = :destination OR s.destination = '*' AND NOT EXISTS (
      SELECT 1 FROM relay_slot o WHERE o.relay_id = s.relay_id AND o.lane = s.lane AND o.destination = :destination))
  AND (s.owner IS NULL OR s.leased_until < :clock OR s.owner IN (SELECT value FROM json_each(:journals))
       OR (s.owner = :life AND s.chunk_id IS NULL))
ORDER BY r.position, r.id, s.lane DESC, (s.owner = :life) DESC, s.id
"""  # noqa: S608

ROWS = """
SELECT r.place, r.id, r.delivery_id, r.attempt, r.name, r.address, r.time_zone, r.due_by, r.lines,
       r.state IN ('superseded', 'reached') OR r.standing IN ('handed_over', 'accepted', 'delivered', 'refused', 'confirmed') AS hole
FROM recipient r
WHERE r.chunk_id = :chunk
  AND NOT EXISTS (SELECT 1 FROM result x WHERE x.delivery_id = r.delivery_id AND x.attempt = r.attempt)
ORDER BY r.place
"""

PAUSED = f"""
SELECT EXISTS (SELECT 1 FROM pause WHERE {_OPEN}
    AND (scope = 'everything' OR (scope = 'broadcast' AND thing = :broadcast) OR (scope = 'lane' AND thing = :lane)
         OR (scope = 'relay' AND thing = :relay)
         OR (scope = 'destination' AND thing IN (:destination, :relay || '/' || :destination))))
"""  # noqa: S608

MOVING = """
SELECT r.*, b.settle_seconds, b.patience_seconds, b.lane,
       coalesce((SELECT l.kind <> 'relay' OR l.calls_unproved FROM result x JOIN relay l ON l.id = x.relay_id
                 WHERE x.delivery_id = r.delivery_id AND x.outcome = 'handed_over' LIMIT 1), 1) AS calls_unproved
FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id
"""

DUE = f"""{MOVING}
WHERE r.next_at <= :now AND NOT EXISTS (SELECT 1 FROM pause WHERE {_OPEN}
    AND (scope = 'everything' OR (scope = 'broadcast' AND thing = r.broadcast_id)))
ORDER BY r.next_at LIMIT :limit
"""  # noqa: S608

PRESUME = """
SELECT r.id, x.outcome, x.at, r.needs_confirmed, r.channel, r.further, r.due_by, b.patience_seconds
FROM recipient r JOIN result x ON x.delivery_id = r.delivery_id JOIN broadcast b ON b.id = r.broadcast_id
WHERE r.chunk_id = ? AND x.outcome IN ('accepted', 'handed_over') AND r.state IN ('waiting', 'trying')
  AND r.standing NOT IN ('refused', 'delivered', 'confirmed')
  AND NOT EXISTS (SELECT 1 FROM result y WHERE y.delivery_id = r.delivery_id
      AND (y.outcome = 'refused' OR (x.outcome = 'handed_over' AND y.outcome = 'accepted')))
"""

DOUBT_EVERYTHING = """
UPDATE recipient SET state = 'trying', standing = 'uncertain', reason = 'restored', doubts = 1, chunk_id = NULL,
    place = NULL, rung_began_at = NULL, next_at = max(coalesce(next_at, 0),
        :clock + (SELECT settle_seconds FROM broadcast b WHERE b.id = recipient.broadcast_id))
WHERE state IN ('waiting', 'trying') AND address IS NOT NULL
  AND chunk_id IN (SELECT id FROM chunk WHERE epoch < :epoch) AND NOT EXISTS (
    SELECT 1 FROM result x WHERE x.delivery_id = recipient.delivery_id
    AND x.outcome IN ('handed_over', 'accepted', 'delivered', 'refused', 'confirmed'))
"""
