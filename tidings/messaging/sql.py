"""Statements that the ORM cannot say. Each is one sentence of work, and run by a test."""

PLAN = """
-- Plans a broadcast: writes one lean row per contact of the audience, and gathers those with an address in chunks.
WITH audience AS MATERIALIZED (
    SELECT a.contact_id, coalesce(a.name, '') AS name, coalesce(a.time_zone, 'UTC') AS time_zone, a.channel, a.address,
           a.due_by, a.shipment_ids, a.lines, a.language AS own_language,
           a.language = ANY (%(plan_languages)s) AS has_text,
           CASE WHEN a.language = ANY (%(plan_languages)s) THEN a.language ELSE %(plan_fallback)s END AS language,
           coalesce(d.destination, 'others') AS destination
    FROM ({audience}) AS a
    LEFT JOIN messaging_maildomain d ON d.domain = lower(split_part(a.address, '@', 2))
    WHERE NOT EXISTS (
        SELECT FROM messaging_recipient r
        WHERE r.message_id = %(plan_message)s AND r.contact_id = a.contact_id
    )
), numbered AS MATERIALIZED (
    SELECT *, channel = ANY (%(plan_channels)s) AND address IS NOT NULL AS usable,
           row_number() OVER (
               PARTITION BY language, channel, destination, has_text ORDER BY due_by, contact_id
           ) - 1 AS position
    FROM audience
), chunked AS MATERIALIZED (
    SELECT tidings_new_id() AS id, language, channel, destination, position / %(plan_chunk)s AS part,
           count(*) AS size, min(due_by) AS due_by
    FROM numbered WHERE usable AND has_text
    GROUP BY language, channel, destination, position / %(plan_chunk)s
), chunks AS (
    INSERT INTO messaging_chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size, state)
    SELECT id, %(plan_broadcast)s, (SELECT max(number) FROM messaging_epoch), %(plan_lane)s, channel, destination,
           language, due_by, size, 'open'
    FROM chunked
), recipients AS (
    INSERT INTO messaging_recipient (id, broadcast_id, message_id, contact_id, name, language, time_zone, channel,
        address, destination, due_by, shipment_ids, lines, state, reason, delivery_id, chunk_id, place, next_at)
    SELECT n.new_id, %(plan_broadcast)s, %(plan_message)s, n.contact_id, n.name, n.language, n.time_zone, n.channel,
           n.address, n.destination, n.due_by, n.shipment_ids, n.lines,
           CASE WHEN n.usable THEN 'waiting' ELSE 'unreachable' END,
           CASE WHEN NOT coalesce(n.usable, false) THEN 'no_address' WHEN NOT n.has_text THEN 'no_text' ELSE '' END,
           n.new_id, c.id, CASE WHEN c.id IS NOT NULL THEN n.position %% %(plan_chunk)s END,
           CASE WHEN n.usable AND NOT n.has_text
                THEN %(plan_now)s + greatest(n.due_by - %(plan_now)s, interval '0') / 2 END
    FROM (SELECT *, tidings_new_id() AS new_id FROM numbered) n
    LEFT JOIN chunked c ON n.usable AND n.has_text AND c.language = n.language AND c.channel = n.channel
         AND c.destination = n.destination AND c.part = n.position / %(plan_chunk)s
    RETURNING 1
)
SELECT count(*) FROM recipients
"""

REACH = """
-- Counts where every recipient of the messages about one thing stands at a moment; each falls into exactly one part.
WITH told AS (
    SELECT m.phase, s.language, s.due_by, s.state, s.confirmed_at, s.delivered_at, s.refused_at,
           CASE WHEN s.accepted_at + make_interval(secs => s.settle_seconds) <= %(now)s THEN s.accepted_at END
               AS presumed_at
    FROM messaging_message m
    JOIN messaging_standing s ON s.message_id = m.id
    WHERE m.about = %(about)s AND s.state <> 'superseded'
), judged AS (
    SELECT phase, language, due_by, state, confirmed_at, delivered_at,
           CASE WHEN refused_at IS NOT NULL AND confirmed_at IS NULL THEN NULL
                ELSE least(confirmed_at, delivered_at, presumed_at) END AS reached_at
    FROM told
)
SELECT phase, language, min(due_by),
       count(*) FILTER (WHERE reached_at <= due_by OR (reached_at IS NOT NULL AND due_by IS NULL)) AS in_time,
       count(*) FILTER (WHERE reached_at > due_by) AS late,
       count(*) FILTER (WHERE reached_at IS NULL AND state <> 'unreachable'
                              AND (due_by IS NULL OR due_by >= %(now)s)) AS under_way,
       count(*) FILTER (WHERE reached_at IS NULL AND state <> 'unreachable' AND due_by < %(now)s) AS overdue,
       count(*) FILTER (WHERE reached_at IS NULL AND state = 'unreachable') AS unreachable,
       count(*) FILTER (WHERE reached_at IS NOT NULL AND confirmed_at IS NULL AND delivered_at IS NULL) AS presumed,
       count(*) FILTER (WHERE reached_at IS NOT NULL AND confirmed_at IS NULL AND delivered_at IS NOT NULL) AS delivered,
       count(*) FILTER (WHERE reached_at IS NOT NULL AND confirmed_at IS NOT NULL) AS confirmed
FROM judged
GROUP BY phase, language
"""

KEEP_CAUGHT = """
-- Keeps what the catcher took, many mails at once.
COPY messaging_caughtmail (id, caught_at, sender, recipients, subject, language, raw) FROM STDIN
"""

EMPTY_CATCHER = """
-- Empties the catcher of the oldest mails from before a moment, some thousands at a time.
DELETE FROM messaging_caughtmail WHERE id IN (
    SELECT id FROM messaging_caughtmail WHERE caught_at < %(before)s ORDER BY caught_at LIMIT %(most)s
)
"""
