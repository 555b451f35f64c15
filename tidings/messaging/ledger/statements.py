"""The SQL of the PostgreSQL ledger, each statement named; the ledger's test suite runs every one."""

from tidings.messaging.rules.delivery import PATIENCE

EPOCH = "SELECT max(number) FROM messaging_epoch"

_OPEN_PAUSE = "p.ended_at IS NULL AND (p.until IS NULL OR p.until > now())"

_CANDIDATE = f"""
SELECT c.id, c.broadcast_id, c.lane, c.channel, c.destination, c.language, c.size, c.released, c.journal,
       b.drill, b.settle_seconds, EXISTS (
           SELECT FROM messaging_chunk o
           WHERE o.state = 'open' AND o.lane = c.lane AND o.destination = c.destination AND o.channel = c.channel
             AND o.epoch = c.epoch AND o.id <> c.id)
FROM messaging_chunk c JOIN messaging_broadcast b ON b.id = c.broadcast_id
WHERE c.state IN ('open', 'leased') AND c.epoch = %(epoch)s
  AND (c.state = 'open' OR c.leased_until < now() OR c.owner = ANY (%(journals)s))
  AND NOT (c.channel || '/' || c.lane || '/' || c.destination) = ANY (%(skip)s)
  AND NOT EXISTS (
      SELECT FROM messaging_pause p
      WHERE {_OPEN_PAUSE}
        AND (p.scope = 'everything' OR (p.scope = 'broadcast' AND p.thing = c.broadcast_id::text)
             OR (p.scope = 'lane' AND p.thing = c.lane))
  )
"""  # noqa: S608 - put together from our own constants

# The next chunk of one lane that this worker may take, by deadline: found by an index, however many wait.
NEXT = f"""{_CANDIDATE} AND c.lane = %(lane)s
ORDER BY c.due_by NULLS LAST, c.id
LIMIT 1 FOR UPDATE OF c SKIP LOCKED
"""

# The next chunk of all while its own dead lives have left some: by lane, then those lives' leases, then by deadline.
CANDIDATE = f"""{_CANDIDATE}
ORDER BY CASE c.lane WHEN 'single' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END,
         coalesce(c.owner = ANY (%(journals)s), false) DESC, c.due_by NULLS LAST, c.id
LIMIT 1 FOR UPDATE OF c SKIP LOCKED
"""

LEFT_BEHIND = "SELECT EXISTS (SELECT FROM messaging_chunk WHERE state = 'leased' AND owner = ANY (%s))"

# Connections for it, from the first relay in order that has some: nobody else's, or no longer.
# The catcher serves drills, and the rest only where no relay is set up: a busy relay never sends mail into it.
# Relays are locked first, so that workers choose one after the other: two at the same moment would each skip what the
# other looks at, and one would work on a whole chunk with two or three connections (seen: 30 s instead of 5).
SLOTS = f"""
WITH usable AS (
    SELECT r.id, r.position FROM messaging_relay r
    WHERE r.enabled
      AND CASE WHEN %(drill)s THEN r.kind = 'catcher'
               WHEN r.kind = 'catcher'
               THEN NOT EXISTS (SELECT FROM messaging_relay o
                                WHERE o.enabled AND o.kind <> 'catcher' AND o.channel = %(channel)s)
               ELSE r.channel = %(channel)s END
      AND NOT EXISTS (
          SELECT FROM messaging_pause p
          WHERE {_OPEN_PAUSE}
            AND ((p.scope = 'relay' AND p.thing = r.id::text)
                 OR (p.scope = 'destination' AND p.thing IN (%(destination)s, r.id || '/' || %(destination)s)))
      )
    ORDER BY r.id FOR NO KEY UPDATE OF r
), free AS (
    SELECT s.id, s.relay_id, s.owner, s.lane, u.position
    FROM messaging_relayslot s JOIN usable u ON u.id = s.relay_id
    WHERE s.lane = ANY (%(lanes)s)
      AND (s.destination = %(destination)s OR s.destination = '*' AND NOT EXISTS (
          SELECT FROM messaging_relayslot o
          WHERE o.relay_id = s.relay_id AND o.lane = s.lane AND o.destination = %(destination)s))
      AND (s.owner IS NULL OR s.leased_until < now() OR s.owner = ANY (%(journals)s)
           OR (s.owner = %(life)s AND s.chunk_id IS NULL))
    FOR UPDATE OF s SKIP LOCKED
), chosen AS (
    SELECT id FROM free
    WHERE relay_id = (SELECT relay_id FROM free ORDER BY position, relay_id LIMIT 1)
    ORDER BY lane DESC, (owner = %(life)s) IS TRUE DESC, id
    LIMIT %(connections)s
)
UPDATE messaging_relayslot s
SET owner = %(life)s, chunk_id = %(chunk)s, leased_until = now() + make_interval(secs => %(seconds)s)
FROM chosen WHERE s.id = chosen.id
RETURNING s.relay_id, s.rate
"""  # noqa: S608

