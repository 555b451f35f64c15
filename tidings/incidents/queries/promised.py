"""Reads of the promises that messages made: when everybody heard last, and who was promised which moment since."""

from datetime import datetime
from uuid import UUID

from tidings.incidents import rules
from tidings.incidents.models import Incident, PersonalPromise
from tidings.incidents.queries.policies import policies
from tidings.incidents.rules.promises import Counts, PromiseEnd, counted

_TO_ALL = (rules.Phase.UPDATE, rules.Phase.RESTORED)


def all_told_at(incident: Incident) -> datetime | None:
    """When the last message to everybody went: the newest update, or that the service is restored, or else the very first
    notice. What went to newcomers since is none. None before anything went.
    """
    gone = incident.sendings.filter(sent_at__isnull=False, completes=None)
    newest = gone.filter(phase__in=_TO_ALL).order_by("-sent_at").first()
    first = gone.filter(phase=rules.Phase.FIRST_NOTICE).order_by("sent_at").first()
    held = gone.filter(phase=rules.Phase.HOLDING).order_by("sent_at").first()
    told = newest or first or held
    return told.sent_at if told else None


def promises_made(incident: Incident, due_by: datetime) -> tuple[tuple[UUID, datetime], ...]:
    """The messages since everybody heard last and the moment that each promised, a grade changed since counted in; none where
    all of them promised `due_by`.
    """
    since = all_told_at(incident)
    if since is None or incident.next_update_by is None:
        return ()
    promising = incident.sendings.filter(sent_at__gte=since, promised_by__isnull=False)
    graded_at = incident.grade_changes.order_by("-at").values_list("at", flat=True).first()
    made = tuple(
        (message, _stands(incident, promised_by, sent_at, graded_at))
        for message, promised_by, sent_at in promising.exclude(phase__in=rules.ASIDE_PHASES)
        .order_by("sent_at")
        .values_list("message_id", "promised_by", "sent_at")
        if promised_by and sent_at
    )
    return made if any(next_by != due_by for _message, next_by in made) else ()


def _stands(
    incident: Incident, promised_by: datetime, sent_at: datetime, graded_at: datetime | None
) -> datetime:
    if graded_at is None or graded_at <= sent_at:
        return promised_by
    return rules.promise_regraded(promised_by, sent_at, rules.SEVERITIES[incident.severity], policies())


def promises_to_all(incident: Incident, now: datetime) -> Counts:
    """How the promises to all customers ended: the first notice by its deadline, and the next message that each one promised."""
    gone = incident.sendings.filter(sent_at__isnull=False, completes=None, phase__in=_TOLD)
    sent = list(gone.order_by("sent_at").values_list("phase", "sent_at", "promised_by"))
    owed: list[tuple[datetime, datetime | None]] = [(incident.first_notice_by, incident.first_notice_at)]
    for place, (phase, _sent_at, promised_by) in enumerate(sent):
        keeps = _TOLD[1:] if phase == rules.Phase.HOLDING else _TO_EVERYBODY
        kept = next((at for following, at, _next in sent[place + 1 :] if following in keeps), None)
        if promised_by:
            owed.append((promised_by, kept))
    return counted(owed, now)


_TOLD = (rules.Phase.HOLDING, *rules.TOLD_PHASES)
_TO_EVERYBODY = (rules.Phase.UPDATE, rules.Phase.RESTORED, rules.Phase.CLOSING)


def promises_to_single(incident: Incident, now: datetime) -> Counts:
    """How what single customers were promised ended."""
    found = PersonalPromise.objects.filter(incident=incident)
    said = found.filter(end=PromiseEnd.BROKEN).count()
    rest = found.exclude(end=PromiseEnd.BROKEN).values_list("due_by", "ended_at")
    return counted(rest, now, said)
