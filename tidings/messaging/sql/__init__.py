"""Statements that the ORM cannot say. Each is one sentence of work, and run by a test."""

from tidings.messaging.rules.content import Audience

ROOM_TO_PLAN = "SET LOCAL work_mem = '96MB'; SET LOCAL enable_mergejoin = off"
"""For the planning statement: 100,000 rows sorted in memory, and no second sort to find each its chunk."""
ROOM_PLANNED = "SET LOCAL work_mem = DEFAULT; SET LOCAL enable_mergejoin = DEFAULT"

PLAN = """
-- Plans a broadcast: writes one lean row per contact of the audience, and gathers those with an address in chunks. Whose first
-- usable rung is a number to call stands on the call list at once. Whose quiet hours it is waits for their end, in no chunk yet.
WITH audience AS MATERIALIZED (
    SELECT a.contact_id, coalesce(a.name, '') AS name, coalesce(a.time_zone, 'UTC') AS time_zone, a.channel, a.address,
           a.due_by, a.shipment_ids, a.lines, a.language AS own_language,
           a.language = ANY (%(plan_languages)s) AS has_text,
           CASE WHEN a.language = ANY (%(plan_languages)s) THEN a.language ELSE %(plan_fallback)s END AS language,
           coalesce(d.destination, 'others') AS destination, {further} AS further, {passed_over} AS passed_over,
           {quiet_until} AS quiet_until,
           %(plan_confirm_all)s OR coalesce(a.lines -> 0 ->> 'effect' = ANY (%(plan_confirm)s), false) AS needs_confirmed
    FROM ({audience}) AS a
    LEFT JOIN messaging_maildomain d ON d.domain = lower(split_part(a.address, '@', 2))
    WHERE NOT EXISTS (
        SELECT FROM messaging_recipient r
        WHERE r.message_id = %(plan_message)s AND r.contact_id = a.contact_id
    )
), numbered AS MATERIALIZED (
    SELECT *, channel = ANY (%(plan_channels)s) AND address IS NOT NULL AS usable,
           channel = 'call' AND address IS NOT NULL AS to_call,
           row_number() OVER (
               PARTITION BY language, channel, destination, has_text, quiet_until IS NULL ORDER BY due_by, contact_id
           ) - 1 AS position
    FROM audience
), chunked AS MATERIALIZED (
    SELECT tidings_new_id() AS id, language, channel, destination, position / %(plan_chunk)s AS part,
           count(*) AS size, min(due_by) AS due_by
    FROM numbered WHERE usable AND has_text AND quiet_until IS NULL
    GROUP BY language, channel, destination, position / %(plan_chunk)s
), chunks AS (
    INSERT INTO messaging_chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size, state)
    SELECT id, %(plan_broadcast)s, (SELECT max(number) FROM messaging_epoch), %(plan_lane)s, channel, destination,
           language, due_by, size, 'open'
    FROM chunked
), recipients AS (
    INSERT INTO messaging_recipient (id, broadcast_id, message_id, contact_id, name, language, time_zone, channel,
        address, destination, due_by, shipment_ids, lines, further, needs_confirmed, state, reason, delivery_id,
        chunk_id, place, next_at)
    SELECT n.new_id, %(plan_broadcast)s, %(plan_message)s, n.contact_id, n.name, n.language, n.time_zone, n.channel,
           n.address, n.destination, n.due_by, n.shipment_ids, n.lines, n.further, n.needs_confirmed,
           CASE WHEN n.usable THEN 'waiting' WHEN n.to_call THEN 'call_list' ELSE 'unreachable' END,
           CASE WHEN n.passed_over <> '' THEN 'no_channel:' || n.passed_over
                WHEN NOT coalesce(n.usable OR n.to_call, false) THEN 'no_address'
                WHEN NOT n.has_text THEN 'no_text'
                WHEN n.quiet_until IS NOT NULL THEN 'quiet' ELSE '' END,
           n.new_id, c.id, CASE WHEN c.id IS NOT NULL THEN n.position %% %(plan_chunk)s END,
           CASE WHEN n.usable AND NOT n.has_text
                THEN greatest(%(plan_now)s + greatest(n.due_by - %(plan_now)s, interval '0') / 2, n.quiet_until)
                WHEN n.usable OR n.to_call THEN n.quiet_until END
    FROM (SELECT *, tidings_new_id() AS new_id FROM numbered) n
    LEFT JOIN chunked c ON n.usable AND n.has_text AND n.quiet_until IS NULL AND c.language = n.language AND c.channel = n.channel
         AND c.destination = n.destination AND c.part = n.position / %(plan_chunk)s
    RETURNING 1
)
SELECT count(*) FROM recipients
"""


