"""Reporting an incident: three fields are enough, and the affected are found in the same moment."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.change import Facts
from tidings.incidents.actions.effects import give_effect
from tidings.incidents.actions.grade import known_severity, must_reach_floor
from tidings.incidents.actions.locking import told
from tidings.incidents.actions.scope import ask, ask_later, save_question
from tidings.incidents.models import GradeChange, Incident, StateChange
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.installation import installation
from tidings.kernel.numbers import month_series, next_number, written
from tidings.people.queries import units


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says. Kind, place and the start of the window are enough; no end means still going on.

    `detected_at` is the first moment anybody noticed; without it, the moment of reporting. `key` becomes the incident's id:
    the same report twice opens one incident. `users` are services, `pickups` places: who uses those, or has a standing pick-up there,
    is affected too, also without a shipment. `unit` is whose incident it is, one that the reporter sees; without it, their own.
    """

    kind: str
    place: str
    window_from: datetime
    window_until: datetime | None = None
    title: str = ""
    severity: str = ""
    detected_at: datetime | None = None
    facts: Facts = field(default_factory=Facts)
    effect: str = ""
    drill: bool = False
    origin: str = "person"
    key: UUID | None = None
    unit: UUID | None = None
    safety: bool = False
    legal: bool = False
    users: tuple[str, ...] = ()
    pickups: tuple[str, ...] = ()


def open_incident(actor: Actor, report: Report) -> UUID:
    """Opens an incident, finds its affected and gives it its number, in one transaction; returns its id.

    Once it is there its question is asked again: what changed while it was being opened was asked of nobody.

    Raises Refused with incident.kind_unknown, incident.window_backwards, incident.detected_in_future,
    incident.severity_unknown or incident.below_floor, Missing("shipments.no_such_place"), Missing("people.no_such_unit"), and
    Conflict("incident.reported_already") when the incident of this `key` is open already.
    """
    actor.require("incident.report")
    at = now()
    _check(report, at)
    detected_at = report.detected_at or at
    incident = Incident(
        id=report.key or new_id(),
        title=report.title.strip(),
        kind=report.kind,
        state=rules.State.REPORTED.value,
        detected_at=detected_at,
        place=report.place.strip().upper(),
        window_from=report.window_from,
        window_until=report.window_until,
        drill=report.drill,
        safety=report.safety,
        legal=report.legal,
        origin=report.origin,
        unit_id=_unit_of(actor, report.unit),
        owner_id=UUID(actor.ref) if actor.kind is ActorKind.PERSON else None,
        opened_at=at,
        changed_at=at,
        changed_by=actor.ref,
        **report.facts.given(),
    )
    with transaction.atomic():
        if report.key:
            _must_be_new(report.key)
        # The rows that point at the incident come first: their keys are checked at the end of the transaction, and
        # the number must be taken by the last statements before it (a counter row is a lock everybody waits for).
        _first_lines(actor, incident, at, report)
        ask_later(incident.pk)
        incident.number = _number(at)
        incident.save(force_insert=True)
    return incident.pk


def _first_lines(actor: Actor, incident: Incident, at: datetime, report: Report) -> None:
    StateChange(incident=incident, state=incident.state, at=at, by_kind=actor.kind, by=actor.ref).save(
        force_insert=True
    )
    told(
        actor,
        incident,
        at,
        "reported",
        {"kind": incident.kind, "place": incident.place, "origin": report.origin},
    )
    effect = report.effect or rules.likely_effect(incident.kind).value
    give_effect(actor, incident, at, rules.Meaning(effect))
    window = (incident.window_from, incident.window_until)
    asking = rules.proposed(
        incident.kind, incident.place, *window, users=report.users, pickups=report.pickups
    )
    save_question(actor, incident, at, asking)
    ask(actor, incident, at)
    proposed = queries.proposal(incident)
    grade = known_severity(report.severity) if report.severity else proposed.severity
    must_reach_floor(incident, grade)
    incident.severity = grade.code
    incident.first_notice_by = rules.first_notice_by(incident.detected_at, [grade], queries.policies())
    GradeChange(
        incident=incident,
        severity=grade.code,
        proposed=proposed.severity.code,
        because=dict(proposed.because),
        at=at,
        by_kind=actor.kind,
        by=actor.ref,
    ).save(force_insert=True)


def _must_be_new(key: UUID) -> None:
    """Lets one transaction at a time through with this key, so that the second of two presses finds the first's incident."""
    sql.one_at_a_time(key)
    number = Incident.objects.filter(pk=key).values_list("number", flat=True).first()
    if number:
        raise Conflict("incident.reported_already", number=number)


def _unit_of(actor: Actor, wanted: UUID | None) -> UUID | None:
    """Whose incident it is: the unit asked for, if the actor sees it; else their own. None is headquarters'."""
    if wanted is None:
        return actor.unit
    if not units(actor).filter(pk=wanted).exists():
        raise Missing("people.no_such_unit")
    return wanted


def _check(report: Report, at: datetime) -> None:
    if report.kind not in queries.kinds():
        raise Refused("incident.kind_unknown", kind=report.kind)
    if report.window_until and report.window_until <= report.window_from:
        raise Refused("incident.window_backwards")
    if report.detected_at and report.detected_at > at:
        raise Refused("incident.detected_in_future")


def _number(at: datetime) -> str:
    series = month_series("INC", at, installation().time_zone)
    return written(series, next_number(series))
