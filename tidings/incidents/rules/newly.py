"""What somebody hears who came in after others were told: what a first notice must hold, with the newest that was told since. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from tidings.messaging.rules.content import CONTRACTS, Phase

Told = Mapping[str, Mapping[str, str]]
"""Language to people's own sentences, by fact."""

_MAY_HOLD = frozenset((*CONTRACTS[Phase.FIRST_NOTICE].facts, *CONTRACTS[Phase.FIRST_NOTICE].later))


def latest_told(first: Told, since: Iterable[Told]) -> dict[str, dict[str, str]]:
    """The sentences of a first notice with those of the messages that went since, in the order in which they went: where two tell
    one fact, the newer holds. What is no part of a first notice, as a survey, is left out.
    """
    told = {language: dict(facts) for language, facts in first.items()}
    for later in since:
        for language, facts in later.items():
            newer = {fact: said for fact, said in facts.items() if fact in _MAY_HOLD and said.strip()}
            told.setdefault(language, {}).update(newer)
    return told


class Untold(StrEnum):
    """Why somebody who came in later is not told yet: soon by itself, or not without a person."""

    GATHERING = "gathering"
    LARGE_CHANGE = "large_change"
    RESOLVED = "resolved"
    CORRECTED = "corrected"
    IN_HAND = "in_hand"
    APPROVAL = "approval"
    SENT_BACK = "sent_back"
    REFUSED = "refused"


GOES_WITHIN = timedelta(minutes=2)
"""What goes by itself has gone this long after changes were gathered; what has not was refused."""


def why_untold(
    *, large_change: bool, resolved: bool, facts: bool, in_hand: str, waited: timedelta, gathered: timedelta
) -> Untold:
    """Why newcomers were not told. `facts`: what was told is not put right since; `in_hand` says who holds a first notice, empty
    where nobody does; `waited` is how long they are in, `gathered` how long changes are gathered.
    """
    if large_change:
        return Untold.LARGE_CHANGE
    if resolved:
        return Untold.RESOLVED
    if not facts:
        return Untold.CORRECTED
    if in_hand:
        return Untold(in_hand)
    return Untold.GATHERING if waited < gathered + GOES_WITHIN else Untold.REFUSED
