"""The words of a choice: its options, what is said of it on the timeline, and what a task asks."""

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tidings.incidents.rules.choice import CHANGED

_NAMED = 12

LABELS: Final[dict[str, Promise]] = {
    "incident.option.wait": pgettext_lazy("choice", "Wait"),
    "incident.option.redeliver": pgettext_lazy("choice", "Deliver again"),
    "incident.option.reroute": pgettext_lazy("choice", "Send another way"),
    "incident.option.return": pgettext_lazy("choice", "Return to the sender"),
    "incident.option.cancel": pgettext_lazy("choice", "Cancel the shipment"),
}

STORY: Final[dict[str, Promise]] = {
    "choice_offered": _("Customers may choose; without an answer: %(default)s"),
    "choice_withdrawn": _("The choice was withdrawn"),
    "choice_made": _("A customer chose: %(option)s (shipments: %(shipments)s)"),
    "choice_closed": _("The time to choose is over; without an answer: %(default)s"),
}

CODES: Final = {"option": "option", "default": "option"}
"""Facts of a line that are codes, and whose."""

ERRORS: Final[dict[str, Promise]] = {
    "incident.no_such_channel": _("No customer’s ladder has the channel “%(channel)s”."),
    "incident.choice_needs_two": _("A choice needs at least two options. Tick another one."),
    "incident.choice_default_not_offered": _(
        "What holds without an answer must be one of the options. Tick it too, or choose another."
    ),
    "incident.choice_closes_in_the_past": _("The time to choose must end later than now."),
    "incident.choice_closed": _("The time to choose is over. What holds now stands on the page."),
    "incident.choice_passed": _(
        "The message lets customers choose until a time that has passed. Write it anew, so that what it says of incident %(number)s is true."
    ),
    "incident.choice_unknown": _("This is not one of the options. Look at them again."),
    "incident.choice_missing": _("There is no such choice here. Look at the choices of the incident."),
}


def task_words(option: str, waybills: Sequence[str]) -> str:
    """What a task asks of operations, in the installation's first language: a task is read by many."""
    with translation.override(settings.LANGUAGE_CODE):
        if option == CHANGED:
            return gettext("The customer chose something else.")
        asked = str(LABELS[f"incident.option.{option}"])
        if not waybills:
            return gettext("%(option)s: every shipment for which nobody answered.") % {"option": asked}
        named, more = ", ".join(waybills[:_NAMED]), len(waybills) - _NAMED
        if more > 0:
            return gettext("%(option)s: %(waybills)s and %(more)s more. The list of choices names all.") % {
                "option": asked, "waybills": named, "more": more,
            }  # fmt: skip
        return gettext("%(option)s: %(waybills)s") % {"option": asked, "waybills": named}
