"""Keeping the scope true as shipments change: the feed's shipments are asked about, never everything; nothing is sent by itself."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.actions.scope import ask, ask_later, with_customers
from tidings.incidents.models import HeldChange, Incident, Scope, TimelineLine
from tidings.incidents.sql import Found
from tidings.kernel import audit, feed
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.shipments.audience import Family, family_of

TOPIC = "shipments"
AT_ONCE = 2_000
"""More changed shipments than this at a time, and asking the whole question once costs less than asking for each."""
ONE_LINE_FOR = timedelta(hours=1)
"""What came and went by itself within this is one line of the timeline, not one for every few seconds."""


def follow_shipments(actor: Actor, at_once: int = AT_ONCE) -> int:
    """Takes what changed off the feed and asks every open incident about it, in one transaction; how many it took.

    With no incident open they are dropped unread. Of a large change the open incidents are asked whole, each by a job of its own.
    """
    actor.require("incident.scope")
    at = now()
    with transaction.atomic():
        following = list(_open().order_by("pk").values_list("pk", flat=True))
        if not following:
            return feed.drop(TOPIC)
        changed = feed.take(TOPIC, at_once)
        if len(changed) >= at_once:
            dropped = feed.drop(TOPIC)
            for incident_id in following:
                ask_later(incident_id)
            return len(changed) + dropped
        if changed:
            family = family_of(changed)
            for incident in _open().filter(pk__in=following).select_for_update().order_by("pk"):
                _ask_alone(actor, incident, at, family)
        return len(changed)


def _ask_alone(actor: Actor, incident: Incident, at: datetime, family: Family) -> None:
    """An incident whose place is not known any more holds up none but itself: its own job meets that again, and tells it."""
    try:
        with transaction.atomic():
            _ask(actor, incident, at, family)
    except Missing:
        ask_later(incident.pk)


def ask_whole(actor: Actor, incident_id: UUID) -> None:
    """Puts the whole question of one incident again; of one that is no longer open nothing is asked."""
    actor.require("incident.scope")
    at = now()
    with transaction.atomic():
        incident = _open().select_for_update().filter(pk=incident_id).first()
        if incident is not None:
            _ask(actor, incident, at, None)


def ask_all_whole() -> None:
    """Has the whole question of every open incident put again: what no change of a shipment tells, such as a client's new team."""
    with transaction.atomic():
        for incident_id in _open().order_by("pk").values_list("pk", flat=True):
            ask_later(incident_id)


def _open() -> QuerySet[Incident]:
    return Incident.objects.filter(state__in=sorted(rules.OPEN_STATES))


class _Braked(Exception):
    """A change by itself that is too large to be written without a person."""

    def __init__(self, came: int, went: int, told_went: int) -> None:
        super().__init__(came, went, told_went)
        self.came, self.went, self.told_went = came, went, told_went


def _ask(actor: Actor, incident: Incident, at: datetime, moved: Family | None) -> None:
    """The version stays: nobody's form is about this, and every few seconds would make each of them late. While a change
    waits for a person nothing is asked: letting it go asks everything.
    """
    if HeldChange.objects.filter(incident=incident, ended_at__isnull=True).exists():
        return
    scope = Scope.objects.filter(incident_id=incident.pk).latest("version")
    try:
        with transaction.atomic():
            question = rules.question_from(scope.question)
            found = sql.write_affected(incident.pk, question, at=at, since=None, only=moved, counted=False)
            if moved is None:
                found = with_customers(actor, incident, at, question, found)
            if found.changed:
                _brake(incident, scope, at)
    except _Braked as change:
        _hold(actor, incident, at, change)
        return
    if moved is None:
        scope.asked_at = at
        scope.save(update_fields=["asked_at"])
    if found.came or found.went:
        _note(actor, incident, at, found)


def _brake(incident: Incident, scope: Scope, at: datetime) -> None:
    """Raises when too many came or went by themselves within the time in which changes are gathered, once somebody was told."""
    if incident.first_notice_at is None:
        return
    brake = queries.strictest_policy(incident).brake
    let_go = HeldChange.objects.filter(incident=incident).aggregate(last=Max("ended_at"))["last"]
    by_people = [moment for moment in (incident.first_notice_at, scope.at, let_go) if moment]
    came, went, told_went, now_affected = sql.changed_since(incident.pk, max(at - brake.gathered, *by_people))
    if rules.is_braked(brake, came, went, now_affected - came + went):
        raise _Braked(came, went, told_went)


def _hold(actor: Actor, incident: Incident, at: datetime, change: _Braked) -> None:
    facts: dict[str, object] = {"came": change.came, "went": change.went}
    HeldChange(
        incident=incident,
        came=change.came,
        went=change.went,
        told_went=change.told_went,
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)
    told(actor, incident, at, "change_held", facts)


def let_change_go(actor: Actor, incident_id: UUID) -> Found:
    """A person's yes to the change that waits: everything is asked as it stands now. Raises Refused("incident.nothing_held")."""
    actor.require("incident.scope")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        if not HeldChange.objects.filter(incident=incident, ended_at__isnull=True).exists():
            raise Refused("incident.nothing_held")
        told(actor, incident, at, "change_let_go")
        found = ask(actor, incident, at)
        changed(actor, incident, at)
    return found


def _note(actor: Actor, incident: Incident, at: datetime, found: Found) -> None:
    facts: dict[str, object] = {"came": found.came, "went": found.went}
    last = TimelineLine.objects.filter(incident=incident).order_by("-at", "-id").first()
    if last is None or last.code != "followed" or at - last.at > ONE_LINE_FOR:
        told(actor, incident, at, "followed", facts)
        return
    last.facts = {
        name: last.facts[name] + count for name, count in (("came", found.came), ("went", found.went))
    }
    last.save(update_fields=["facts"])
    audit.record(actor, "incident.followed", "incident", incident.pk, facts)
