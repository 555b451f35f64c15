"""Tables of incidents: `incident` what is known, who is affected, how it was graded and what was said; one file per ability."""

from tidings.incidents.models.choice import Choice, Offer
from tidings.incidents.models.corrected import Misreported
from tidings.incidents.models.grading import GradingAsk, GradingRule
from tidings.incidents.models.here import Presence
from tidings.incidents.models.incident import (
    Affected,
    ClientWord,
    EffectGiven,
    GradeChange,
    Happening,
    HoldingReview,
    Incident,
    OwnKind,
    Scope,
    Sending,
    StateChange,
    TimelineLine,
)
from tidings.incidents.models.opened import OpenedAsk, OpenedCell
from tidings.incidents.models.owed import LegalNotice, PersonalPromise
from tidings.incidents.models.policies import PolicyAsk, PolicyVersion
from tidings.incidents.models.reminders import Reminder
from tidings.incidents.models.review import Review, Unreachable
from tidings.incidents.models.scope import HandPick, HeldChange, ShipmentEffect
from tidings.incidents.models.survey import SurveyAnswer
from tidings.incidents.models.tasks import Task
from tidings.incidents.models.team import Hotline, TeamMember

__all__ = [
    "Affected",
    "Choice",
    "ClientWord",
    "EffectGiven",
    "GradeChange",
    "GradingAsk",
    "GradingRule",
    "HandPick",
    "Happening",
    "HeldChange",
    "HoldingReview",
    "Hotline",
    "Incident",
    "LegalNotice",
    "Misreported",
    "Offer",
    "OpenedAsk",
    "OpenedCell",
    "OwnKind",
    "PersonalPromise",
    "PolicyAsk",
    "PolicyVersion",
    "Presence",
    "Reminder",
    "Review",
    "Scope",
    "Sending",
    "ShipmentEffect",
    "StateChange",
    "SurveyAnswer",
    "Task",
    "TeamMember",
    "TimelineLine",
    "Unreachable",
]