def plan(audience: Audience) -> str:
    """`PLAN` for this audience, which may come with or without the rungs after the first."""
    rungs = ("a.further", "a.passed_over") if audience.ladder else ("'[]'::jsonb", "''")
    statement = PLAN.replace("{further}", rungs[0]).replace("{passed_over}", rungs[1])
    statement = statement.replace("{quiet_until}", "a.quiet_until" if audience.quiet else "NULL::timestamptz")
    return statement.replace("{audience}", audience.sql)


COUNT_AS_TOLD = """
-- Writes down whom a message left out, since the recipients of other messages told them the same.
INSERT INTO messaging_toldtogether (id, message_id, contact_id, recipient_id, due_by)
SELECT tidings_new_id(), %(message)s, contact, recipient, %(due_by)s
FROM unnest(%(contacts)s::uuid[], %(recipients)s::uuid[]) told (contact, recipient)
ON CONFLICT DO NOTHING
"""

# Each recipient falls into exactly one part. Confirmed outweighs a refusal; a refusal outweighs what was presumed. Who must act,
# or whose goods are harmed, is reached only when they confirmed it.
JUDGED = """
    SELECT s.*, CASE WHEN s.needs_confirmed THEN s.confirmed_at
                     WHEN s.refused_at IS NOT NULL AND s.confirmed_at IS NULL THEN s.earlier_delivered_at
                     ELSE least(s.confirmed_at, s.delivered_at, s.earlier_delivered_at,
                                CASE WHEN s.accepted_at + make_interval(secs => s.settle_seconds) <= %(now)s
                                     THEN s.accepted_at END)
                END AS reached_at
    FROM messaging_standing s
"""
# A relay took it that gives no receipts (none was read for a week), and nothing more follows by itself: not proved, nor missing.
_UNPROVED = """(reached_at IS NULL AND state = 'trying' AND next_at IS NULL AND handed_over_at IS NOT NULL
    AND refused_at IS NULL AND NOT needs_confirmed AND EXISTS (
        SELECT FROM messaging_result x JOIN messaging_relay l ON l.id = x.relay_id
        WHERE x.delivery_id = present_delivery_id AND x.outcome = 'handed_over' AND l.kind = 'relay' AND NOT (l.receipts AND coalesce(l.receipt_at > %(now)s - interval '7 days', false))))"""
PART = f"""
    CASE WHEN reached_at IS NOT NULL THEN CASE WHEN due_by IS NULL OR reached_at <= due_by THEN 'in_time' ELSE 'late' END
         WHEN state = 'unreachable' THEN 'unreachable'
         WHEN due_by < %(now)s AND NOT ({_UNPROVED} AND handed_over_at <= due_by) THEN 'overdue'
         ELSE 'under_way' END
"""
_STRENGTH = """
    CASE WHEN reached_at IS NULL THEN '' WHEN confirmed_at IS NOT NULL THEN 'confirmed'
         WHEN coalesce(delivered_at, earlier_delivered_at) IS NOT NULL THEN 'delivered' ELSE 'presumed' END
"""
_NUMBERS = """
       count(*) FILTER (WHERE part = 'in_time'), count(*) FILTER (WHERE part = 'late'),
       count(*) FILTER (WHERE part = 'under_way'), count(*) FILTER (WHERE part = 'overdue'),
       count(*) FILTER (WHERE part = 'unreachable'), count(*) FILTER (WHERE strength = 'presumed'),
       count(*) FILTER (WHERE strength = 'delivered'), count(*) FILTER (WHERE strength = 'confirmed'),
       count(*) FILTER (WHERE unproved)
"""
_COUNTS = f"""
SELECT phase, language, min(due_by), {_NUMBERS}
FROM (SELECT phase, language, due_by, {PART} AS part, {_STRENGTH} AS strength, {_UNPROVED} AS unproved FROM told) judged
GROUP BY phase, language
"""  # noqa: S608 - only our own text is joined

