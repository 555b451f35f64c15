"""Reads of whom the messages so far do not fit: newcomers with their clock and why nobody told them, and who waits for an all-clear."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, EffectGiven, HeldChange, Incident, ShipmentEffect
from tidings.incidents.queries.corrected import counted_from
from tidings.incidents.queries.known import strictest_policy, visible
from tidings.incidents.queries.newly import in_whose_hand, latest_facts
from tidings.incidents.queries.telling import unsent
from tidings.incidents.rules.newly import Untold, why_untold
from tidings.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Customers of one incident who came in and were not told: how many, by when the first of them is due, and why not yet."""

    incident: Incident
    customers: int
    due_by: datetime
    late: bool
    why: Untold

    @property
    def word(self) -> str:
        """The code of the sentence why they are not told yet."""
        return f"incident.newly.{self.why}"


@dataclass(frozen=True, slots=True)
class ToClear:
    """How many customers of one incident were told and are affected no more: their all-clear waits for a person."""

    incident: Incident
    customers: int


def newcomers(actor: Actor, now: datetime) -> list[Newcomers]:
    """Of every open incident that `actor` sees, the most urgent first."""
    seen = {one.pk: one for one in _told(actor)}
    found = [newcomers_of(actor, seen[pk], now) for pk in sql.with_untold(list(seen))]
    return sorted((one for one in found if one), key=lambda one: (one.due_by, one.incident.number))


def late_newcomers(actor: Actor, now: datetime) -> int:
    """In how many of these incidents their time has passed: for the rail of every page, without the reason why."""
    seen = {one.pk: one for one in _told(actor)}
    return sum(_late(actor, seen[pk], now) for pk in sql.with_untold(list(seen), now))


def _late(actor: Actor, incident: Incident, now: datetime) -> bool:
    _customers, since, _found_at = sql.untold(incident.pk, actor.units, now)
    return since is not None and _due_by(incident, since) < now


def _due_by(incident: Incident, since: datetime) -> datetime:
    return max(since, counted_from(incident)) + strictest_policy(incident).first_notice_within


def newcomers_of(actor: Actor, incident: Incident, now: datetime) -> Newcomers | None:
    """Those of one incident; None where everybody was told, or nobody yet."""
    if not incident.is_open or incident.first_notice_at is None:
        return None
    customers, since, found_at = sql.untold(incident.pk, actor.units, now)
    if since is None or found_at is None:
        return None
    due_by = _due_by(incident, since)
    return Newcomers(incident, customers, due_by, due_by < now, _why(incident, found_at, now))


def _why(incident: Incident, found_at: datetime, now: datetime) -> Untold:
    facts = latest_facts(incident)
    return why_untold(
        large_change=HeldChange.objects.filter(incident=incident, ended_at=None).exists(),
        resolved=incident.state == rules.State.RESOLVED,
        facts=facts is not None,
        in_hand=in_whose_hand(unsent(incident, rules.Phase.FIRST_NOTICE), facts or {}),
        waited=now - found_at,
        gathered=strictest_policy(incident).brake.gathered,
    )


def to_clear(actor: Actor) -> list[ToClear]:
    """Of every open incident that `actor` sees, by number."""
    told = Q(told_at__isnull=False) | Q(held_at__isnull=False)
    left = Affected.objects.filter(told, incident=OuterRef("pk"), gone_at__isnull=False)
    after_all = [
        Exists(model.objects.filter(incident=OuterRef("pk"), effect=rules.Effect.UNAFFECTED))
        for model in (EffectGiven, ShipmentEffect)
    ]
    found = _told(actor).filter(Exists(left) | after_all[0] | after_all[1]).order_by("number")
    counted = [ToClear(one, sql.to_clear(one.pk, actor.units)) for one in found]
    return [one for one in counted if one.customers]


def _told(actor: Actor) -> QuerySet[Incident]:
    return visible(actor).filter(state__in=sorted(rules.OPEN_STATES), first_notice_at__isnull=False)
