"""What was tried for some recipients: every rung, and every fact about each."""

TRIED = """
-- Every rung that was tried for some recipients, in order, with every fact about it, oldest first.
WITH rungs AS (
    SELECT r.id, e.nth, (e.value ->> 'delivery_id')::uuid AS delivery_id, e.value ->> 'channel' AS channel
    FROM messaging_recipient r, jsonb_array_elements(r.earlier) WITH ORDINALITY AS e (value, nth)
    WHERE r.id = ANY (%(recipients)s)
    UNION ALL
    SELECT id, jsonb_array_length(earlier) + 1, delivery_id, channel FROM messaging_recipient
    WHERE id = ANY (%(recipients)s) AND address IS NOT NULL
)
SELECT g.id, g.nth, coalesce(g.channel, ''), x.at, x.attempt, x.outcome, coalesce(x.refusal, ''), x.reply
FROM rungs g LEFT JOIN messaging_result x ON x.delivery_id = g.delivery_id AND x.recipient_id = g.id
ORDER BY g.id, g.nth, x.at, x.attempt
"""