# Every contact of the messages about one thing, once per phase, however many messages; whom one of them left out, since another
# message told them the same, stands as that one reached them.
_STANDS = """j.recipient_id, j.language, j.state, j.reached_at, j.confirmed_at, j.delivered_at, j.earlier_delivered_at,
       j.handed_over_at, j.refused_at, j.needs_confirmed, j.next_at, j.present_delivery_id"""
TOLD_ABOUT = f"""
WITH every AS (
    SELECT m.phase, m.id AS message_id, j.contact_id, j.due_by, {_STANDS}, '' AS told_with
    FROM messaging_message m JOIN ({JUDGED}) j ON j.message_id = m.id
    WHERE m.about = %(about)s AND j.state <> 'superseded'
    UNION ALL
    SELECT m.phase, m.id, t.contact_id, t.due_by, {_STANDS}, other.about
    FROM messaging_message m JOIN messaging_toldtogether t ON t.message_id = m.id
    JOIN ({JUDGED}) j ON j.recipient_id = t.recipient_id
    JOIN messaging_message other ON other.id = j.message_id
    WHERE m.about = %(about)s
), told AS (
    SELECT DISTINCT ON (phase, contact_id) * FROM every
    ORDER BY phase, contact_id, CASE WHEN phase IN ('update', 'correction', 'all_clear') THEN message_id END DESC,
             array_position(ARRAY['in_time', 'late', 'under_way', 'overdue', 'unreachable'], {PART}),
             array_position(ARRAY['confirmed', 'delivered', 'presumed'], {_STRENGTH}), message_id DESC
)
"""  # noqa: S608

REACH = f"""
-- Counts where every contact of the messages about one thing stands at a moment: once per phase, however many messages.
{TOLD_ABOUT} {_COUNTS}
"""

REACH_IN_ALL = f"""
-- Both of one reading: by phase and language (without a message), and by message (without a phase).
{TOLD_ABOUT}, by_phase AS ({_COUNTS})
SELECT NULL::uuid, by_phase.* FROM by_phase
UNION ALL
SELECT message_id, NULL, NULL, NULL, {_NUMBERS}
FROM (SELECT message_id, {PART} AS part, {_STRENGTH} AS strength, {_UNPROVED} AS unproved FROM every) judged GROUP BY message_id
"""  # noqa: S608

NARROWED = """(%(part)s IN ('', j.part) OR %(part)s = 'not_reached' AND j.reached_at IS NULL)
  AND (%(language)s IN ('', r.language)) AND (%(channel)s IN ('', coalesce(r.channel, 'none'))) AND (%(text)s = '' OR r.name ILIKE %(text)s OR r.address ILIKE %(text)s)"""
PEOPLE_OF_PHASE = f"""
-- The people behind the numbers of one phase: the same rows, with the part each falls into.
{TOLD_ABOUT}
SELECT r.id, r.name, r.language, r.channel, r.address, j.due_by, cardinality(r.shipment_ids), r.state, r.reason,
       j.part, j.strength, j.reached_at, j.told_with
FROM (SELECT *, {PART} AS part, {_STRENGTH} AS strength FROM told WHERE phase = %(phase)s) j
JOIN messaging_recipient r ON r.id = j.recipient_id
WHERE {NARROWED} AND (%(contacts)s::uuid[] IS NULL OR r.contact_id = ANY (%(contacts)s))
"""  # noqa: S608

REACH_BY_MESSAGE = f"""
-- Counts where the recipients of each message about one thing stand at a moment.
SELECT message_id, {_NUMBERS}
FROM (SELECT j.message_id, {PART} AS part, {_STRENGTH} AS strength, {_UNPROVED} AS unproved
      FROM messaging_message m JOIN ({JUDGED}) j ON j.message_id = m.id
      WHERE m.about = %(about)s AND j.state <> 'superseded') judged
GROUP BY message_id
"""  # noqa: S608

