"""Which shipments answer a question, why, and whom that concerns: as SQL to build on.

Fragments are SELECTs with their parameters, so that a higher domain freezes, counts or inserts whole sets in one
statement. Nothing is written here, and no row travels through Python.
"""

from tidings.shipments.audience.asking import Where, affected, asked
from tidings.shipments.audience.families import Family, family_of, with_houses, with_masters
from tidings.shipments.audience.fragment import Fragment
from tidings.shipments.audience.places import place_ids
from tidings.shipments.audience.telling import STRICTEST, told
from tidings.shipments.audience.using import customers_asked

__all__ = [
    "STRICTEST",
    "Family",
    "Fragment",
    "Where",
    "affected",
    "asked",
    "customers_asked",
    "family_of",
    "place_ids",
    "told",
    "with_houses",
    "with_masters",
]