RELAY = (
    'SELECT id, code, kind, host, port, security, "user", secret, receipts, service, settings'
    " FROM messaging_relay WHERE id = %s"
)

# A channel's own form of the words where it has one, else those that a mail has.
TEXT = """
SELECT source FROM messaging_frozentext WHERE broadcast_id = %s AND language = %s AND channel IN (%s, 'email')
ORDER BY channel = 'email' LIMIT 1
"""

# A chunk's rows that have no result of their present attempt, but for those to which nothing is to be sent any more.
ROWS = """
SELECT r.place, r.id, r.delivery_id, r.attempt, r.name, r.address, r.time_zone, r.due_by, r.lines
FROM messaging_recipient r
WHERE r.chunk_id = %(chunk)s AND r.state NOT IN ('superseded', 'reached')
  AND r.standing NOT IN ('handed_over', 'accepted', 'delivered', 'refused', 'confirmed')
  AND (%(fresh)s OR NOT EXISTS (
      SELECT FROM messaging_result x WHERE x.delivery_id = r.delivery_id AND x.attempt = r.attempt))
ORDER BY r.place
"""

PLACES = """
UPDATE messaging_recipient r SET place = n.place
FROM unnest(%s::uuid[], %s::integer[]) AS n (id, place) WHERE r.id = n.id
"""

TAKE = """
UPDATE messaging_chunk
SET state = 'leased', owner = %(life)s, relay_id = %(relay)s, released = %(released)s, recorded = %(recorded)s,
    leased_until = now() + make_interval(secs => %(seconds)s)
WHERE id = %(chunk)s
RETURNING leased_until
"""

_MINE = f"""
WITH mine AS MATERIALIZED (
    SELECT c.id, EXISTS (
        SELECT FROM messaging_pause p
        WHERE {_OPEN_PAUSE}
          AND (p.scope = 'everything'
               OR (p.scope = 'broadcast' AND p.thing = c.broadcast_id::text)
               OR (p.scope = 'lane' AND p.thing = c.lane)
               OR (p.scope = 'relay' AND p.thing = c.relay_id::text)
               OR (p.scope = 'destination' AND p.thing IN (c.destination, c.relay_id || '/' || c.destination)))
    ) AS paused
    FROM messaging_chunk c
    WHERE c.id = %(chunk)s AND c.owner = %(life)s AND c.state = 'leased' AND c.epoch = %(epoch)s
      AND c.epoch = (SELECT max(number) FROM messaging_epoch)
    FOR UPDATE
)"""  # noqa: S608

_TURN = """
    released = CASE WHEN m.paused OR %(give_back)s THEN c.released
                    ELSE greatest(c.released, least(c.size, c.recorded + n + 2 * %(window)s)) END,
    journal = CASE WHEN %(give_back)s THEN NULL ELSE %(life)s END,
    state = CASE WHEN c.recorded + n >= c.size THEN 'done' WHEN %(give_back)s THEN 'open' ELSE c.state END,
    owner = CASE WHEN %(give_back)s OR c.recorded + n >= c.size THEN NULL ELSE c.owner END,
    finished_at = CASE WHEN c.recorded + n >= c.size THEN now() END,
    leased_until = now() + make_interval(secs => %(seconds)s)
FROM counted k, mine m
WHERE c.id = m.id
RETURNING c.released, c.leased_until, c.state, m.paused
"""

