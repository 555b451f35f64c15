"""What each role may do, and what a unit covers. Pure. An ability is `<thing>.<verb>`; a role is a set of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The roles of the staff. A person may hold several."""

    AGENT = "agent"
    SHIFT_LEAD = "shift_lead"
    DISPATCHER = "dispatcher"
    COMMUNICATOR = "communicator"
    TRANSLATOR = "translator"
    APPROVER = "approver"
    LEGAL_APPROVER = "legal_approver"
    MANAGEMENT_APPROVER = "management_approver"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


class UnitKind(StrEnum):
    """Where a person belongs. Headquarters sees every unit; another unit sees itself and what is below it."""

    HEADQUARTERS = "headquarters"
    REGION = "region"
    BRANCH = "branch"
    FRANCHISE = "franchise"
    PARTNER = "partner"
    CLIENT_TEAM = "client_team"


READING = frozenset(
    {
        "shipment.read",
        "customer.read",
        "incident.read",
        "message.read",
        "arrival.read",
        "import.read",
        "roster.read",
    }
)
_AGENT = READING | {
    "shipment.note",
    "contact.change",
    "incident.report",
    "call.take",
    "message.confirm",
    "arrival.handle",
}
_COMMUNICATOR = READING | {"message.write", "message.translate", "message.preview", "text.change"}
_DISPATCHER = (
    _AGENT
    | _COMMUNICATOR
    | {
        "incident.open",
        "incident.assess",
        "incident.grade",
        "incident.scope",
        "incident.task",
        "incident.resolve",
        "incident.close",
        "message.send",
        "message.stop",
        "message.hold",
        "shipment.change",
        "shipment.import",
        "customer.import",
        "profile.change",
    }
)
_EITHER_APPROVER = READING | {"message.approve", "message.preview"}
_LEGAL = _EITHER_APPROVER | {"message.approve_legal"}
_MANAGEMENT = _EITHER_APPROVER | {"message.approve_management"}
_MANAGER = _DISPATCHER | {
    "message.approve",
    "message.approve_management",
    "staff.read",
    "audit.read",
    "report.read",
    "installation.read",
    "roster.change",
}
_FINANCE = READING | {"report.read"}
_ADMINISTRATOR = READING | {
    "staff.read",
    "staff.invite",
    "staff.change",
    "staff.end",
    "unit.change",
    "roster.change",
    "installation.read",
    "installation.change",
    "relay.change",
    "door.change",
    "catcher.read",
    "job.read",
    "job.change",
    "audit.read",
    "customer.change",
    "customer.import",
    "shipment.import",
    "profile.change",
    "policy.change",
    "policy.ask",
    "text.change",
    "backup.make",
    "key.read",
    "key.change",
}
_AUDITOR = READING | {
    "key.read",
    "audit.read",
    "staff.read",
    "report.read",
    "installation.read",
    "catcher.read",
    "job.read",
}

ABILITIES: Mapping[Role, frozenset[str]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.SHIFT_LEAD: frozenset(
        _AGENT | {"incident.open", "incident.task", "staff.read", "report.read", "roster.change"}
    ),
    Role.DISPATCHER: frozenset(_DISPATCHER),
    Role.COMMUNICATOR: frozenset(_COMMUNICATOR),
    Role.TRANSLATOR: frozenset(READING | {"message.translate", "message.preview"}),
    Role.APPROVER: frozenset(_LEGAL | _MANAGEMENT),
    Role.LEGAL_APPROVER: frozenset(_LEGAL),
    Role.MANAGEMENT_APPROVER: frozenset(_MANAGEMENT),
    Role.MANAGER: frozenset(_MANAGER),
    Role.FINANCE: frozenset(_FINANCE),
    Role.ADMINISTRATOR: frozenset(_ADMINISTRATOR),
    Role.AUDITOR: frozenset(_AUDITOR),
    Role.INTEGRATION: frozenset(
        (READING - {"roster.read"})
        | {"shipment.import", "customer.import", "incident.report", "arrival.bring"}
    ),
}
EVERY_ABILITY = frozenset[str]().union(*ABILITIES.values())

