"""The words of the table role × fact × channel, and of what the firm opened of it."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tidings.incidents.rules import Cell
from tidings.ui.words import label

LABELS: Final[dict[str, Promise]] = {
    "incident.told_fact.goods": _("What the goods are"),
    "incident.told_fact.value": _("What they are worth"),
    "incident.told_fact.other_party": _("Who the other party is"),
    "incident.told_fact.stolen": _("That goods were stolen"),
}
ERRORS: Final[dict[str, Promise]] = {
    "incident.cell_told_already": _(
        "This is told there anyway, or there is no such role, fact or channel. Choose what is not told yet."
    ),
    "incident.cell_reason": _("Say why it should be told there: another administrator reads it."),
    "incident.cell_is_open": _("This is told there already. Look at the table as it stands now."),
    "incident.cell_is_closed": _("This is not told there any more. Look at the table as it stands now."),
    "incident.no_such_cell_ask": _(
        "This request does not wait any more. Look at the table as it stands now."
    ),
}


def cell_words(cell: Cell) -> str:
    """ "Consignee · That goods were stolen · E-mail"."""
    return gettext("%(role)s · %(fact)s · %(channel)s") % {
        "role": label(f"party.{cell.role}"),
        "fact": label(f"incident.told_fact.{cell.fact}"),
        "channel": label(f"channel.{cell.channel}"),
    }