# One window's results in, the next window out. No row comes back where the lease is not ours any more: then nothing
# at all was done. A stop holds what is not released yet. The row's tallies and its lease change in one write.
RELEASE = f"""{_MINE}, given AS MATERIALIZED (
    SELECT g.* FROM unnest(%(deliveries)s::uuid[], %(attempts)s::smallint[], %(outcomes)s::text[],
        %(recipients)s::uuid[], %(refusals)s::text[], %(replies)s::text[], %(ats)s::timestamptz[],
        %(next_ats)s::timestamptz[], %(lates)s::boolean[])
        AS g (delivery_id, attempt, outcome, recipient_id, refusal, reply, at, next_at, late)
    WHERE EXISTS (SELECT FROM mine)
), kept AS (
    INSERT INTO messaging_result (delivery_id, attempt, outcome, recipient_id, broadcast_id, relay_id, refusal, reply, at)
    SELECT delivery_id, attempt, outcome, recipient_id, %(broadcast)s, %(relay)s, refusal, reply, at FROM given
    ON CONFLICT DO NOTHING
    RETURNING delivery_id, attempt, outcome
), touched AS (
    UPDATE messaging_recipient r
    SET state = CASE WHEN r.state = 'waiting' THEN 'trying' ELSE r.state END, standing = g.outcome,
        reason = CASE WHEN g.reply = '' THEN g.outcome ELSE g.reply END, next_at = g.next_at,
        doubts = r.doubts + (g.outcome = 'uncertain')::integer, rung_began_at = coalesce(r.rung_began_at, g.at)
    FROM given g JOIN kept k USING (delivery_id, attempt, outcome)
    WHERE g.next_at IS NOT NULL AND r.id = g.recipient_id AND r.delivery_id = g.delivery_id
      AND r.attempt = g.attempt
      AND r.standing NOT IN ('handed_over', 'accepted', 'delivered', 'refused', 'confirmed')
    RETURNING g.outcome, g.refusal, g.reply, g.at, r.delivery_id, r.channel, r.address
), blamed AS (
    INSERT INTO messaging_refusedaddress (delivery_id, channel, address, reply, at)
    SELECT delivery_id, channel, address, reply, at FROM touched
    WHERE outcome = 'refused' AND refusal = 'address' AND %(blames)s
    ON CONFLICT DO NOTHING
), counted AS (
    SELECT count(*) AS n,
           count(*) FILTER (WHERE k.outcome = 'handed_over') AS handed_over,
           count(*) FILTER (WHERE k.outcome = 'accepted') AS accepted,
           count(*) FILTER (WHERE k.outcome = 'accepted' AND g.late) AS accepted_late,
           (SELECT count(*) FROM touched WHERE outcome = 'later') AS later,
           (SELECT count(*) FROM touched WHERE outcome = 'refused') AS refused,
           (SELECT count(*) FROM touched WHERE outcome = 'uncertain') AS uncertain
    FROM kept k JOIN given g USING (delivery_id, attempt, outcome)
)
UPDATE messaging_chunk c
SET recorded = c.recorded + n, handed_over = c.handed_over + k.handed_over, accepted = c.accepted + k.accepted,
    accepted_late = c.accepted_late + k.accepted_late, later = c.later + k.later, refused = c.refused + k.refused,
    uncertain = c.uncertain + k.uncertain,{_TURN}"""  # noqa: S608