WHOLE_FIRM = frozenset(
    {
        "installation.change",
        "relay.change",
        "door.change",
        "policy.change",
        "policy.ask",
        "text.change",
        "catcher.read",
        "audit.read",
        "job.read",
        "job.change",
        "backup.make",
    }
)
"""What touches every unit: given only to those who see every unit, whatever their role."""

APPROVES_AS: Mapping[str, str] = {
    "": "message.approve",
    "legal": "message.approve_legal",
    "management": "message.approve_management",
}
"""The ability that each kind of approval asks for; the empty kind is whichever of them."""
APPROVING = frozenset(APPROVES_AS.values())
"""Given only by a person who signed in as themselves: never to a command, a key or the system."""

NEEDS_SECOND_FACTOR = APPROVING | {
    "staff.invite",
    "staff.change",
    "staff.end",
    "unit.change",
    "installation.change",
    "relay.change",
    "policy.change",
    "backup.make",
    "key.change",
}
"""What a stolen password alone must never be enough for. In the demo state this is waived, and shown in red."""

FOR_KEYS = (READING - {"roster.read"}) | {
    "shipment.import",
    "shipment.change",
    "shipment.note",
    "customer.import",
    "contact.change",
    "incident.report",
    "incident.open",
    "incident.assess",
    "incident.grade",
    "incident.scope",
    "incident.task",
    "incident.resolve",
    "incident.close",
    "message.write",
    "message.translate",
    "message.preview",
    "message.send",
    "message.stop",
    "message.hold",
    "policy.ask",
    "text.change",
    "call.take",
    "message.confirm",
    "arrival.bring",
}
"""What the key of a program may be given: written out, so that a new ability is not given to programs by itself. Never
approving, never the staff, never how the installation runs."""


def abilities_of(
    roles: Iterable[str], *, second_factor: bool, demo: bool, whole_firm: bool = True
) -> frozenset[str]:
    """What somebody who holds `roles` may do now. A role that no longer exists gives nothing."""
    known = {role.value: role for role in Role}
    held = frozenset[str]().union(*(ABILITIES[known[role]] for role in roles if role in known))
    if not whole_firm:
        held -= WHOLE_FIRM
    return held if second_factor or demo else held - NEEDS_SECOND_FACTOR


def held_back(roles: Iterable[str], *, second_factor: bool, demo: bool) -> bool:
    """Whether a missing second factor keeps somebody from what their roles would give."""
    full = abilities_of(roles, second_factor=True, demo=demo)
    return full != abilities_of(roles, second_factor=second_factor, demo=demo)