REACH_OF_MESSAGE = f"""
-- The same for one message.
WITH told AS (
    SELECT m.phase, j.* FROM messaging_message m JOIN ({JUDGED}) j ON j.message_id = m.id
    WHERE m.id = %(message)s AND j.state <> 'superseded'
) {_COUNTS}
"""  # noqa: S608

RECIPIENTS = f"""
-- The recipients of one message with the part each falls into.
WITH judged AS (
    SELECT recipient_id, due_by, state, reached_at, {PART} AS part, {_STRENGTH} AS strength
    FROM ({JUDGED} WHERE s.message_id = %(message)s) j
)
SELECT r.id, r.name, r.language, r.channel, r.address, r.due_by, cardinality(r.shipment_ids), r.state, r.reason,
       j.part, j.strength, j.reached_at
FROM judged j JOIN messaging_recipient r ON r.id = j.recipient_id
WHERE {NARROWED}
"""  # noqa: S608
_TOLD = f"""
SELECT r.message_id, r.id, r.name, r.language, r.channel, r.address, r.due_by, cardinality(r.shipment_ids), r.state,
       r.reason, j.part, j.strength, j.reached_at
FROM (SELECT recipient_id, reached_at, {PART} AS part, {_STRENGTH} AS strength
      FROM ({JUDGED} WHERE s.recipient_id IN (SELECT id FROM mine)) every) j
JOIN messaging_recipient r ON r.id = j.recipient_id
ORDER BY r.message_id, r.name, r.id
"""  # noqa: S608
TOLD_OF = f"""
-- Who was told of one shipment by which of some messages, and where each stands: by the recipients as they were frozen.
WITH mine AS (
    SELECT id FROM messaging_recipient
    WHERE message_id = ANY (%(messages)s) AND shipment_ids @> ARRAY[%(thing)s]::uuid[] AND state <> 'superseded'
) {_TOLD}
"""  # noqa: S608
SAID_TO = f"""
-- What some contacts were told last, and where each stands.
WITH mine AS (
    SELECT r.id FROM messaging_recipient r
    WHERE r.contact_id = ANY (%(contacts)s) AND r.state <> 'superseded'
    ORDER BY r.id DESC LIMIT %(most)s
) {_TOLD}
"""  # noqa: S608
TOLD_ONE = f"""
-- Where one recipient stands.
WITH mine AS (SELECT %(recipient)s::uuid AS id) {_TOLD}
"""
_SORTS = {"name": "r.name", "language": "r.language", "due_by": "r.due_by", "reached_at": "j.reached_at"}
RECIPIENT_ORDERS = {
    f"{turn}{name}": f"ORDER BY {column} {'DESC' if turn else 'ASC'} NULLS LAST, r.id"
    for name, column in _SORTS.items()
    for turn in ("", "-")
}
ONE_PAGE = " LIMIT %(most)s OFFSET %(first)s"


def escaped(text: str) -> str:
    """What somebody typed, to be looked for as it stands inside a LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


KEEP_CAUGHT = """
-- Keeps what the catcher took, many mails at once.
COPY messaging_caughtmail (id, caught_at, sender, recipients, subject, language, raw) FROM STDIN
"""

BY_CODE = """
-- The recipients whose message carries a code, which is the end of their id: as good as always one.
SELECT * FROM messaging_recipient
WHERE substring(uuid_send(id) from 12 for 5) = %(bits)s ORDER BY id DESC LIMIT 5
"""

EMPTY_CATCHER = """
-- Empties the catcher of the oldest mails from before a moment, some thousands at a time.
DELETE FROM messaging_caughtmail WHERE id IN (
    SELECT id FROM messaging_caughtmail WHERE caught_at < %(before)s ORDER BY caught_at LIMIT %(most)s
)
"""

TAKE_REFUSED = """
-- Takes the addresses that servers said are at fault; nobody else gets the same.
DELETE FROM messaging_refusedaddress WHERE delivery_id IN (
    SELECT delivery_id FROM messaging_refusedaddress ORDER BY at LIMIT %(most)s FOR UPDATE SKIP LOCKED
) RETURNING channel, address, at, reply
"""

TAKEN_SINCE = """
-- Which of these addresses a recipient's own server has taken mail for since a moment, other than in a drill.
SELECT DISTINCT g.channel, g.address
FROM unnest(%(contacts)s::uuid[], %(channels)s::text[], %(addresses)s::text[], %(sinces)s::timestamptz[])
     AS g (contact_id, channel, address, since)