# The same where all were taken in time, as nearly always: a quarter of the work, since no recipient's row is touched.
RELEASE_TAKEN = f"""{_MINE}, kept AS (
    INSERT INTO messaging_result (delivery_id, attempt, outcome, recipient_id, broadcast_id, relay_id, reply, at)
    SELECT g.delivery_id, g.attempt, %(outcome)s::text, g.recipient_id, %(broadcast)s, %(relay)s, g.reply, g.at
    FROM unnest(%(deliveries)s::uuid[], %(attempts)s::smallint[], %(recipients)s::uuid[], %(replies)s::text[],
                %(ats)s::timestamptz[]) AS g (delivery_id, attempt, recipient_id, reply, at)
    WHERE EXISTS (SELECT FROM mine)
    ON CONFLICT DO NOTHING
    RETURNING 1
), counted AS (
    SELECT count(*) AS n FROM kept
)
UPDATE messaging_chunk c
SET recorded = c.recorded + n,
    handed_over = c.handed_over + CASE WHEN %(outcome)s::text = 'handed_over' THEN n ELSE 0 END,
    accepted = c.accepted + CASE WHEN %(outcome)s::text = 'accepted' THEN n ELSE 0 END,{_TURN}"""  # noqa: S608

RENEW_SLOTS = """
UPDATE messaging_relayslot SET leased_until = now() + make_interval(secs => %s) WHERE chunk_id = %s AND owner = %s
"""

# Kept a little for the same worker, whose connections are still open: it closes them sooner than this.
FREE_SLOTS = """
UPDATE messaging_relayslot SET chunk_id = NULL, leased_until = now() + interval '6 seconds'
WHERE chunk_id = %s AND owner = %s
"""

