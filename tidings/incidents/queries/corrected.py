"""Reads of what was corrected of an incident: from when its clocks count, and whether its kind was another."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from tidings.incidents.models import Incident, Misreported


def counted_from(incident: Incident) -> datetime:
    """From when its clocks count: the earliest moment of detection that was ever said, so that a correction loosens none."""
    return counted_from_each([incident])[incident.pk]


def counted_from_each(incidents: Sequence[Incident]) -> dict[UUID, datetime]:
    """The same of several."""
    found = {one.pk: one.detected_at for one in incidents}
    said = Misreported.objects.filter(incident_id__in=list(found))
    for incident_id, before in said.values_list("incident_id", "detected_at"):
        found[incident_id] = min(found[incident_id], before)
    return found


def kind_since(incident: Incident) -> datetime | None:
    """Since when it is of its kind, where it was said to be of another before; None where it always was."""
    others = Misreported.objects.filter(incident_id=incident.pk).exclude(kind=F("incident__kind"))
    return others.order_by("-at").values_list("at", flat=True).first()
