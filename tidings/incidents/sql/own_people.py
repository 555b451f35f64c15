"""Whom a briefing is for: our own people, never a customer."""

from datetime import datetime
from uuid import UUID

from tidings.messaging.rules.content import Audience
from tidings.people.queries import STAFF


def own_people(incident_id: UUID, unit_id: UUID | None, due_by: datetime) -> Audience:
    """The staff of every unit that sees an affected shipment, of the incident's own unit, and headquarters' agents with the
    leads of their shifts; by mail, each in their own language and zone.
    """
    return Audience(_OWN_PEOPLE, {"incident": incident_id, "unit": unit_id, "due_by": due_by})


_OWN_PEOPLE = f"""
WITH staff AS ({STAFF})
SELECT staff.id AS contact_id, staff.name, staff.language, staff.time_zone, 'email' AS channel, staff.email AS address,
       %(due_by)s::timestamptz AS due_by, ARRAY[]::uuid[] AS shipment_ids, '[]'::jsonb AS lines
  FROM staff
 WHERE staff.unit_id = %(unit)s
    OR (staff.headquarters AND staff.roles && ARRAY['agent', 'shift_lead'])
    OR staff.unit_id IN (SELECT unnest(known.units) FROM incidents_affected known
                          WHERE known.incident_id = %(incident)s AND known.gone_at IS NULL)
"""  # noqa: S608 - only our own text is joined
