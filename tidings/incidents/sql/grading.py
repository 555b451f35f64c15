"""What grading asks of the affected shipments as one set: the declared value of their goods, and whether any was stolen."""

from uuid import UUID

from django.db import connection

from tidings.incidents.sql.meaning import MEANT

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


def goods_stolen(incident_id: UUID) -> bool:
    """Whether goods were stolen: of a reason, of an affected shipment, or of some of its pieces."""
    with connection.cursor() as cursor:
        cursor.execute(_GOODS_STOLEN, {"incident": incident_id})
        return bool(cursor.fetchone()[0])


_GOODS_STOLEN = f"""
SELECT EXISTS (
    SELECT FROM (SELECT DISTINCT ON (why) effect FROM incidents_effectgiven
                  WHERE incident_id = %(incident)s ORDER BY why, version DESC) given
     WHERE effect = 'stolen'
) OR (EXISTS (SELECT FROM incidents_shipmenteffect WHERE incident_id = %(incident)s AND effect = 'stolen') AND EXISTS (
    SELECT FROM ({MEANT}) known WHERE gone_at IS NULL AND effect = 'stolen'
))
"""  # noqa: S608 - only our own text is joined
