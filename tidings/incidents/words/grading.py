"""The words of grading: why the table proposes a severity, and what a row names."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tidings.ui.moments import count

ERRORS: Final[dict[str, Promise]] = {
    "incident.row_below_floor": _("This kind is never graded that low. Give the row at least its floor."),
    "incident.row_names_nothing": _(
        "A row names a kind, customers, a value, danger or legal exposure. Fill in at least one."
    ),
    "incident.row_is_there": _("This very row is in the table already."),
    "incident.no_such_row": _("This row is not in the table any more. Look at the table as it stands now."),
    "incident.no_such_grading_ask": _(
        "This request does not wait any more. Look at the table as it stands now."
    ),
    "incident.grading_changed": _(
        "Somebody changed this row or kind since it was asked. Nothing was overwritten: look at it as it stands now."
    ),
    "incident.kind_code_unfit": _(
        "“%(kind)s” cannot be a new kind’s code. Use small letters, digits and underscores, and none of a shipped kind."
    ),
    "incident.kind_needs_a_name": _("Give the kind a name in at least one language."),
}


def because(facts: Mapping[str, object], kind_word: str) -> str:
    """Why a severity is proposed: what a row names, in the reader's language."""
    said = []
    if facts.get("kind"):
        said.append(kind_word)
    if customers := _figure(facts, "customers"):
        said.append(gettext("at least %(number)s affected customers") % {"number": count(customers)})
    if cents := _figure(facts, "value_cents"):
        amount = {"amount": count(cents // 100), "currency": facts.get("currency", "")}
        said.append(gettext("goods worth at least %(amount)s %(currency)s") % amount)
    if facts.get("safety"):
        said.append(gettext("people or goods in danger"))
    if facts.get("legal"):
        said.append(gettext("legal exposure"))
    if facts.get("floor"):
        said.append(gettext("never lower for this kind"))
    if facts.get("stolen"):
        said.append(gettext("goods were stolen: never low"))
    if facts.get("unsaid"):
        said.append(gettext("no row of the table speaks of this kind"))
    return gettext(", ").join(said)


def _figure(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0
