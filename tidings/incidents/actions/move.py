"""Taking an incident from one state to the next, and the two ways it ends: closed, or dismissed with a reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.family import carry_into
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.models import Incident, StateChange
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


def move_incident(
    actor: Actor, incident_id: UUID, target: str, reason: str = "", *, seen_version: int | None = None
) -> None:
    """Moves along the drawn states; closing and dismissing have their own verbs, which ask more.

    Raises Refused("incident.move_not_allowed"), or Refused("incident.reason_needed") where the state asks for one.
    """
    actor.require("incident.assess")
    if target in (rules.State.CLOSED, rules.State.DISMISSED, rules.State.MERGED):
        raise Refused("incident.move_not_allowed", number="", state="", target=target)
    at = now()
    with transaction.atomic():
        enter(actor, locked(actor, incident_id, seen_version), target, at, reason)


def dismiss_incident(
    actor: Actor,
    incident_id: UUID,
    reason: str,
    *,
    merged_into: UUID | None = None,
    seen_version: int | None = None,
) -> None:
    """Ends an incident that was none, or is part of another (`merged_into`), always with a reason.

    Raises Refused("incident.customers_were_told") when a message already went: such an incident is closed instead; and
    Refused("incident.merged_into_ended") when the other one is itself closed, dismissed or merged. Two incidents are
    locked in the order of their ids, so that opposite mergers wait for each other instead of blocking each other.
    """
    actor.require("incident.assess")
    at = now()
    with transaction.atomic():
        if merged_into is not None and merged_into < incident_id:
            locked(actor, merged_into)
        incident = locked(actor, incident_id, seen_version)
        if merged_into is None:
            if incident.sendings.filter(sent_at__isnull=False).exists():
                raise Refused("incident.customers_were_told", number=incident.number)
            enter(actor, incident, rules.State.DISMISSED, at, reason)
        else:
            if merged_into == incident_id:
                raise Refused("incident.merged_into_itself", number=incident.number)
            target = locked(actor, merged_into)
            if target.drill != incident.drill:
                raise Refused("incident.drill_and_real", number=incident.number, other=target.number)
            if not target.is_open:
                raise Refused("incident.merged_into_ended", number=target.number)
            incident.merged_into = target
            enter(actor, incident, rules.State.MERGED, at, reason, "merged_into")
            carry_into(actor, incident, target, at)


def close_incident(actor: Actor, incident_id: UUID, *, seen_version: int | None = None) -> None:
    """Closes a resolved incident: every required phase was sent to, or is recorded as unreachable with a reason for,
    everyone affected, and cause and measures are known.

    Raises Refused("incident.not_ready_to_close", missing=…) with the codes of what is missing.
    """
    actor.require("incident.close")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen_version)
        missing = queries.missing_for_closing(incident, at)
        if missing:
            raise Refused(
                "incident.not_ready_to_close",
                number=incident.number,
                missing=[f"incident.lacks.{code}" for code in missing],
            )
        enter(actor, incident, rules.State.CLOSED, at)
        # From now on nobody comes in: the number stays as it is, whatever becomes of their contacts.
        for phase in rules.SENT_TO_EVERYONE:
            incident.sendings.filter(sent_at__isnull=False, phase=phase).update(
                without_contact=sql.without_contact(incident.pk, phase, at)
            )


def enter(
    actor: Actor, incident: Incident, target: str, at: datetime, reason: str = "", *more_fields: str
) -> None:
    """Enters a state on a locked incident, inside the caller's transaction."""
    if target not in set(rules.State) or not rules.may_move(incident.state, target):
        raise Refused(
            "incident.move_not_allowed", number=incident.number, state=incident.state, target=target
        )
    if rules.State(target) in rules.NEEDS_REASON and not reason.strip():
        raise Refused("incident.reason_needed", number=incident.number, target=target)
    before = incident.state
    incident.state = target
    StateChange(
        incident=incident, state=target, reason=reason.strip(), at=at, by_kind=actor.kind, by=actor.ref
    ).save(force_insert=True)
    changed(actor, incident, at, "state", *_take_up(incident, before, at), *more_fields)
    told(actor, incident, at, "moved", {"state": target, "before": before}, reason.strip())


def _take_up(incident: Incident, before: str, at: datetime) -> list[str]:
    """Of an incident that begins again customers hear within the rhythm; gives the fields that changed."""
    if incident.first_notice_at is None or not rules.begins_again(before, incident.state):
        return []
    severity = rules.SEVERITIES[incident.severity]
    incident.next_update_by = rules.promise_taken_up(
        before, incident.next_update_by, at, severity, queries.policies()
    )
    incident.next_phase = rules.Phase.UPDATE.value
    return ["next_update_by", "next_phase"]
