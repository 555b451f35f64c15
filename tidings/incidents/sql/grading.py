"""What grading asks of the affected shipments as one set: the declared value of their goods."""

from uuid import UUID

from django.db import connection

DECLARED = """
SELECT s.value_currency, sum(s.value_cents)::bigint
  FROM (SELECT DISTINCT shipment_id FROM incidents_affected WHERE incident_id = %s AND gone_at IS NULL) a
  JOIN shipments_shipment s ON s.id = a.shipment_id
 WHERE s.value_cents IS NOT NULL
 GROUP BY s.value_currency
"""


def declared_values(incident_id: UUID) -> dict[str, int]:
    """The declared value of the goods affected now, in cents by currency."""
    with connection.cursor() as cursor:
        cursor.execute(DECLARED, [incident_id])
        return dict(cursor.fetchall())
