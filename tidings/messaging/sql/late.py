"""Statements for a message in a language that came late: who waits for it is taken out of the hands of the clock, once."""

LINE_ALONE = "(jsonb_array_length(r.lines) > cardinality(r.shipment_ids))"
"""Whether a recipient `r` has a line that is of no shipment; it stands after those that are."""

HELD = f"""
    SELECT r.id, r.message_id, r.contact_id, r.name, r.language, r.time_zone, r.shipment_ids, {LINE_ALONE} AS alone,
           r.due_by, r.next_at
    FROM messaging_recipient r
    WHERE r.next_at IS NOT NULL AND r.reason = 'no_text' AND r.state = 'waiting' AND r.standing = '' AND r.chunk_id IS NULL
"""  # noqa: S608 - only our own text is joined
"""Who waits for a text in their language, until `next_at`: SQL to join, which knows the reader's language of now. `language` is
the one they get then.
"""

TAKE_HELD = f"""
-- Locks whom a sent message holds for want of a text. Whose second language is being given at this moment is left to that.
SELECT contact_id FROM ({HELD} AND r.message_id = %(completes)s ORDER BY r.id FOR UPDATE SKIP LOCKED) held
"""  # noqa: S608 - only our own text is joined

SUPERSEDE = """
-- Of those, whoever the completing message is planned for waits no more: they are counted there.
UPDATE messaging_recipient AS held SET state = 'superseded', next_at = NULL
FROM messaging_recipient AS planned
WHERE planned.message_id = %(message)s AND planned.contact_id = held.contact_id
  AND held.message_id = %(completes)s AND held.contact_id = ANY (%(held)s::uuid[])
"""

OVERTAKE = f"""
-- Whoever a newer message is planned for waits no more for the language of these earlier ones. Whose second language is being
-- given at this moment is left to that.
UPDATE messaging_recipient AS held SET state = 'superseded', next_at = NULL
FROM messaging_recipient AS planned
WHERE planned.message_id = %(message)s AND planned.contact_id = held.contact_id AND held.id IN (
    SELECT id FROM ({HELD} AND r.message_id = ANY (%(earlier)s::uuid[]) ORDER BY r.id FOR UPDATE SKIP LOCKED) waiting)
"""  # noqa: S608 - only our own text is joined
