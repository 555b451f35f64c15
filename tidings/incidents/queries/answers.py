"""What customers ask about an incident and what we answer, with its facts; and which of it a customer may read."""

from collections.abc import Mapping
from datetime import datetime

from tidings.incidents import rules
from tidings.incidents.models import Incident
from tidings.incidents.queries.known import place_name, promised_for
from tidings.incidents.queries.team import hotline
from tidings.messaging import queries as messaging
from tidings.messaging.queries import Answered


def answers_to(
    incident: Incident,
    language: str,
    time_zone: str,
    now: datetime,
    *,
    kind: str = "",
    next_by: datetime | None = None,
    only_public: bool = False,
) -> list[Answered]:
    """The questions of this incident's kind, or of the `kind` that its reader was told, in the phase it is in. `next_by` is when this
    reader hears next, where that is known of them alone.
    """
    phase = rules.phase_asked_about(incident.state, told=incident.first_notice_at is not None)
    found = messaging.answers(kind or incident.kind, phase, only_public=only_public)
    promised = next_by or promised_for(incident)
    facts = _facts(incident, promised if promised and promised > now else None)
    return messaging.answered(found, language, facts, time_zone, now)


def _facts(incident: Incident, promised: datetime | None) -> Mapping[str, str]:
    facts = {
        "place": place_name(incident.place),
        "reference": incident.number,
        "began_at": incident.window_from.isoformat(),
    }
    own = hotline(incident)
    if own:
        facts["phone"] = own.number
    if promised:
        facts["next_by"] = promised.isoformat()
    return facts


def side_by_side(ours: list[Answered], theirs: list[Answered]) -> list[tuple[Answered, Answered | None]]:
    """Each answer in the language of whoever speaks, beside the customer's where that is another."""
    by_code = {one.code: one for one in theirs}
    return [
        (one, other if (other := by_code.get(one.code)) and other.language != one.language else None)
        for one in ours
    ]
