"""Reads of what customers said once it was over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tidings.customers.queries import customer_names, objects_to
from tidings.incidents.models import Incident, SurveyAnswer
from tidings.incidents.queries.own_page import OwnLink
from tidings.incidents.rules.survey import Marked, is_asked, marked


@dataclass(frozen=True, slots=True)
class Said:
    """What one customer wrote, with both marks."""

    name: str
    informed: int
    solved: int
    words: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Survey:
    """What customers said of one incident: the marks of both questions, and the words of who wrote some, newest first."""

    informed: Marked
    solved: Marked
    said: Sequence[Said]


def survey(incident: Incident) -> Survey:
    """What customers said. The caller sees the incident."""
    answers = list(SurveyAnswer.objects.filter(incident=incident).order_by("-at"))
    names = customer_names([one.customer_id for one in answers if one.words])
    said = [
        Said(names.get(one.customer_id, ""), one.informed, one.solved, one.words, one.language, one.at)
        for one in answers
        if one.words
    ]
    return Survey(marked([one.informed for one in answers]), marked([one.solved for one in answers]), said)


def own_survey(link: OwnLink) -> tuple[bool, SurveyAnswer | None]:
    """Whether this reader is asked how we did, and what they said."""
    heard = {one.phase for one in link.heard}
    if not is_asked(heard, drill=link.incident.drill, objected=objects_to(link.contact_id, "survey")):
        return False, None
    mine = SurveyAnswer.objects.filter(incident=link.incident, contact_id=link.contact_id).first()
    return True, mine
