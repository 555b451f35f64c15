"""Correcting what an incident is: its kind and when it was first noticed. What follows from these follows at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules
from tidings.incidents.actions.grade import follow_grade
from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.actions.write import write_completion, write_phase
from tidings.incidents.models import Affected, GradeChange, Incident, Misreported, Sending
from tidings.incidents.queries.newly import sentences_of
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class What:
    """What an incident is; None leaves it as it stands. Where it is, its question says."""

    kind: str | None = None
    detected_at: datetime | None = None


def correct_what(
    actor: Actor, incident_id: UUID, what: What, reason: str, *, seen_version: int | None = None
) -> None:
    """Says what an incident is after all. The floor of its kind lifts the grade where that is below, clocks count from the
    earliest detection that was ever said and move later never, and what was written and has not gone is written anew for the
    new kind, with the same sentences: frozen words and approvals of it are void.

    Raises Refused("incident.kind_unknown"), Refused("incident.detected_in_future"), Refused("incident.reason_needed"),
    Refused("incident.not_open"), Conflict("incident.changed"), and what writing refuses.
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        must_be_open(incident)
        before = Misreported(incident=incident, kind=incident.kind, detected_at=incident.detected_at)
        if not _set(incident, what, at):
            return
        if not reason.strip():
            raise Refused("incident.reason_needed", number=incident.number, target="")
        before.reason, before.at, before.by_kind, before.by = reason.strip(), at, actor.kind, actor.ref
        before.save(force_insert=True)
        lifted = _lift(actor, incident, at, reason)
        _count_from(incident, before.detected_at)
        changed(actor, incident, at, "kind", "detected_at", "severity", "first_notice_by", "next_update_by")
        _tell(actor, incident, before, lifted, at)
        _write_anew(actor, incident)


def _set(incident: Incident, what: What, at: datetime) -> bool:
    """Sets what is another now, and says whether anything is."""
    before = (incident.kind, incident.detected_at)
    if what.kind is not None and what.kind != incident.kind:
        if what.kind not in queries.kinds():
            raise Refused("incident.kind_unknown", kind=what.kind)
        incident.kind = what.kind
    if what.detected_at is not None:
        if what.detected_at > at:
            raise Refused("incident.detected_in_future")
        incident.detected_at = what.detected_at
    return before != (incident.kind, incident.detected_at)


def _lift(actor: Actor, incident: Incident, at: datetime, reason: str) -> str:
    """Grades it no lower than its kind may be, and has its deadlines follow; the grade before, where that was lifted."""
    was, floor = rules.SEVERITIES[incident.severity], queries.floor_for(incident)
    if floor > was:
        proposed = queries.proposal(incident)
        GradeChange(
            incident=incident,
            severity=floor.code,
            reason=reason.strip(),
            proposed=proposed.severity.code,
            because=dict(proposed.because),
            at=at,
            by_kind=actor.kind,
            by=actor.ref,
        ).save(force_insert=True)
    follow_grade(incident, max(was, floor))
    return was.code if floor > was else ""


def _count_from(incident: Incident, before: datetime) -> None:
    """Whoever was in from the beginning and was not told yet is owed the first notice from the earlier moment."""
    if incident.detected_at < before:
        waiting = Affected.objects.filter(incident=incident, told_at__isnull=True, since=before)
        waiting.update(since=incident.detected_at)


def _tell(actor: Actor, incident: Incident, before: Misreported, lifted: str, at: datetime) -> None:
    if before.kind != incident.kind:
        facts: dict[str, object] = {"kind": incident.kind, "before": before.kind}
        told(actor, incident, at, "kind_corrected", facts, before.reason)
    if before.detected_at != incident.detected_at:
        told(actor, incident, at, "detection_corrected", text=before.reason)
    if lifted:
        told(actor, incident, at, "graded", {"severity": incident.severity, "before": lifted})


def _write_anew(actor: Actor, incident: Incident) -> None:
    """What has not gone says what it is now, and asks for its approval again; a text approved beforehand stays one."""
    waiting = Sending.objects.filter(incident=incident, sent_at__isnull=True, left_at__isnull=True)
    for one in waiting.order_by("at", "pk"):
        said = {} if one.phase == rules.Phase.HOLDING else sentences_of(one)
        if one.completes:
            write_completion(actor, incident.pk, one.completes, said)
        else:
            write_phase(actor, incident.pk, one.phase, said, corrects=one.corrects)