JOIN messaging_recipient r ON r.contact_id = g.contact_id AND r.channel = g.channel AND r.address = g.address
JOIN messaging_broadcast b ON b.id = r.broadcast_id AND NOT b.drill
JOIN messaging_result x ON x.delivery_id = r.delivery_id AND x.at > g.since
     AND x.outcome IN ('accepted', 'delivered', 'confirmed')
WHERE NOT EXISTS (SELECT FROM messaging_relay l WHERE l.id = x.relay_id AND l.kind = 'catcher')
"""

FORGET_ACCOUNT_MAIL = """
-- Removes account mail from before a moment, once nothing of it is under way: its words (which hold links), address and rows.
WITH old AS (
    SELECT b.id, b.message_id FROM messaging_broadcast b
    WHERE b.lane = 'single' AND b.created_at < %(before)s
      AND NOT EXISTS (SELECT FROM messaging_message m WHERE m.id = b.message_id)
      AND NOT EXISTS (SELECT FROM messaging_chunk c WHERE c.broadcast_id = b.id AND c.settled_at IS NULL)
      AND NOT EXISTS (SELECT FROM messaging_recipient r WHERE r.message_id = b.message_id AND r.next_at IS NOT NULL)
    ORDER BY b.created_at LIMIT %(most)s FOR UPDATE OF b SKIP LOCKED
), recipients AS (
    DELETE FROM messaging_recipient r USING old WHERE r.message_id = old.message_id
), chunks AS (
    DELETE FROM messaging_chunk c USING old WHERE c.broadcast_id = old.id
), texts AS (
    DELETE FROM messaging_frozentext t USING old WHERE t.broadcast_id = old.id
)
DELETE FROM messaging_broadcast b USING old WHERE b.id = old.id
"""

ONE_TEXT_AT_A_TIME = """
-- Two who change one text at once: the second sees what the first wrote.
SELECT pg_advisory_xact_lock(hashtextextended(%(text)s, 7321))
"""

ONE_EPOCH_AT_A_TIME = """
-- Two that begin an epoch at once begin two, one after the other.
SELECT pg_advisory_xact_lock(hashtext('messaging.epoch'))
"""

_IN_EXTENT = """(%(scope)s = 'everything' OR (%(scope)s = 'broadcast' AND {row}.broadcast_id::text = %(thing)s)
        OR (%(scope)s = 'lane' AND {lane}.lane = %(thing)s)
        OR (%(scope)s = 'destination' AND {row}.destination = %(destination)s))"""
_CHUNK_IN_EXTENT = _IN_EXTENT.format(row="c", lane="c")
_ROW_IN_EXTENT = _IN_EXTENT.format(row="r", lane="b")

HELD = f"""
-- Counts who waits for a pause to end: planned and without a result, or due again; and how many of them are uncertain.
SELECT count(*) + (
           SELECT coalesce(sum(c.size - c.recorded), 0) FROM messaging_chunk c
           WHERE c.state IN ('open', 'leased') AND {_CHUNK_IN_EXTENT}),
       count(*) FILTER (WHERE r.standing = 'uncertain')
FROM messaging_recipient r JOIN messaging_broadcast b ON b.id = r.broadcast_id
WHERE r.next_at IS NOT NULL AND r.state IN ('waiting', 'trying')
  AND (r.standing IN ('', 'uncertain', 'later') OR (r.standing = 'refused' AND r.further <> '[]'))
  AND {_ROW_IN_EXTENT}
