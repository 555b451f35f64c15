"""Reads for the end of an incident: what still keeps it from being closed, its review, which measures wait for their check."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from tidings.incidents import rules, sql
from tidings.incidents.models import Incident, Review, Task, Unreachable
from tidings.incidents.queries.known import is_settled, visible
from tidings.incidents.queries.policies import policies
from tidings.incidents.queries.telling import lacking_phase
from tidings.kernel.actor import Actor


def missing_for_closing(
    incident: Incident, now: datetime, lacking: Mapping[str, int] | None = None
) -> list[str]:
    """Codes of what still keeps an incident from being closed, in the order a person would mend them; with those `lacking` a
    phase where they were counted already.
    """
    sent = incident.sendings.filter(sent_at__isnull=False).values_list("phase", flat=True)
    required = _required(incident)
    return rules.missing_for_closing(
        required,
        sent,
        has_cause=bool(incident.cause),
        has_measures=bool(incident.measures),
        settled=is_settled(incident, now),
        unexplained=bool(required) and unexplained(incident, now) > 0,
        lacking=people_lacking(incident, now) if lacking is None else lacking,
    )


def closing_owed(incident: Incident) -> bool:
    """Whether the policy of a grade that it held asks for a closing message."""
    return rules.Phase.CLOSING in _required(incident)


def people_lacking(incident: Incident, now: datetime) -> dict[str, int]:
    """Per required phase that went to others, how many contacts of affected customers who were told have not had it."""
    sent = set(incident.sendings.filter(sent_at__isnull=False).values_list("phase", flat=True))
    asked = [phase for phase in sql.PER_PERSON if phase in sent and phase in _required(incident)]
    found = {phase.value: lacking_phase(incident, phase, now) for phase in asked}
    return {phase: contacts for phase, contacts in found.items() if contacts}


def _required(incident: Incident) -> frozenset[rules.Phase]:
    return rules.required_phases(policies(), rules.grades_owed(_held(incident)))


def _held(incident: Incident) -> list[tuple[str, bool]]:
    return list(incident.grade_changes.order_by("at", "pk").values_list("severity", "takes_back"))


def unexplained(incident: Incident, now: datetime) -> int:
    """How many affected customers have no contact while nobody said why they were not told; 0 where that was said of as many."""
    customers = sql.without_contact(incident.pk, rules.Phase.FIRST_NOTICE, now)
    said = Unreachable.objects.filter(incident=incident).order_by("-at").first()
    return customers if customers and (said is None or said.customers < customers) else 0


def review(incident: Incident) -> Review | None:
    """The newest review."""
    return Review.objects.filter(incident=incident).order_by("-at").first()


def waiting_checks(actor: Actor, now: datetime, *, limit: int = 200) -> list[tuple[Task, bool]]:
    """The corrective measures that are done and wait for somebody to look whether they worked, soonest first; each with
    its incident, and whether the day has passed."""
    soonest = _checks(actor).select_related("incident").order_by("check_by", "pk")[:limit]
    return [(one, one.check_by is not None and one.check_by < now) for one in soonest]


def late_checks(actor: Actor, now: datetime) -> int:
    """Of how many the day has passed."""
    return _checks(actor).filter(check_by__lt=now).count()


def _checks(actor: Actor) -> QuerySet[Task]:
    return Task.objects.filter(
        incident__in=visible(actor), check_by__isnull=False, checked_at__isnull=True
    ).exclude(end="")
