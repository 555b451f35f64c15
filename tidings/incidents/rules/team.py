"""The rules of an emergency team: who is proposed for each department, how a call stands, and who is called next. Pure.

Marketing leads and customer service is the deputy (mission A6); a firm calls in whom its policy names.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tidings.people.rules import DEPARTMENTS, OnCall

LEADS = "marketing"
DEPUTY = "customer_service"


class TeamRole(StrEnum):
    """As what somebody is in a team: who coordinates, who stands in, or one of a department."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"


class Answer(StrEnum):
    """What somebody who was called in says."""

    COMING = "coming"
    CANNOT = "cannot"


class Stands(StrEnum):
    """How a call stands: without an answer in time or out of it, or by what was answered."""

    WAITING = "waiting"
    LATE = "late"
    COMING = "coming"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Who would be called in for a department; nobody where the roster has none."""

    department: str
    role: TeamRole
    person: UUID | None


def role_of(department: str) -> TeamRole:
    """As what the people of a department come."""
    return {LEADS: TeamRole.LEADER, DEPUTY: TeamRole.DEPUTY}.get(department, TeamRole.MEMBER)


def proposed(
    departments: Iterable[str], on_duty: Mapping[str, OnCall], called: Collection[str]
) -> list[Proposed]:
    """The calls still to be made: of the departments of a policy those not `called` yet, leader and deputy first."""
    wanted = [one for one in (LEADS, DEPUTY, *DEPARTMENTS) if one in set(departments) - set(called)]
    return [
        Proposed(one, role_of(one), on_duty[one].person if one in on_duty else None)
        for one in dict.fromkeys(wanted)
    ]


def stands(answer: str, answer_by: datetime, now: datetime) -> Stands:
    """How one call stands at a moment."""
    if answer:
        return Stands(answer)
    return Stands.LATE if now >= answer_by else Stands.WAITING


def is_gap(calls: Collection[Stands]) -> bool:
    """Whether a department that was called has nobody who comes, and nobody who still has time to answer."""
    return bool(calls) and not {Stands.COMING, Stands.WAITING} & set(calls)


def next_in(on_duty: OnCall | None, called: Collection[UUID]) -> UUID | None:
    """Who of a department is called after one who did not answer or cannot come: who is on duty now, or who stands in."""
    if on_duty is None:
        return None
    return next((one for one in (on_duty.person, on_duty.deputy) if one and one not in called), None)