KEEP = """
INSERT INTO messaging_result (delivery_id, attempt, outcome, recipient_id, broadcast_id, relay_id, refusal, reply, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""

# How a receipt that comes later finds its delivery.
REFER = """
INSERT INTO messaging_reference (relay_id, reference, delivery_id, recipient_id, broadcast_id, attempt, at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""

# Whom we can send to: by mail always, by any other channel where a service for it is in use.
CHANNELS = "SELECT DISTINCT channel FROM messaging_relay WHERE enabled UNION SELECT 'email'"

# What a server says of an address counts for its next messages, too; what a drill or the catcher says does not.
BLAME = """
INSERT INTO messaging_refusedaddress (delivery_id, channel, address, reply, at)
SELECT %s, %s, %s, %s, %s FROM messaging_broadcast b
WHERE b.id = %s AND NOT b.drill
  AND NOT EXISTS (SELECT FROM messaging_relay r WHERE r.id = %s AND r.kind = 'catcher')
ON CONFLICT DO NOTHING
"""

_MOVING = """r.id, r.chunk_id, r.broadcast_id, b.settle_seconds, b.patience_seconds, b.lane, r.language, r.destination,
       r.due_by, r.state, r.standing, r.attempt, r.doubts, r.rung, r.delivery_id, r.channel, r.address, r.further,
       r.next_at, r.rung_began_at, r.reached_at, r.reason, r.earlier, r.needs_confirmed, coalesce((
           SELECT l.kind <> 'relay' OR l.calls_unproved OR (l.receipts AND coalesce(l.receipt_at > now() - interval '7 days', false))
           FROM messaging_result x JOIN messaging_relay l ON l.id = x.relay_id
           WHERE x.delivery_id = r.delivery_id AND x.outcome = 'handed_over' LIMIT 1), true) AS calls_unproved"""

LOCK_RECIPIENTS = f"""
SELECT {_MOVING}
FROM messaging_recipient r JOIN messaging_broadcast b ON b.id = r.broadcast_id
WHERE r.id = ANY (%s) ORDER BY r.id FOR UPDATE OF r
"""  # noqa: S608

DUE_RECIPIENTS = f"""
SELECT {_MOVING}
FROM messaging_recipient r JOIN messaging_broadcast b ON b.id = r.broadcast_id
WHERE r.next_at <= %s
  AND NOT EXISTS (
      SELECT FROM messaging_pause p
      WHERE {_OPEN_PAUSE} AND (p.scope = 'everything' OR (p.scope = 'broadcast' AND p.thing = r.broadcast_id::text)))
ORDER BY r.next_at LIMIT %s FOR UPDATE OF r SKIP LOCKED
"""  # noqa: S608

KNOWN_FACTS = "SELECT delivery_id, attempt, outcome FROM messaging_result WHERE delivery_id = ANY (%s)"

_CHANGES = """state = %s, standing = %s, attempt = %s, doubts = %s, rung = %s, delivery_id = %s, channel = %s, address = %s,
    further = %s, next_at = %s, rung_began_at = %s, reached_at = %s, reason = %s, earlier = %s"""

CHANGE = f"UPDATE messaging_recipient SET {_CHANGES} WHERE id = %s"  # noqa: S608

PLACE = "UPDATE messaging_recipient SET chunk_id = %s, place = %s, destination = %s WHERE id = %s"

NEW_CHUNK = """
INSERT INTO messaging_chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size, state)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open')
"""

DESTINATION = "SELECT destination FROM messaging_maildomain WHERE domain = %s"

CHUNKS_TO_SETTLE = """
SELECT c.id FROM messaging_chunk c JOIN messaging_broadcast b ON b.id = c.broadcast_id
WHERE c.state = 'done' AND c.settled_at IS NULL
  AND c.finished_at + make_interval(secs => b.settle_seconds) <= %s
ORDER BY c.finished_at LIMIT %s FOR UPDATE OF c SKIP LOCKED
"""

# Presumed: accepted, and the settling time passed without a bounce. Who must confirm, and what only a relay took where there is
# a further rung, waits for its patience to end: `evidence_by` of the rules, which looks again when it does.
_PATIENCE = "CASE WHEN r.further <> '[]' THEN CASE r.channel {} END END".format(
    " ".join(f"WHEN '{code}' THEN interval '{int(one.total_seconds())} s'" for code, one in PATIENCE.items())
)
PRESUME = f"""
UPDATE messaging_recipient r
SET state = CASE WHEN x.outcome = 'accepted' AND NOT r.needs_confirmed THEN 'reached' ELSE 'trying' END,
    standing = x.outcome, reached_at = CASE WHEN x.outcome = 'accepted' AND NOT r.needs_confirmed THEN x.at END,
    next_at = CASE WHEN x.outcome = 'accepted' AND r.needs_confirmed OR x.outcome = 'handed_over' AND r.further <> '[]'
                   THEN x.at + least(make_interval(secs => b.patience_seconds), {_PATIENCE}, CASE WHEN r.due_by IS NOT NULL
                         THEN greatest((r.due_by - x.at) / greatest(jsonb_array_length(r.further) + 1, 2), interval '0') END) END,
    rung_began_at = CASE WHEN x.outcome = 'accepted' AND r.needs_confirmed OR x.outcome = 'handed_over' AND r.further <> '[]'
                         THEN coalesce(r.rung_began_at, x.at) ELSE r.rung_began_at END
FROM messaging_result x JOIN messaging_broadcast b ON b.id = x.broadcast_id
WHERE r.chunk_id = %s AND x.delivery_id = r.delivery_id AND x.outcome IN ('accepted', 'handed_over')
  AND r.state IN ('waiting', 'trying') AND r.standing NOT IN ('refused', 'delivered', 'confirmed')
  AND NOT EXISTS (
      SELECT FROM messaging_result y WHERE y.delivery_id = r.delivery_id
      AND (y.outcome = 'refused' OR (x.outcome = 'handed_over' AND y.outcome = 'accepted')))
RETURNING r.state
"""  # noqa: S608 - our own channels and seconds

CHUNK_FACTS = """
SELECT r.id, r.attempt, x.attempt, x.outcome, x.at > r.due_by
FROM messaging_recipient r JOIN messaging_result x ON x.delivery_id = r.delivery_id
WHERE r.chunk_id = %s
"""

SETTLED = """
UPDATE messaging_chunk
SET settled_at = %s, handed_over = %s, accepted = %s, delivered = %s, confirmed = %s, later = %s, refused = %s,
    uncertain = %s, accepted_late = %s
WHERE id = %s
"""

BEGIN_PAUSE = """
INSERT INTO messaging_pause (id, scope, thing, reason, detail, paused_by, until)
SELECT %(id)s, %(scope)s, %(thing)s, %(reason)s, %(detail)s, %(by)s, %(until)s::timestamptz
WHERE NOT EXISTS (
    SELECT FROM messaging_pause p
    WHERE p.scope = %(scope)s AND p.thing = %(thing)s AND p.ended_at IS NULL
      AND (p.until IS NULL OR p.until >= coalesce(%(until)s::timestamptz, 'infinity')))
"""

END_PAUSE = """
UPDATE messaging_pause SET ended_at = now(), ended_by = %(by)s
WHERE scope = %(scope)s AND thing = %(thing)s AND ended_at IS NULL
"""

TALLIES = """
WITH rows AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE r.chunk_id IS NULL AND r.state = 'unreachable') AS no_address
    FROM messaging_broadcast b
    JOIN messaging_recipient r ON r.message_id = b.message_id AND r.broadcast_id = b.id
    WHERE b.id = %(broadcast)s
)
SELECT (SELECT total FROM rows), (SELECT no_address FROM rows),
       coalesce(sum(handed_over), 0), coalesce(sum(accepted), 0), coalesce(sum(delivered), 0),
       coalesce(sum(confirmed), 0), coalesce(sum(later), 0), coalesce(sum(refused), 0), coalesce(sum(uncertain), 0),
       coalesce(sum(accepted_late), 0), coalesce(sum(accepted) FILTER (WHERE settled_at IS NOT NULL), 0)
FROM messaging_chunk WHERE broadcast_id = %(broadcast)s
"""

BEGIN_EPOCH = "INSERT INTO messaging_epoch (number, reason, begun_by) SELECT max(number) + 1, %s, %s FROM messaging_epoch RETURNING number"

# After a restore nobody knows what was sent since the backup: whatever was planned and is not settled is uncertain.
# Its patience begins with its next attempt: it does not run out while a person still looks.
DOUBT_EVERYTHING = """
UPDATE messaging_recipient r
SET state = 'trying', standing = 'uncertain', reason = 'restored', doubts = 1, chunk_id = NULL, place = NULL,
    rung_began_at = NULL, next_at = greatest(r.next_at, now() + make_interval(secs => b.settle_seconds))
FROM messaging_broadcast b
WHERE b.id = r.broadcast_id AND r.state IN ('waiting', 'trying') AND r.address IS NOT NULL
  AND r.chunk_id IN (SELECT id FROM messaging_chunk WHERE epoch < %s)
  AND NOT EXISTS (
      SELECT FROM messaging_result x WHERE x.delivery_id = r.delivery_id
      AND x.outcome IN ('handed_over', 'accepted', 'delivered', 'refused', 'confirmed'))
RETURNING r.id
"""

# The same for who waits for a text in their language and is in no chunk yet: their moment may have come since the backup.
DOUBT_HELD_BACK = """
UPDATE messaging_recipient r
SET state = 'trying', standing = 'uncertain', reason = 'restored', doubts = 1, rung_began_at = NULL,
    next_at = greatest(r.next_at, now() + make_interval(secs => b.settle_seconds))
FROM messaging_broadcast b
WHERE b.id = r.broadcast_id AND r.state IN ('waiting', 'trying') AND r.address IS NOT NULL
  AND r.next_at IS NOT NULL AND r.chunk_id IS NULL AND r.standing = ''
"""

OLD_CHUNKS = "SELECT EXISTS (SELECT FROM messaging_chunk WHERE epoch < %s AND state IN ('open', 'leased'))"

CLOSE_OLD_CHUNKS = """
UPDATE messaging_chunk SET state = 'done', finished_at = now(), owner = NULL
WHERE epoch < %s AND state IN ('open', 'leased')
"""

CLEAR_OLD_DOUBTS = "UPDATE messaging_chunk SET later = 0, uncertain = 0 WHERE epoch < %s"

FREE_ALL_SLOTS = "UPDATE messaging_relayslot SET owner = NULL, chunk_id = NULL, leased_until = NULL"
