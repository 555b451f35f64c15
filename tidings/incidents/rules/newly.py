"""What somebody hears who came in after others were told: what a first notice must hold, with the newest that was told since. Pure."""

from collections.abc import Iterable, Mapping

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
