"""What an incident means for a shipment or some of its pieces: codes that are said in every language by themselves. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidings.incidents.rules.incident import Effect


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
