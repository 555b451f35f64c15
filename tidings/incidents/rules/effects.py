"""Why somebody is affected, and what it means for a shipment, some of its pieces, or a customer without any: codes that are said
in every language by themselves. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """What it means for one shipment, or for a customer without any."""

    AT_RISK = "at_risk"
    NOT_COLLECTED = "not_collected"
    DELAYED = "delayed"
    MISSING = "missing"
    DAMAGED = "damaged"
    PART_LOST = "part_lost"
    LOST = "lost"
    STOLEN = "stolen"
    MISDELIVERED = "misdelivered"
    HELD = "held"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    REROUTED = "rerouted"
    DELIVERED_LATE = "delivered_late"
    PICKUP_NOT_DONE = "pickup_not_done"
    SERVICE_UNAVAILABLE = "service_unavailable"
    SERVICE_RESTORED = "service_restored"
    UNAFFECTED = "unaffected"


WITHOUT_SHIPMENT: tuple[Effect, ...] = (
    Effect.PICKUP_NOT_DONE,
    Effect.SERVICE_UNAVAILABLE,
    Effect.SERVICE_RESTORED,
)
"""What it means for a customer of whom no goods are moving. These are said of no shipment."""

ON_SHIPMENTS: tuple[Effect, ...] = tuple(effect for effect in Effect if effect not in WITHOUT_SHIPMENT)


GRAVEST_FIRST: tuple[Effect, ...] = (
    Effect.STOLEN,
    Effect.LOST,
    Effect.DESTROYED,
    Effect.PART_LOST,
    Effect.DAMAGED,
    Effect.MISSING,
    Effect.HELD,
    Effect.MISDELIVERED,
    Effect.AT_RISK,
    Effect.RETURNED,
    Effect.NOT_COLLECTED,
    Effect.PICKUP_NOT_DONE,
    Effect.DELAYED,
    Effect.SERVICE_UNAVAILABLE,
    Effect.REROUTED,
    Effect.DELIVERED_LATE,
    Effect.SERVICE_RESTORED,
    Effect.UNAFFECTED,
)
"""The order of the lines in one message; a shipment in two incidents shows the graver."""


class Why(StrEnum):
    """Why a shipment is affected: of a place surest first, then by what else the question names; last why a customer is, of
    whom no shipment need be moving.
    """

    THERE_NOW = "there_now"
    WAS_THERE = "was_there"
    EXPECTED_THERE = "expected_there"
    MAY_COME_THERE = "may_come_there"
    WITH_ITS_MASTER = "with_its_master"
    ON_THE_LANE = "on_the_lane"
    ON_THE_TRANSPORT = "on_the_transport"
    IN_THE_CONTAINER = "in_the_container"
    NAMED = "named"
    OF_THE_CLIENT = "of_the_client"
    BY_THE_SERVICE = "by_the_service"
    NOT_COLLECTED_YET = "not_collected_yet"
    ADDED_BY_HAND = "added_by_hand"
    USES_THE_SERVICE = "uses_the_service"
    HAS_A_PICKUP = "has_a_pickup"
    ADDED_WITHOUT_SHIPMENT = "added_without_shipment"


WITHOUT_SHIPMENT_WHYS = frozenset({Why.USES_THE_SERVICE, Why.HAS_A_PICKUP, Why.ADDED_WITHOUT_SHIPMENT})


def effects_of(why: str) -> tuple[Effect, ...]:
    """What may be said of those who are in for this reason; of no reason (empty) what may be said of shipments."""
    return (*WITHOUT_SHIPMENT, Effect.UNAFFECTED) if why in WITHOUT_SHIPMENT_WHYS else ON_SHIPMENTS


_LIKELY_EFFECTS: dict[str, Effect] = {
    "theft": Effect.AT_RISK,
    "fraud": Effect.AT_RISK,
    "damage": Effect.AT_RISK,
    "loss": Effect.MISSING,
    "accident": Effect.AT_RISK,
    "fire": Effect.AT_RISK,
    "safety_hazard": Effect.AT_RISK,
    "dangerous_goods": Effect.HELD,
    "customs_seizure": Effect.HELD,
    "quarantine": Effect.HELD,
    "recipient_exception": Effect.HELD,
}


def likely_effect(kind: str) -> Effect:
    """What such an incident most often means for a shipment, until somebody says more."""
    return _LIKELY_EFFECTS.get(kind, Effect.DELAYED)


class HeldBy(StrEnum):
    """Who holds the goods."""

    CUSTOMS = "customs"
    POLICE = "police"
    HEALTH_AUTHORITY = "health_authority"
    INSPECTION = "inspection"
    CARRIER = "carrier"
    WAREHOUSE = "warehouse"
    US = "us"


class MustDo(StrEnum):
    """What the customer must do before the goods go on."""

    SEND_DOCUMENTS = "send_documents"
    PAY_CHARGES = "pay_charges"
    GIVE_ADDRESS = "give_address"
    COLLECT = "collect"
    INSPECT = "inspect"
    CONTACT_US = "contact_us"


@dataclass(frozen=True, slots=True)
class Meaning:
    """An effect with what belongs to it. `from_at` and `until_at` bound the new time of arrival, `do_by` is for what they must do.

    An empty effect takes back what was said of a shipment alone: then its master, or its reason, says again what it means.
    """

    effect: str
    from_at: datetime | None = None
    until_at: datetime | None = None
    held_by: str = ""
    must_do: str = ""
    do_by: datetime | None = None


def fault_of_meaning(meaning: Meaning) -> str | None:
    """The code of what keeps it from being said, or None."""
    if meaning.effect and meaning.effect not in set(Effect):
        return "incident.effect_unknown"
    if meaning.held_by and meaning.held_by not in set(HeldBy):
        return "incident.holder_unknown"
    if meaning.must_do and meaning.must_do not in set(MustDo):
        return "incident.duty_unknown"
    if meaning.from_at and meaning.until_at and meaning.until_at < meaning.from_at:
        return "incident.window_backwards"
    if meaning.held_by and meaning.effect != Effect.HELD:
        return "incident.holder_of_what"
    return "incident.by_when_of_what" if meaning.do_by and not meaning.must_do else None
