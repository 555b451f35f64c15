"""Incidents that belong together: putting one under another, and merging one into another without telling anybody twice."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.carry import carry_owed
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.actions.scope import ask_later, save_question
from tidings.incidents.models import Incident, Scope, Sending, ShipmentEffect
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused

_FAMILIES = uuid5(UUID(int=0), "incidents: one family changes at a time")


def set_parent(
    actor: Actor, incident_id: UUID, parent_id: UUID | None, *, seen_version: int | None = None
) -> None:
    """Puts an incident under another (a storm closes nine hubs), or takes it out with None. Each keeps its own clocks.

    Raises Refused("incident.parent_below") when the other is itself, or stands below it; Refused("incident.not_open") for a
    parent that has ended; Conflict("incident.changed").
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        sql.one_at_a_time(_FAMILIES)
        first, *rest = sorted(one for one in (incident_id, parent_id) if one)
        held = {first: locked(actor, first, seen_version if first == incident_id else None)}
        held |= {one: locked(actor, one, seen_version if one == incident_id else None) for one in rest}
        incident, parent = held[incident_id], held[parent_id] if parent_id else None
        if incident.parent_id == parent_id:
            return
        if parent is not None:
            if queries.stands_above(incident, parent):
                raise Refused("incident.parent_below", number=incident.number, other=parent.number)
            if not parent.is_open:
                raise Refused("incident.not_open", number=parent.number, state=parent.state)
        incident.parent = parent
        changed(actor, incident, at, "parent")
        told(actor, incident, at, "parent_set", {"other": parent.number if parent else ""})
        if parent is not None:
            told(actor, parent, at, "child_came", {"other": incident.number})


def carry_into(actor: Actor, incident: Incident, target: Incident, at: datetime) -> None:
    """What becomes of everything of a merged incident: both are locked, inside the caller's transaction.

    Its question is asked by the target from now on, its affected and what they were told stay, its promise and its first
    notice's deadline stay owed by the target. What customers may choose and chose, what they were promised, the law's clocks, open
    tasks, people's additions and removals, and the incidents below it go along. What it had not sent is left.
    """
    groups = dict.fromkeys(_question(target).groups + _question(incident).groups)
    if len(groups) > rules.MOST_GROUPS:
        raise Refused("incident.question_too_long")
    save_question(actor, target, at, rules.Question(tuple(groups)))
    ask_later(target.pk)
    ShipmentEffect.objects.filter(incident=incident).update(incident=target)
    carry_owed(actor, incident, target, at)
    sql.carry_over(incident.pk, target.pk)
    Incident.objects.filter(parent=incident).update(parent=target)
    Sending.objects.filter(incident=incident, sent_at__isnull=True, left_at__isnull=True).update(left_at=at)
    owed = [one for one in (target.next_update_by, incident.next_update_by) if one]
    target.next_update_by = min(owed) if owed else None
    phases = (target.next_phase, incident.next_phase)
    target.next_phase = rules.Phase.UPDATE.value if rules.Phase.UPDATE in phases else phases[0] or phases[1]
    if incident.first_notice_at is None:
        target.first_notice_by = min(target.first_notice_by, incident.first_notice_by)
    changed(actor, target, at, "next_update_by", "next_phase", "first_notice_by")
    told(actor, target, at, "merged_in", {"other": incident.number})


def _question(incident: Incident) -> rules.Question:
    return rules.question_from(Scope.objects.filter(incident=incident).latest("version").question)
