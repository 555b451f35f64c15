"""Masters and the houses they hold: what happens to a master holds for its houses."""

from collections.abc import Sequence
from uuid import UUID

from tidings.shipments.models import Shipment


def with_houses(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """The shipments and the houses that they hold: a change of a master is one of each of its houses."""
    houses = Shipment.objects.filter(parent_id__in=shipment_ids).values_list("id", flat=True)
    return list(dict.fromkeys([*shipment_ids, *houses]))


def with_masters(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """The shipments and the masters that hold them."""
    masters = Shipment.objects.filter(id__in=shipment_ids, parent__isnull=False).values_list(
        "parent_id", flat=True
    )
    return [*shipment_ids, *masters]
