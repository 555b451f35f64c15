"""The words of who hears later by a contract: after the client, or on its word."""

from collections.abc import Iterable, Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tidings.customers.rules import Hearing, Told
from tidings.incidents.sql import Later
from tidings.ui.moments import count

STORY: Final[dict[str, Promise]] = {
    "client_agreed": gettext_lazy("Client %(client)s lets its consignees be told now"),
    "client_agreed_itself": gettext_lazy(
        "Client %(client)s said on its own page that its consignees may be told now"
    ),
    "survey_answered": gettext_lazy("Customer %(client)s said how we did"),
}
ERRORS: Final[dict[str, Promise]] = {
    "incident.nobody_waits_for_client": gettext_lazy(
        "Nobody waits for this client’s word any more: it was given already, or its contract lets them hear."
    ),
}


def later_words(line: Hearing) -> str:
    """How long the others wait where the client hears first; empty where nobody waits."""
    if line.told != Told.CLIENT_FIRST:
        return ""
    if line.after is None:
        return _("on the client’s word")
    return ngettext("%(minutes)s minute later", "%(minutes)s minutes later", line.after) % {
        "minutes": count(line.after)
    }


def later_sentences(later: Iterable[Later]) -> Iterator[str]:
    """How many hear after their client, and how many on its word."""
    for one in later:
        values = {"number": count(one.contacts), "minutes": one.after and count(one.after)}
        if one.after is None:
            yield (
                ngettext(
                    "%(number)s contact hears on the client’s word.",
                    "%(number)s contacts hear on the client’s word.",
                    one.contacts,
                )
                % values
            )
        elif one.contacts == 1:
            yield (
                ngettext(
                    "%(number)s contact hears %(minutes)s minute after the client.",
                    "%(number)s contact hears %(minutes)s minutes after the client.",
                    one.after,
                )
                % values
            )
        else:
            yield (
                ngettext(
                    "%(number)s contacts hear %(minutes)s minute after the client.",
                    "%(number)s contacts hear %(minutes)s minutes after the client.",
                    one.after,
                )
                % values
            )
