"""The question of who is affected, as it is saved: groups of terms, any of which may find a shipment. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tidings.shipments.rules import OF_CUSTOMERS, Group, Role, Term, TermKind, finds_customers

MOST_GROUPS, MOST_TERMS, MOST_VALUES = 10, 10, 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """Which shipments, or customers without any, are affected: those that fulfil all terms of any group, within its window."""

    groups: tuple[Group, ...]

    def as_json(self) -> dict[str, Any]:
        """The saved form; `question_from` reads it back."""
        return {"groups": [_group_as_json(group) for group in self.groups]}


def at_place(place: str, from_at: datetime, until_at: datetime | None = None) -> Question:
    """The question of a report: one place within one window."""
    return Question((Group((Term(TermKind.PLACE, (place,)),), from_at, until_at),))


USERS_BY_KIND: Mapping[str, tuple[str, ...]] = {"system_outage": ("portal", "link")}
"""The services whose users such an incident touches, whether or not goods of theirs are moving."""


def proposed(
    kind: str,
    place: str,
    from_at: datetime,
    until_at: datetime | None = None,
    *,
    users: Sequence[str] = (),
    pickups: Sequence[str] = (),
) -> Question:
    """The question of a report of this kind: its place, and the users of what such an incident takes away. `users` are further
    services of whose users the report speaks, `pickups` places whose standing pick-ups it does.
    """
    services = tuple(dict.fromkeys((*USERS_BY_KIND.get(kind, ()), *users)))
    more = [Term(TermKind.USERS, services)] if services else []
    more += [Term(TermKind.PICKUPS, tuple(pickups))] if pickups else []
    groups = tuple(Group((term,), from_at, until_at) for term in more)
    return Question((*at_place(place, from_at, until_at).groups, *groups))


def question_from(saved: Mapping[str, Any]) -> Question:
    """The question that was saved; of the first form, which knew places alone, each is a group of its own."""
    if "any" in saved:
        groups = [
            Group((Term(TermKind.PLACE, (one["place"],)),), _moment(one["from"]), _until(one["until"]))
            for one in saved["any"]
        ]
        return Question(tuple(groups))
    return Question(
        tuple(
            Group(tuple(_term(one) for one in group["all"]), _moment(group["from"]), _until(group["until"]))
            for group in saved["groups"]
        )
    )


def fault_of(question: Question) -> str | None:
    """The code of what keeps a question from being asked, or None."""
    if not question.groups or not all(group.terms for group in question.groups):
        return "incident.question_empty"
    if len(question.groups) > MOST_GROUPS or any(len(group.terms) > MOST_TERMS for group in question.groups):
        return "incident.question_too_long"
    for group in question.groups:
        if group.until_at and group.until_at <= group.from_at:
            return "incident.window_backwards"
        if finds_customers(group) and not {term.kind for term in group.terms} <= {
            *OF_CUSTOMERS,
            TermKind.CLIENT,
        }:
            return "incident.term_mixed"
    for term in (term for group in question.groups for term in group.terms):
        if not term.values or (term.kind is TermKind.LANE and not term.to):
            return "incident.term_empty"
        if len(term.values) > MOST_VALUES:
            return "incident.question_too_long"
        if not set(term.roles) <= set(Role):
            return "incident.role_unknown"
    return None


def _group_as_json(group: Group) -> dict[str, Any]:
    return {
        "from": group.from_at.isoformat(),
        "until": group.until_at.isoformat() if group.until_at else None,
        "all": [_term_as_json(term) for term in group.terms],
    }


def _term_as_json(term: Term) -> dict[str, Any]:
    more = {"to": list(term.to), "day": term.day.isoformat() if term.day else None, "roles": list(term.roles)}
    return {
        "kind": term.kind.value,
        "values": list(term.values),
        **{name: value for name, value in more.items() if value},
    }


def _term(saved: Mapping[str, Any]) -> Term:
    return Term(
        TermKind(saved["kind"]),
        tuple(saved["values"]),
        tuple(saved.get("to", ())),
        date.fromisoformat(saved["day"]) if saved.get("day") else None,
        tuple(saved.get("roles", ())),
    )


def _moment(saved: str) -> datetime:
    return datetime.fromisoformat(saved)


def _until(saved: str | None) -> datetime | None:
    return datetime.fromisoformat(saved) if saved else None
