"""What the firm opened of the table role × fact × channel, and which roles a statement over many shipments may tell of a theft."""

from tidings.incidents import rules
from tidings.incidents.models import OpenedCell


def opened_cells() -> frozenset[rules.Cell]:
    """The cells that the firm has opened now."""
    found = OpenedCell.objects.filter(ended_at__isnull=True).values_list("role", "fact", "channel")
    return frozenset(rules.Cell(role, rules.Fact(fact), channel) for role, fact, channel in found)


def theft_values() -> dict[str, list[str]]:
    """The parameters of lines: the roles that hear of a theft, and those whose short form says it too. One short form serves SMS
    and voice, so it says what is open on both.
    """
    opened, stolen = opened_cells(), rules.Fact.STOLEN
    in_short = [set(rules.roles_hearing(stolen, channel, opened)) for channel in sorted(rules.IN_SHORT)]
    return {
        "hear_of_theft": rules.roles_hearing(stolen, "email", opened),
        "hear_in_short": sorted(set.intersection(*in_short)),
    }
