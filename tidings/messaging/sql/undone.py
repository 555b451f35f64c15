"""What came back after everything seemed told: recipients of a phase who are not reached now since something was refused late."""

from tidings.messaging.sql import PART, TOLD_ABOUT

UNDONE_SINCE = f"""
-- Counts, per phase of one thing, whom something was refused for after a moment and whom nothing has reached since.
{TOLD_ABOUT}, judged AS (SELECT *, {PART} AS part FROM told)
SELECT t.phase, count(*) FROM judged t JOIN messaging_recipient r ON r.id = t.recipient_id
WHERE t.part IN ('overdue', 'unreachable') AND t.phase <> 'briefing' AND EXISTS (
    SELECT FROM messaging_result back
    WHERE back.outcome = 'refused' AND back.recorded_at > %(since)s
      AND (back.delivery_id = r.delivery_id OR back.delivery_id IN (
           SELECT (before.value ->> 'delivery_id')::uuid FROM jsonb_array_elements(r.earlier) before)))
GROUP BY t.phase ORDER BY t.phase
"""  # noqa: S608 - only our own text is joined
