"""Sending again to whom a message has not reached: who that is, where each is tried now, and the new deliveries.

`how` says where: `again` on the first rung not tried yet, else the first one; `next` only on one not tried yet; `call` by a person.
The last two also take those whose rung still waits for evidence.
"""

from tidings.messaging.rules.content import Audience
from tidings.messaging.sql import JUDGED, NARROWED, PART, TOLD_ABOUT

# Not those whose mail is still on its way, who wait for a text, who stand on the call list, or whose bounce may still come.
_CHOSEN = """
WITH judged AS (
    SELECT recipient_id, accepted_at, refused_at, {part} AS part
    FROM ({judged} WHERE s.message_id = %(message)s) j
), again AS MATERIALIZED (
    SELECT r.id, r.language, r.time_zone, r.due_by, r.chunk_id, r.standing,
           r.earlier || CASE WHEN r.address IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
               'delivery_id', r.delivery_id, 'channel', r.channel, 'address', r.address)) END AS tried,
           CASE WHEN l.channel IS NULL OR l.address IS NULL THEN '[]'::jsonb
                ELSE jsonb_build_array(jsonb_build_object('channel', l.channel, 'address', l.address)) || l.further
                END AS ladder
    FROM judged j
    JOIN messaging_recipient r ON r.id = j.recipient_id
    LEFT JOIN ({ladder}) l ON l.contact_id = r.contact_id
    WHERE (j.part IN ('overdue', 'unreachable') OR %(how)s <> 'again' AND j.part = 'under_way')
      AND (%(only)s::uuid[] IS NULL OR r.id = ANY (%(only)s)) AND r.state NOT IN ('superseded', 'call_list')
      AND NOT (j.accepted_at IS NOT NULL AND j.refused_at IS NULL AND NOT r.needs_confirmed)
      AND NOT (r.standing = '' AND r.chunk_id IS NULL AND r.next_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM messaging_chunk c WHERE c.id = r.chunk_id AND c.state <> 'done')
), chosen AS MATERIALIZED (
    SELECT a.*, rung.value ->> 'channel' AS channel, rung.value ->> 'address' AS address, rung.nth
    FROM again a
    LEFT JOIN LATERAL (
        SELECT value, nth FROM jsonb_array_elements(a.ladder) WITH ORDINALITY AS e (value, nth)
        WHERE CASE %(how)s WHEN 'call' THEN value ->> 'channel' = 'call'
                           WHEN 'next' THEN NOT a.tried @> jsonb_build_array(value) ELSE true END
        ORDER BY a.tried @> jsonb_build_array(value), nth LIMIT 1
    ) rung ON true
)
"""

UNREACHED = f"""
-- The recipients behind the numbers of one phase whom it has not reached, each with their message: those that a list shows, or some of them.
{TOLD_ABOUT}
SELECT r.id, r.message_id
FROM (SELECT *, {PART} AS part FROM told WHERE phase = %(phase)s) j
JOIN messaging_recipient r ON r.id = j.recipient_id
WHERE {NARROWED} AND (%(contacts)s::uuid[] IS NULL OR r.contact_id = ANY (%(contacts)s))
  AND j.reached_at IS NULL AND j.told_with = '' AND (%(who)s::uuid[] IS NULL OR r.id = ANY (%(who)s))
"""  # noqa: S608 - only our own text is joined


def _with(statement: str, ladder: Audience) -> str:
    chosen = _CHOSEN.replace("{part}", PART).replace("{judged}", JUDGED).replace("{ladder}", ladder.sql)
    return chosen + statement


def sizes(ladder: Audience) -> str:
    """Counts whom a message would go to again, by the channel that is next (null: no usable address)."""
    return _with("SELECT channel, count(*) FROM chosen GROUP BY channel ORDER BY count(*) DESC", ladder)


def send(ladder: Audience) -> str:
    """Plans new deliveries of a sent message, each with a new id, to whom it has not reached: the first rung not tried yet, else the
    first one again. Gives how many.
    """
    return _with(_SEND, ladder)


_SEND = """
, numbered AS MATERIALIZED (
    SELECT c.*, tidings_new_id() AS delivery_id, coalesce(d.destination, 'others') AS destination,
           c.channel = ANY (%(channels)s) AS sendable,
           row_number() OVER (PARTITION BY c.language, c.channel, coalesce(d.destination, 'others') ORDER BY c.due_by, c.id) - 1 AS position,
           (SELECT coalesce(jsonb_agg(e.value ORDER BY e.nth), '[]'::jsonb)
            FROM jsonb_array_elements(c.ladder) WITH ORDINALITY AS e (value, nth) WHERE e.nth > c.nth) AS further
    FROM chosen c
    LEFT JOIN messaging_maildomain d ON d.domain = lower(split_part(c.address, '@', 2))
    WHERE c.channel IS NOT NULL
), chunked AS MATERIALIZED (
    SELECT tidings_new_id() AS id, language, channel, destination, position / %(size)s AS part, count(*) AS size,
           min(due_by) AS due_by
    FROM numbered WHERE sendable GROUP BY language, channel, destination, position / %(size)s
), chunks AS (
    INSERT INTO messaging_chunk (id, broadcast_id, epoch, lane, channel, destination, language, due_by, size, state)
    SELECT id, %(broadcast)s, (SELECT max(number) FROM messaging_epoch), %(lane)s, channel, destination, language,
           due_by, size, 'open'
    FROM chunked
), moved AS (
    UPDATE messaging_chunk c
    SET moved = c.moved + n.size, handed_over = c.handed_over - n.handed_over, accepted = c.accepted - n.accepted,
        delivered = c.delivered - n.delivered, later = c.later - n.later, refused = c.refused - n.refused,
        uncertain = c.uncertain - n.uncertain
    FROM (
        SELECT chunk_id, count(*) AS size, count(*) FILTER (WHERE standing = 'handed_over') AS handed_over,
               count(*) FILTER (WHERE standing = 'accepted') AS accepted,
               count(*) FILTER (WHERE standing = 'delivered') AS delivered,
               count(*) FILTER (WHERE standing = 'later') AS later,
               count(*) FILTER (WHERE standing = 'refused') AS refused,
               count(*) FILTER (WHERE standing = 'uncertain') AS uncertain
        FROM numbered WHERE chunk_id IS NOT NULL GROUP BY chunk_id
    ) n WHERE c.id = n.chunk_id
), planned AS (
    UPDATE messaging_recipient r
    SET broadcast_id = %(broadcast)s, delivery_id = n.delivery_id, earlier = n.tried, rung = r.rung + 1,
        channel = n.channel, address = n.address, destination = n.destination, further = n.further,
        state = CASE WHEN n.sendable THEN 'waiting' ELSE 'call_list' END, standing = '', reason = '', attempt = 1,
        doubts = 0, next_at = NULL, rung_began_at = NULL, reached_at = NULL, chunk_id = k.id,
        place = CASE WHEN k.id IS NOT NULL THEN n.position %% %(size)s END
    FROM numbered n
    LEFT JOIN chunked k ON n.sendable AND k.language = n.language AND k.channel = n.channel
         AND k.destination = n.destination AND k.part = n.position / %(size)s
    WHERE r.id = n.id
    RETURNING 1
)
SELECT count(*) FROM planned
"""
