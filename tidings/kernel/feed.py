"""What changed below, for the domains above: rows that a taker deletes as it reads them, never a remembered id.

A "last id seen" cursor loses rows: a slow transaction commits a lower id after a faster one's higher id was read
(17,179 of 24,000 rows seen under four importers).
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

A_LINE = 1_000
"""How many things one line holds at most: a line for each cost an import of a million shipments 4 s, of which most for indexes."""

PUT = """
    INSERT INTO kernel_feedline (topic, things)
    SELECT %(topic)s, array_agg(thing ORDER BY at)
    FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS t (thing, at) GROUP BY (at - 1) / %(a_line)s ORDER BY min(at)
"""
TAKE = """
    WITH seen AS MATERIALIZED (
        SELECT id, cardinality(things) AS held FROM kernel_feedline
        WHERE topic = %(topic)s ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), counted AS (
        SELECT id, sum(held) OVER (ORDER BY id) - held AS before FROM seen
    ), taken AS (
        DELETE FROM kernel_feedline WHERE id IN (SELECT id FROM counted WHERE before < %(limit)s) RETURNING id, things
    )
    SELECT things FROM taken ORDER BY id
"""

# No order and no limit: a million lines by tens of thousands in order cost the server 8.6 s, at once 0.8 s (measured 2026-11).
DROP = """
    WITH dropped AS (DELETE FROM kernel_feedline WHERE topic = %s RETURNING cardinality(things) AS held)
    SELECT COALESCE(sum(held), 0) FROM dropped
"""


def put(topic: str, ids: Iterable[UUID]) -> None:
    """Says within the caller's transaction that these things changed."""
    with connection.cursor() as cursor:
        cursor.execute(PUT, {"topic": topic, "ids": list(ids), "a_line": A_LINE})


def take(topic: str, limit: int) -> list[UUID]:
    """Up to `limit` changed things, and the rest of what was put with the last of them: up to a line more. Each once, oldest
    first by order of change. Call it inside the transaction that acts on them: rolled back, they are there again; what
    another taker holds is passed over.
    """
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"topic": topic, "limit": limit})
        return list(dict.fromkeys(thing for (things,) in cursor.fetchall() for thing in things))


def drop(topic: str) -> int:
    """Takes everything off unread, for a taker to whom none of them matters, or who will look at everything; how many.
    Inside the transaction that acts on it, as `take`.
    """
    _must_be_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(DROP, [topic])
        return int(cursor.fetchone()[0])


def _must_be_in_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("feed.take outside a transaction would lose what it takes when the taker fails")
