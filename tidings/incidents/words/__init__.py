"""The words of incidents: a label for each code, a sentence for each error. Rules and rows hold codes only."""

from typing import Final

from django.utils.functional import Promise

from tidings.incidents.words import choice, contract, grading, incident, opened, running, scope
from tidings.incidents.words.counted import shipments_of_customers
from tidings.incidents.words.incident import BY_CHANNEL, LEFT_OUT, STORY, tell

LABELS: Final[dict[str, Promise]] = {
    **choice.LABELS,
    **opened.LABELS,
    **incident.LABELS,
    **running.LABELS,
    **scope.LABELS,
}
ERRORS: Final[dict[str, Promise]] = {
    **choice.ERRORS,
    **incident.ERRORS,
    **running.ERRORS,
    **scope.ERRORS,
    **grading.ERRORS,
    **contract.ERRORS,
    **opened.ERRORS,
}

__all__ = ["BY_CHANNEL", "ERRORS", "LABELS", "LEFT_OUT", "STORY", "shipments_of_customers", "tell"]
