"""When our own people are briefed: no later than customers are told. Pure."""

from collections.abc import Collection

from tidings.incidents.rules.incident import ASIDE_PHASES


def briefs(phase: str, told_before: Collection[str], *, written: bool) -> bool:
    """Whether a briefing goes together with a message of this phase: with the first of each phase of the story, and whenever
    somebody wrote one. A later update alone brings our own people nothing that the incident's page does not show.
    """
    return phase not in ASIDE_PHASES and (written or phase not in told_before)