"""  # noqa: S608 - only our own text is joined

GIVE_PATIENCE_BACK = f"""
-- Moves the beginning of a rung by the time that a pause took from it.
UPDATE messaging_recipient r
SET rung_began_at = r.rung_began_at + (%(now)s - greatest(%(since)s, r.rung_began_at))
FROM messaging_broadcast b
WHERE b.id = r.broadcast_id AND r.next_at IS NOT NULL AND r.rung_began_at < %(now)s AND {_ROW_IN_EXTENT}
"""  # noqa: S608

# On the call list: once per person and thing, with the newest of the messages that they are to be told.
_TO_CALL = """
FROM messaging_recipient r
JOIN messaging_message m ON m.id = r.message_id
WHERE r.channel = 'call' AND r.state = 'call_list'
  AND (%(about)s = '' OR m.about = %(about)s) AND (%(language)s = '' OR r.language = %(language)s)
  AND (%(units)s::uuid[] IS NULL OR m.unit_id = ANY (%(units)s))
  AND NOT EXISTS (
      SELECT FROM messaging_recipient newer JOIN messaging_message n ON n.id = newer.message_id
      WHERE newer.contact_id = r.contact_id AND newer.channel = 'call' AND newer.state = 'call_list'
        AND n.about = m.about AND newer.message_id > r.message_id)
"""
# Not called by anybody now, and not to be called later only; the number is not at fault, and nothing of it is stopped.
_CALLABLE = f"""{_TO_CALL}
  AND r.standing <> 'refused' AND (r.next_at IS NULL OR r.next_at <= %(now)s)
  AND NOT EXISTS (
      SELECT FROM messaging_pause p
      WHERE p.ended_at IS NULL AND (p.until IS NULL OR p.until > %(now)s)
        AND (p.scope = 'everything' OR (p.scope = 'broadcast' AND p.thing = r.broadcast_id::text)))
"""
_CALL_ORDER = """
ORDER BY array_position(%(called_first)s::text[], r.lines -> 0 ->> 'effect') NULLS LAST, r.due_by NULLS LAST, r.id
"""

ONE_PRESS_AT_A_TIME = """
-- Two presses of one person: the second sees the call that the first took.
SELECT pg_advisory_xact_lock(hashtextextended(%(person)s, 7322))
"""

TAKE_CALL = f"""
-- Takes the next call for one person: whoever asks at the same moment gets another. Held until a moment, then anybody's.
WITH next AS (
    SELECT r.id, m.about {_CALLABLE} {_CALL_ORDER} LIMIT 1 FOR UPDATE OF r SKIP LOCKED
)
UPDATE messaging_recipient r SET next_at = %(until)s FROM next WHERE r.id = next.id
RETURNING r.id, r.delivery_id, next.about
"""  # noqa: S608

CALLS = f"""
-- Who stands on the call list, the gravest effect and the nearest deadline first.
SELECT r.id, r.name, r.language, m.about, m.phase, m.drill, coalesce(r.lines -> 0 ->> 'effect', ''),
       cardinality(r.shipment_ids), r.due_by, r.attempt, r.reason, r.next_at, c.taken_by, c.leased_until
{_TO_CALL.replace("WHERE", "LEFT JOIN messaging_call c ON c.recipient_id = r.id AND c.ended_at IS NULL WHERE", 1)}
{_CALL_ORDER} LIMIT %(most)s OFFSET %(first)s
"""

CALLS_LEFT = f"""
-- How many stand on the call list, and how many of them should have been told by now.
SELECT count(*), count(*) FILTER (WHERE r.due_by < %(now)s) {_TO_CALL}
"""

CALLS_DUE = f"""
-- By when each call is due, in the order in which they are made; those that wait for a later moment, too.
SELECT r.due_by {_TO_CALL} {_CALL_ORDER}
"""

CALLS_ABOUT = f"""
-- What the call list is about, and in which languages: for its filters.
SELECT m.about, r.language, count(*) {_TO_CALL} GROUP BY m.about, r.language ORDER BY m.about, r.language
"""

CALL_PACE = """
-- How long a call took in the middle, of the last day's, and how many people took calls in the last hour.
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - taken_at))
           FILTER (WHERE outcome NOT IN ('', 'lapsed', 'given_back')),
       count(DISTINCT taken_by) FILTER (WHERE outcome NOT IN ('lapsed', 'given_back')
           AND coalesce(ended_at, taken_at) > %(now)s - interval '1 hour')
FROM messaging_call WHERE taken_at > %(now)s - interval '1 day'
"""
