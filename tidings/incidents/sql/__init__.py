"""Set-based statements of incidents: writing down who is affected, counting them, and the audience of a message.

They build on the fragments that `shipments.audience` and `customers.queries` give, and name the waybill and the expected
time of a shipment from its table; no row travels through Python to be written back.
"""

from tidings.incidents.sql.affected import (
    Found,
    News,
    ReasonCount,
    affected_size,
    counts_by_reason,
    news,
    write_affected,
)
from tidings.incidents.sql.asked import Change, Sure, change_by, changed_since, untold_since
from tidings.incidents.sql.choosing import choice_passed, told_choice_passed
from tidings.incidents.sql.grading import declared_values, goods_stolen
from tidings.incidents.sql.had import PER_PERSON
from tidings.incidents.sql.hearing import Later, WaitsFor, hear_later, waited_for
from tidings.incidents.sql.here import be_here, who_is_here
from tidings.incidents.sql.listing import (
    LACKS,
    AffectedLine,
    Narrowed,
    Size,
    affected_found,
    affected_lines,
    say_of_shipments,
)
from tidings.incidents.sql.marking import mark_held, mark_told
from tidings.incidents.sql.merging import carry_over, family_size, merged_into, merged_numbers
from tidings.incidents.sql.missed import owe_again
from tidings.incidents.sql.opened import opened_cells
from tidings.incidents.sql.own_people import own_people
from tidings.incidents.sql.places import one_at_a_time, place_countries, place_names, place_of_name, places
from tidings.incidents.sql.recipients import (
    AudiencePart,
    Told,
    already_told,
    audience_parts,
    lacking,
    ladders,
    left_out,
    parts_of,
    recipients,
    told_together,
)
from tidings.incidents.sql.somebody import somebody_may_not_hear, somebody_untold, without_contact
from tidings.incidents.sql.together import AlreadyTold, Other
from tidings.incidents.sql.told_before import cleared, corrected, held, mark_cleared, waiting
from tidings.incidents.sql.untold import to_clear, untold, with_untold
from tidings.incidents.sql.without_shipment import without_shipment, write_customers

__all__ = [
    "LACKS",
    "PER_PERSON",
    "AffectedLine",
    "AlreadyTold",
    "AudiencePart",
    "Change",
    "Found",
    "Later",
    "Narrowed",
    "News",
    "Other",
    "ReasonCount",
    "Size",
    "Sure",
    "Told",
    "WaitsFor",
    "affected_found",
    "affected_lines",
    "affected_size",
    "already_told",
    "audience_parts",
    "be_here",
    "carry_over",
    "change_by",
    "changed_since",
    "choice_passed",
    "cleared",
    "corrected",
    "counts_by_reason",
    "declared_values",
    "family_size",
    "goods_stolen",
    "hear_later",
    "held",
    "lacking",
    "ladders",
    "left_out",
    "mark_cleared",
    "mark_held",
    "mark_told",
    "merged_into",
    "merged_numbers",
    "news",
    "one_at_a_time",
    "opened_cells",
    "owe_again",
    "own_people",
    "parts_of",
    "place_countries",
    "place_names",
    "place_of_name",
    "places",
    "recipients",
    "say_of_shipments",
    "somebody_may_not_hear",
    "somebody_untold",
    "to_clear",
    "told_choice_passed",
    "told_together",
    "untold",
    "untold_since",
    "waited_for",
    "waiting",
    "who_is_here",
    "with_untold",
    "without_contact",
    "without_shipment",
    "write_affected",
    "write_customers",
]