def loosens(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether a change of roles gives an ability that was not held before."""
    old = abilities_of(before, second_factor=True, demo=False)
    return not abilities_of(after, second_factor=True, demo=False) <= old


def needs_second_person(
    before: Iterable[str], after: Iterable[str], *, others: int, demo: bool, wider: bool = False
) -> bool:
    """Whether a change of access waits for a second administrator.

    It does when it gives more than was held, or `wider`, units that were not seen, and `others` (administrators who could
    confirm it: not the asker, not the person concerned) is not nought. A demo has one person at its keyboard.
    """
    return (wider or loosens(before, after)) and others > 0 and not demo


def key_gives_more(scopes: Iterable[str], held: frozenset[str]) -> bool:
    """Whether a key with `scopes` may do something that its maker, who holds `held`, may not."""
    return not frozenset(scopes) <= held


def sees_more(before: frozenset[UUID] | None, after: frozenset[UUID] | None) -> bool:
    """Whether `after` holds a unit that `before` does not; None is every unit."""
    return before is not None and (after is None or not after <= before)


def units_seen(
    unit: UUID | None, kind: str | None, parents: Mapping[UUID, UUID | None]
) -> frozenset[UUID] | None:
    """The units whose things somebody of `unit` sees: None is every unit (headquarters), empty is none.

    `parents` gives each unit's parent. A circle in it, which the database should refuse, ends the walk.
    """
    if unit is None:
        return frozenset()
    if kind == UnitKind.HEADQUARTERS:
        return None
    seen = {unit}
    grew = True
    while grew:
        below = {child for child, parent in parents.items() if parent in seen} - seen
        seen |= below
        grew = bool(below)
    return frozenset(seen)


ON_CALL = (Role.APPROVER, Role.DISPATCHER, Role.COMMUNICATOR, Role.SHIFT_LEAD, Role.MANAGER, Role.AGENT)
"""The roles that a roster has shifts for."""


def may_be_on_call(role: str, held: Iterable[str]) -> bool:
    """Whether somebody who holds these roles may be on call in `role`: it is one of them, or, to approve, they may do that. For a
    department anybody may who can open incidents.
    """
    roles = set(held)
    if role.startswith(DUTY):
        return "incident.read" in abilities_of(roles, second_factor=True, demo=False)
    may = abilities_of(roles, second_factor=True, demo=False)
    return role in roles or (role == Role.APPROVER and bool(may & APPROVING))


DEPARTMENTS: tuple[str, ...] = (
    "operations",
    "customer_service",
    "it",
    "legal",
    "marketing",
    "couriers",
    "finance",
    "branches",
)
"""The departments known from the start, which give people to an emergency team (mission A5, A6)."""
DUTY = "department."
ON_DUTY = (*ON_CALL, *(f"{DUTY}{code}" for code in DEPARTMENTS))
"""What a roster has shifts for: roles, and departments that can be called in."""

APPROVERS = (Role.APPROVER, Role.LEGAL_APPROVER, Role.MANAGEMENT_APPROVER)
"""Whose own work approving is."""
MOST_ASKED = 3
"""Approver, deputy, next: at a quarter of the time left each, nearly half of it is then still there for a holding notice."""


class AskedAs(StrEnum):
    """As what somebody is asked to approve: on call, in the place of who is, or because nobody of those answered."""

    APPROVER = "approver"
    DEPUTY = "deputy"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call as approver of a unit at a moment, since when, and who stands in."""

    person: UUID
    deputy: UUID | None
    unit: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class MayBeAsked:
    """Somebody with an open account who could approve this. `approver` says that it is their own role, not a manager's too."""

    person: UUID
    unit: UUID | None
    approver: bool


def units_asked(
    unit: UUID | None, parents: Mapping[UUID, UUID | None], headquarters: Iterable[UUID]
) -> tuple[UUID, ...]:
    """Whose people are asked about a thing of `unit`, nearest first: its own, those above it, headquarters'."""
    found: list[UUID] = []
    while unit is not None and unit not in found:
        found.append(unit)
        unit = parents.get(unit)
    return tuple(dict.fromkeys((*found, *headquarters)))


def asking_order(
    on_call: Iterable[OnCall],
    able: Iterable[MayBeAsked],
    *,
    units: Sequence[UUID],
    barred: frozenset[UUID] = frozenset(),
) -> tuple[tuple[UUID, AskedAs], ...]:
    """Who is asked for an approval, one after the other: on call in the nearest unit and the deputy, then the next unit's, then
    whoever else may, approvers before managers. At most MOST_ASKED; never somebody `barred`, such as the author, and
    nobody who is not `able`.
    """
    near = {unit: place for place, unit in enumerate(units)}
    may = {one.person: one for one in able if one.person not in barred}
    shifts = sorted((one for one in on_call if one.unit in near), key=lambda one: (near[one.unit], one.since))
    order: dict[UUID, AskedAs] = {}
    for place, shift in enumerate(shifts):
        order.setdefault(shift.person, AskedAs.NEXT if place else AskedAs.APPROVER)
        if shift.deputy is not None:
            order.setdefault(shift.deputy, AskedAs.NEXT if place else AskedAs.DEPUTY)

    def nearest(one: MayBeAsked) -> tuple[int, bool, str]:
        return near.get(one.unit, len(near)) if one.unit else len(near), not one.approver, str(one.person)

    for one in sorted(may.values(), key=nearest):
        order.setdefault(one.person, AskedAs.NEXT)
    asked = [(person, step) for person, step in order.items() if person in may]
    return tuple(asked[:MOST_ASKED])
