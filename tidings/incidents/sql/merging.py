"""Carrying the affected of one incident over to the one it is merged into, and counting a family of incidents as one."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

CARRY_OVER = """
INSERT INTO incidents_affected AS known
       (incident_id, shipment_id, customer_id, roles, clients, units, why, certainty, term, seen_at, since, found_at, gone_at, told_at, held_at)
SELECT %(target)s, shipment_id, customer_id, roles, clients, units, why, certainty, term, seen_at, since, found_at, gone_at, told_at, held_at
  FROM incidents_affected
 WHERE incident_id = %(source)s AND (gone_at IS NULL OR told_at IS NOT NULL OR held_at IS NOT NULL)
ON CONFLICT (incident_id, shipment_id, customer_id) DO UPDATE
   SET told_at = coalesce(known.told_at, excluded.told_at),
       held_at = coalesce(known.held_at, excluded.held_at),
       since = least(known.since, excluded.since),
       gone_at = CASE WHEN excluded.gone_at IS NULL THEN NULL ELSE known.gone_at END
"""
FAMILY_SIZE = """
SELECT count(DISTINCT shipment_id), count(DISTINCT customer_id),
       count(DISTINCT customer_id) FILTER (WHERE told_at IS NOT NULL)
  FROM incidents_affected
 WHERE incident_id = ANY(%(incidents)s::uuid[]) AND gone_at IS NULL
   AND (%(units)s::uuid[] IS NULL OR units && %(units)s::uuid[])
"""


def carry_over(source: UUID, target: UUID) -> int:
    """Writes the affected of `source` down with `target`: who was told stays told, the earlier clock counts. How many rows."""
    with connection.cursor() as cursor:
        cursor.execute(CARRY_OVER, {"source": source, "target": target})
        return int(cursor.rowcount)


def family_size(incidents: Sequence[UUID], units: frozenset[UUID] | None) -> tuple[int, int, int]:
    """Shipments and customers affected in any of several incidents, each once, and how many of the customers were told."""
    values = {"incidents": list(incidents), "units": None if units is None else list(units)}
    with connection.cursor() as cursor:
        cursor.execute(FAMILY_SIZE, values)
        shipments, customers, told = cursor.fetchone()
    return int(shipments), int(customers), int(told)


def merged_numbers(incident_id: UUID) -> list[str]:
    """The number of an incident, and those of all that were merged into it: what messages to its readers are about."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGED_NUMBERS, {"incident": incident_id})
        return [number for (number,) in cursor.fetchall()]


_MERGED_NUMBERS = """
WITH RECURSIVE one AS (
    SELECT id, number FROM incidents_incident WHERE id = %(incident)s
    UNION
    SELECT merged.id, merged.number FROM incidents_incident merged JOIN one ON merged.merged_into_id = one.id
)
SELECT number FROM one ORDER BY number
"""


def merged_into(incident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Every one of these incidents and all that were merged into them, each with the one of these that it ended in."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGED_INTO, {"incidents": list(incident_ids)})
        return dict(cursor.fetchall())


_MERGED_INTO = """
WITH RECURSIVE one AS (
    SELECT id, id AS ended_in FROM incidents_incident WHERE id = ANY(%(incidents)s::uuid[])
    UNION
    SELECT merged.id, one.ended_in FROM incidents_incident merged JOIN one ON merged.merged_into_id = one.id
)
SELECT id, ended_in FROM one
"""
