"""What waits for somebody: each domain's deadlines and open questions as lines of one list."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tidings.home.queries.called import addresses, calls_in, policies, team_gaps
from tidings.home.queries.owed import all_clears, came_untold, law
from tidings.home.queries.waiting import Waiting
from tidings.incidents import queries as incidents
from tidings.incidents.queries import Filter as IncidentFilter
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging
from tidings.people import queries as people

MOST_WAITING = 200
_TO_APPROVE_AS = {
    "": "worklist.approve",
    "legal": "worklist.approve_legal",
    "management": "worklist.approve_management",
}


def worklist(actor: Actor, now: datetime) -> list[Waiting]:
    """What waits: first what this reader is asked to approve by name, then overdue ones and by deadline; what has none stands last."""
    waiting = [
        *_promises(actor, now),
        *calls_in(actor, now),
        *team_gaps(actor, now),
        *_tasks(actor, now),
        *_checks(actor, now),
        *_personal_promises(actor, now),
        *law(actor, now),
        *came_untold(actor, now),
        *all_clears(actor),
        *_below_floor(actor),
        *_undone(actor, now),
        *_held_changes(actor),
        *_late_languages(actor, now),
        *_approvals(actor, now),
        *_unanswered(actor, now),
        *_decided(actor),
        *_reviews(actor),
        *_more_rights(actor),
        *policies(actor),
        *addresses(actor),
        *_keys(actor),
    ]
    names = people.names_of(list({ref for one in waiting for ref in (one.owner, one.said_by) if ref}))
    named = [
        replace(one, owner=names.get(one.owner, ""), said_by=names.get(one.said_by, "")) for one in waiting
    ]
    return sorted(named, key=lambda one: (not _asked_me(one), one.due_by is None, one.due_by, one.thing))


def _promises(actor: Actor, now: datetime) -> list[Waiting]:
    if not actor.may("incident.read"):
        return []
    soonest = incidents.incidents(actor, IncidentFilter()).order_by(*incidents.SORTS["due"])
    found = list(soonest[:MOST_WAITING])
    places = incidents.place_names([one.place for one in found])
    lines = []
    for one in found:
        clock = incidents.clock(one, now)
        if clock is None:
            continue
        owner = str(one.owner_id or "")
        lines.append(
            Waiting(
                what=clock.word,
                thing=one.number,
                thing_kind=one.title or f"incident.kind.{one.kind}",
                place=places.get(one.place, one.place),
                severity=one.severity,
                due_by=clock.due_by,
                late=clock.late,
                owner=owner,
                mine=bool(owner) and owner == actor.ref,
                url=reverse("incidents:show", args=[one.number]),
            )
        )
    return lines


def _held_changes(actor: Actor) -> list[Waiting]:
    if not actor.may("incident.scope") or not actor.may("incident.read"):
        return []
    found = incidents.held_changes(actor, MOST_WAITING)
    return [
        Waiting(
            what="worklist.held_change",
            thing=one.incident.number,
            thing_kind=one.incident.title or f"incident.kind.{one.incident.kind}",
            severity=one.incident.severity,
            url=reverse("incidents:show", args=[one.incident.number]),
        )
        for one in found
    ]


def _below_floor(actor: Actor) -> list[Waiting]:
    """Incidents that somebody grades anew: goods were stolen since they were graded low."""
    if not actor.may("incident.grade") or not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.below_floor",
            thing=one.number,
            thing_kind=one.title or f"incident.kind.{one.kind}",
            severity=one.severity,
            due_by=one.first_notice_by if one.first_notice_at is None else None,
            url=reverse("incidents:grade", args=[one.number]),
        )
        for one in incidents.below_floor(actor, MOST_WAITING)
    ]


def _undone(actor: Actor, now: datetime) -> list[Waiting]:
    """What came back after an incident was closed, for who may send again or leave it at that."""
    if not actor.may("incident.close") or not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.undone",
            thing=one.incident.number,
            thing_kind=f"incident.phase.{one.phase}",
            severity=one.incident.severity,
            url=reverse("incidents:people", args=[one.incident.number, one.phase]),
        )
        for one in incidents.waiting_undone(actor, now, MOST_WAITING)
    ]


def _late_languages(actor: Actor, now: datetime) -> list[Waiting]:
    """Sent messages whose readers wait for a language, until they get their second one."""
    if not actor.may("message.write") or not actor.may("incident.read"):
        return []
    soonest = {one.message_id: one for one in reversed(incidents.languages_awaited(actor, now))}
    return [
        Waiting(
            what="worklist.late_language",
            thing=one.incident.number,
            thing_kind=f"incident.phase.{one.phase}",
            place="",
            severity=one.incident.severity,
            due_by=one.until,
            late=False,
            owner="",
            mine=False,
            url=f"{reverse('incidents:write', args=[one.incident.number, one.phase])}?completes={one.message_id}",
        )
        for one in soonest.values()
    ]


def _tasks(actor: Actor, now: datetime) -> list[Waiting]:
    if not actor.may("incident.read"):
        return []
    found = incidents.waiting_tasks(actor, now, limit=MOST_WAITING)
    return [
        Waiting(
            what="worklist.task",
            thing=one.task.incident.number,
            thing_kind=one.task.text,
            severity=one.task.incident.severity,
            due_by=one.task.due_by,
            late=one.late,
            owner=str(one.task.owner_id or ""),
            mine=one.mine,
            url=reverse("incidents:task", args=[one.task.incident.number, one.task.pk]),
        )
        for one in found
    ]


def _checks(actor: Actor, now: datetime) -> list[Waiting]:
    """Corrective measures that are done: did they work?"""
    if not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.check",
            thing=one.incident.number,
            thing_kind=one.text,
            url=reverse("incidents:task", args=[one.incident.number, one.pk]),
            severity=one.incident.severity,
            due_by=one.check_by,
            late=late,
        )
        for one, late in incidents.waiting_checks(actor, now, limit=MOST_WAITING)
    ]


def _personal_promises(actor: Actor, now: datetime) -> list[Waiting]:
    """What somebody promised to one customer."""
    if not actor.may("incident.read"):
        return []
    found = incidents.waiting_promises(actor, now, limit=MOST_WAITING)
    return [
        Waiting(
            what="worklist.promise",
            thing=one.promise.incident.number,
            thing_kind=one.promise.text,
            url=reverse("incidents:end_promise", args=[one.promise.incident.number, one.promise.pk]),
            place=one.customer,
            severity=one.promise.incident.severity,
            due_by=one.promise.due_by,
            late=one.stands == "late",
            owner=str(one.promise.owner_id or ""),
            mine=one.mine,
        )
        for one in found
    ]


def _asked_me(one: Waiting) -> bool:
    return one.mine and one.what in _TO_APPROVE_AS.values()


def _approvals(actor: Actor, now: datetime) -> list[Waiting]:
    if not actor.may("message.approve") or not actor.may("message.read"):
        return []
    found = list(messaging.waiting_messages(actor)[:MOST_WAITING])
    asked = messaging.asked_now(found)
    may = messaging.may_give(actor)
    lines = [(freeze, kind, ask) for freeze in found for kind, ask in asked[freeze.pk].items() if kind in may]
    return [
        Waiting(
            what=_TO_APPROVE_AS[kind],
            thing=freeze.message.about,
            thing_kind=f"incident.phase.{freeze.message.phase}",
            due_by=ask.answer_by if ask else freeze.due_by,
            late=bool(ask and ask.answer_by < now),
            owner=str(ask.person_id) if ask else "",
            mine=ask is not None and str(ask.person_id) == actor.ref,
            url=reverse("messaging:decide", args=[freeze.message_id]),
        )
        for freeze, kind, ask in lines
    ]


def _unanswered(actor: Actor, now: datetime) -> list[Waiting]:
    """What waits for an approval that nobody answered, for those who may send a holding notice."""
    if not actor.may("message.send") or not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.nobody_answered",
            thing=one.message.about,
            thing_kind=f"incident.phase.{one.message.phase}",
            due_by=one.due_by,
            late=bool(one.due_by and one.due_by < now),
            url=f"{reverse('incidents:show', args=[one.message.about])}?phase=holding#composer",
        )
        for one in messaging.without_an_answer(actor)
    ]


def _decided(actor: Actor) -> list[Waiting]:
    """What an approver decided about this reader's words: to be changed, or to be sent."""
    if not actor.may("message.write") or not actor.may("incident.read"):
        return []
    found = messaging.decided_for(actor)
    about = {one.message.about for one in found}
    seen = {one.number: one for one in incidents.incidents(actor).filter(number__in=about)}
    places = incidents.place_names([one.place for one in seen.values()])
    languages = messaging.languages_frozen([one.pk for one in found])
    of_incident: dict[str, dict[str, Any]] = {
        number: {
            "kind": one.title or f"incident.kind.{one.kind}",
            "place": places.get(one.place, one.place),
            "severity": one.severity,
        }
        for number, one in seen.items()
    }
    return [
        replace(
            _decided_line(one, messaging.ref_of(messaging.decided_by(one))),
            languages=languages[one.pk],
            owner=actor.ref,
            **of_incident.get(one.message.about, {}),
        )
        for one in found
    ]


