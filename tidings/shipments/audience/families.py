"""Masters and the houses they hold: what happens to a master holds for its houses."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tidings.shipments.models import Shipment


@dataclass(frozen=True, slots=True)
class Family:
    """Shipments with the houses that they hold, and those with the masters that hold them: worked out once for many questions."""

    members: list[UUID]
    with_masters: list[UUID]


def family_of(shipment_ids: Sequence[UUID]) -> Family:
    """The family of shipments that changed: whom a question must be asked of, and about."""
    members = with_houses(shipment_ids)
    return Family(members, with_masters(members))


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
