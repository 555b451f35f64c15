"""Reads for a message before it goes: whom it is for, by when, what it says by itself, and what is written of it already."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from tidings.customers.queries import ANY_TEXT
from tidings.incidents import rules, sql
from tidings.incidents.models import Incident, Sending
from tidings.incidents.queries.corrected import counted_from
from tidings.incidents.queries.known import (
    approval_policy,
    incidents,
    kind_told,
    place_name,
    policy_now,
    promise,
    strictest_policy,
)
from tidings.incidents.queries.promised import promises_made
from tidings.incidents.queries.several import Together, may_leave_out, others_of, standing_for
from tidings.incidents.queries.team import hotline
from tidings.incidents.rules.policies import rungs_for
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import ApprovalPolicy, Approving, Audience


def audience(
    incident: Incident,
    phase: str,
    now: datetime,
    corrects: UUID | None = None,
    completes: UUID | None = None,
    together: Together | None = None,
) -> Audience:
    """Whom a message of this phase would go to now, and by when each; a correction puts the message `corrects` right, and
    what `completes` a message is for those who wait for it in a language that it did not go in. With `together` its lines
    tell of other incidents too, and whom one of theirs told the same is left out.
    """
    told = _told(incident, phase, now, corrects, together)
    if completes:
        gone = messaging.languages_sent([completes]).get(completes, ())
        return sql.waiting(replace(told, completes=completes, gone=tuple(gone)), now)
    if phase == rules.Phase.BRIEFING:
        return sql.own_people(incident.pk, incident.unit_id, told.due_by)
    if phase == rules.Phase.CORRECTION:
        return sql.corrected(told, now)
    if phase == rules.Phase.ALL_CLEAR:
        return sql.cleared(told, sql.merged_numbers(incident.pk), now)
    return replace(sql.recipients(told, now), confirm=strictest_policy(incident).confirm)


def audience_parts(
    actor: Actor,
    incident: Incident,
    phase: str,
    now: datetime,
    corrects: UUID | None = None,
    completes: UUID | None = None,
    together: Together | None = None,
) -> list[sql.AudiencePart]:
    """How many that would be, by language and channel. Who does not see every unit is shown no reader by name."""
    if completes or phase in rules.ASIDE_PHASES:
        parts = sql.parts_of(audience(incident, phase, now, corrects, completes))
    else:
        parts = sql.audience_parts(_told(incident, phase, now, together=together), now)
    return parts if actor.units is None else [replace(part, name="", lines=[]) for part in parts]


def without_form(
    incident: Incident, phase: str, now: datetime, together: Together | None = None
) -> dict[tuple[str, str], int]:
    """Rung and language to the contacts who would be told there first, were there an approved form of this text; as it is, their
    next rung tells them. Empty where no rung demands one.
    """
    told = _told(incident, phase, now, together=together)
    demanding = told.forms["at_demanding"]
    if not demanding:
        return {}
    wished = sql.audience_parts(replace(told, forms=ANY_TEXT), now)
    known = {(part.channel, part.language): part.contacts for part in sql.audience_parts(told, now)}
    missed = {
        (part.channel, part.language): part.contacts - known.get((part.channel, part.language), 0)
        for part in wished
        if part.channel in demanding
    }
    return {(rung or "", language): size for (rung, language), size in missed.items() if size > 0}


def _told(
    incident: Incident,
    phase: str,
    now: datetime,
    corrects: UUID | None = None,
    together: Together | None = None,
) -> sql.Told:
    owed = promise(incident, phase, now)
    channels, demanding = messaging.rungs_in_use()
    told = sql.Told(
        incident.pk, phase, counted_from(incident), owed.due_within, owed.due_by, corrects, incident.number,
        channels=rungs_for(policy_now(incident), channels),
    )  # fmt: skip
    if demanding:
        told = replace(told, forms=messaging.form_limits(demanding, kind_told(incident, phase), phase))
    if phase in rules.TOLD_PHASES and phase != rules.Phase.FIRST_NOTICE:
        told = replace(told, promised=promises_made(incident, owed.due_by))
    if together is None:
        return told
    return replace(
        told, others=together.others, without=tuple(one.contact_id for one in together.already_told)
    )


def together(
    incident: Incident, phase: str, now: datetime, next_by: datetime | None, written: UUID | None = None
) -> Together:
    """What an update that promises the next one by `next_by` tells together with other incidents, whoever asks, and whom one
    of theirs told the same; nothing for any other phase. Nobody is left out of what is `written` with an offer in it.
    """
    if phase != rules.Phase.UPDATE:
        return Together()
    others = others_of(incident, now, next_by)
    if not others or not may_leave_out(written):
        return Together(others)
    told = replace(_told(incident, phase, now), others=others)
    return Together(others, tuple(sql.already_told(told, standing_for(others, now, next_by), now)))


def told_together(incident: Incident, phase: str, now: datetime, together: Together) -> dict[str, int]:
    """How many contacts of the audience hear of each of the other incidents in the same message, by its number."""
    return sql.told_together(_told(incident, phase, now, together=together), now)


def left_out(incident: Incident, phase: str, now: datetime) -> dict[str, int]:
    """How many contacts a message of this phase would leave out by their own choice, per choice."""
    return sql.left_out(_told(incident, phase, now), now)


def lacking_phase(incident: Incident, phase: str, now: datetime) -> int:
    """How many contacts of the affected who were told have not had this phase, which went to others."""
    return sql.lacking(_told(incident, phase, now), now)


def approval_for(incident: Incident, phase: str) -> ApprovalPolicy:
    """What is asked of a message of this phase before it goes. A holding notice is a text approved beforehand, nothing else;
    what goes to our own people only is approved by nobody.
    """
    if phase == rules.Phase.BRIEFING:
        return ApprovalPolicy(Approving.OWN_PEOPLE, author_may=True)
    return ApprovalPolicy() if phase == rules.Phase.HOLDING else approval_policy(incident)


def briefing(incident: Incident) -> Sending | None:
    """The briefing that our own people hold: the one that went last, or what is written of the first."""
    every = incident.sendings.filter(phase=rules.Phase.BRIEFING, left_at__isnull=True)
    return every.order_by(F("sent_at").desc(nulls_last=True), "-at").first()


def held_from(incident: Incident) -> datetime:
    """From when a holding notice may go: those who are asked to approve the first notice have time to answer."""
    waiting = unsent(incident, rules.Phase.FIRST_NOTICE)
    return rules.holding_from(
        second_person=approval_policy(incident).when is not Approving.CHANGED_TEXT,
        answer_by=messaging.answer_expected_by(waiting.message_id) if waiting else None,
        first_by=incident.first_notice_by,
        detected_at=counted_from(incident),
    )


def to_review(actor: Actor) -> QuerySet[Sending]:
    """The holding notices that went and that no other person has looked at since, oldest first."""
    held = Sending.objects.filter(
        incident__in=incidents(actor), phase=rules.Phase.HOLDING, sent_at__isnull=False, review=None
    )
    return held.select_related("incident").order_by("sent_at")


def choice_passed(incident: Incident, message_id: UUID, audience: Audience, now: datetime) -> bool:
    """Whether a reader of this frozen message could choose when its words were frozen, until a moment that has passed since:
    then it is not what was looked at any more."""
    frozen = messaging.current_freeze(message_id)
    if frozen is None or not messaging.offers_a_choice(frozen):
        return False
    closed = incident.offers.filter(
        ended_at__isnull=True, closes_at__gt=frozen.frozen_at, closes_at__lte=now
    ).exists()
    return closed and sql.choice_passed(audience, frozen.frozen_at, now)


def known_facts(incident: Incident, promise: rules.Promise) -> dict[str, str]:
    """The facts that need no translation, as messaging takes them: place, number, beginning, when the next message comes, and the
    number of a hotline of its own in the place of the firm's."""
    facts = {
        "place": place_name(incident.place),
        "reference": incident.number,
        "began_at": incident.window_from.isoformat(),
    }
    own = hotline(incident)
    if own:
        facts["phone"] = own.number
    if promise.next_by:
        facts["next_by"] = promise.next_by.isoformat()
    return facts


def unsent(incident: Incident, phase: str, completes: UUID | None = None) -> Sending | None:
    """The message of a phase that is written and has not gone; one that `completes` another stands beside it."""
    waiting = incident.sendings.filter(
        phase=phase, completes=completes, sent_at__isnull=True, left_at__isnull=True
    )
    return waiting.order_by("-at").first()


def sent_message(incident: Incident, message_id: UUID) -> Sending:
    """A message of this incident that has gone. Raises Missing("incident.message_missing")."""
    found = incident.sendings.filter(message_id=message_id, sent_at__isnull=False).first()
    if found is None:
        raise Missing("incident.message_missing", number=incident.number)
    return found


def newest_message(incident: Incident, phase: str, completes: UUID | None = None) -> str:
    """Which message of this phase a page shows now, and whether it has gone; empty where none is written."""
    newest = incident.sendings.filter(phase=phase, completes=completes).order_by("-at", "-pk").first()
    gone = " sent" if newest and newest.sent_at else ""
    return f"{newest.message_id}{gone}" if newest else ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had before them when they pressed: the incident's version, which message of the phase, and to how many
    contacts it would go. A form carries it, so that the second of two people is told.
    """

    version: int
    message: str
    contacts: int