def _decided_line(one: Any, by: str) -> Waiting:
    back = messaging.is_sent_back(one)
    return Waiting(
        what="worklist.sent_back" if back else "worklist.approved",
        thing=one.message.about,
        thing_kind=f"incident.phase.{one.message.phase}",
        said_by=by,
        reason=one.sent_back.reason if back else "",
        due_by=one.due_by,
        mine=True,
        url=_to_change(one) if back and one.message.phase != "holding" else _to_send(one),
    )


def _to_change(one: Any) -> str:
    """Where the words are changed."""
    completes = f"?completes={one.message.completes}" if one.message.completes else ""
    return reverse("incidents:write", args=[one.message.about, one.message.phase]) + completes


def _to_send(one: Any) -> str:
    """Where the message is sent."""
    page = reverse("incidents:show", args=[one.message.about])
    return f"{page}?phase={one.message.phase}{_beside(one.message.completes)}#composer"


def _beside(completes: UUID | None) -> str:
    return f"&completes={completes}" if completes else ""


def _reviews(actor: Actor) -> list[Waiting]:
    """Holding notices that went without an approver's yes: an approver looks at each afterwards."""
    if not actor.may("message.approve") or not actor.may("incident.read"):
        return []
    return [
        Waiting(
            what="worklist.review_holding",
            thing=one.incident.number,
            thing_kind="incident.phase.holding",
            severity=one.incident.severity,
            url=reverse("incidents:show", args=[one.incident.number]),
        )
        for one in incidents.to_review(actor)[:MOST_WAITING]
        if one.by != actor.ref
    ]


def _more_rights(actor: Actor) -> list[Waiting]:
    """What another administrator asked for somebody, and this one may confirm."""
    if not actor.may("staff.change"):
        return []
    asked = people.access_asked(actor)[:MOST_WAITING]
    return [
        Waiting(
            what="worklist.more_rights",
            thing=one.user.name,
            thing_kind="person",
            url=reverse("people:person", args=[one.user_id]),
        )
        for one in asked
        if actor.ref not in (one.asked_by, str(one.user_id))
    ]


def _keys(actor: Actor) -> list[Waiting]:
    """Keys for programs that another administrator made, and this one may confirm."""
    if not actor.may("key.change"):
        return []
    return [
        Waiting(
            what="worklist.key",
            thing=one.name,
            thing_kind="audit.thing.key",
            url=reverse("people:keys"),
        )
        for one in people.keys_to_confirm(actor)[:MOST_WAITING]
    ]
