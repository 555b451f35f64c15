"""Telling the affected: sending a phase's message once to each contact with all its shipments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.brief import brief_own_people
from tidings.incidents.actions.holding import must_be_held, must_decide_oneself
from tidings.incidents.actions.locking import changed, locked, told
from tidings.incidents.actions.move import enter
from tidings.incidents.actions.write import Facts, must_be_newest, write_completion, write_phase
from tidings.incidents.models import Incident, Sending
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import actions as messaging
from tidings.messaging import queries as texts
from tidings.messaging.rules.content import ApprovalPolicy, Audience, audience_outgrew

_UPDATES = UUID("8f0f3f6c-2f0b-4b57-9b51-5a7b1c2c7a55")
"""Updates are planned one at a time: of two at the same moment the second knows whom the first told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of telling a phase: `sent` counts the contacts it went to, None while it waits for an approval;
    `already_told` those whom it left out, since another incident's message told them the same.
    """

    message_id: UUID
    sent: int | None
    already_told: int = 0


def tell_phase(
    actor: Actor,
    incident_id: UUID,
    phase: str,
    facts: Facts | None = None,
    *,
    seen: queries.Seen | None = None,
    corrects: UUID | None = None,
    reason: str = "",
    same_words_suffice: bool = False,
) -> Outcome:
    """Writes (with `facts`, or what is written already), freezes for exactly this audience, and sends where no approval is
    needed or it was given. In one transaction: a refusal leaves no half-written message behind. A text frozen for fewer
    people than are affected now, or before the grade was raised, is frozen anew, and what was approved of it is void. A
    language that does not tell every fact holds only its own readers. With `same_words_suffice` what a person approved word for
    word for this incident and phase is not asked about again.

    Raises Conflict("incident.changed") or Conflict("incident.message_changed") when the incident or this message is not
    what the person had `seen`: two presses, or two people, never send twice; Conflict("incident.more_get_it_now") when it
    would go to more contacts than they saw. None asks for no such check.
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen.version if seen else None)
        if phase == rules.Phase.HOLDING:
            must_decide_oneself(actor, incident)
        if seen:
            must_be_newest(incident, phase, seen.message)
        written = queries.unsent(incident, phase)
        corrects = corrects or (written.corrects if written else None)
        audience = queries.audience(incident, phase, at, corrects)
        size = texts.audience_size(audience)
        if written is None or facts is not None:
            message = write_phase(actor, incident_id, phase, facts or {}, corrects=corrects)
        else:
            message = written.message_id
        goes_to = size - len(_together(incident, queries.unsent(incident, phase), at).already_told)
        _must_not_be_more(incident, seen, goes_to)
        policy = queries.approval_for(incident, phase)
        if not _may_go(actor, message, audience, size, policy, same_words_suffice=same_words_suffice):
            if phase == rules.Phase.HOLDING:
                raise Refused("incident.holding_not_prepared", number=incident.number)
            changed(actor, incident, at)
            told(actor, incident, at, "approval_asked", {"phase": phase})
            return Outcome(message, None)
        sent = send_phase(actor, incident_id, message, reason)
        return Outcome(message, sent, texts.left_out_of(message))


def complete_phase(
    actor: Actor,
    incident_id: UUID,
    message_id: UUID,
    facts: Facts | None = None,
    *,
    seen: queries.Seen | None = None,
) -> Outcome:
    """Tells those who still wait for a sent message in their language, by the road of `tell_phase`: written (with `facts`, or
    what is written already), frozen, and sent where no approval is needed or it was given.

    Raises Refused("incident.nobody_waits") when nobody waits for it, or no more: they got their second language, or this.
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id, seen.version if seen else None)
        sent = queries.to_complete(incident, message_id)
        if seen:
            must_be_newest(incident, sent.phase, seen.message, message_id)
        audience = queries.audience(incident, sent.phase, at, completes=message_id)
        size = texts.audience_size(audience)
        if not size:
            raise Refused("incident.nobody_waits", number=incident.number)
        _must_not_be_more(incident, seen, size)
        written = queries.unsent(incident, sent.phase, message_id)
        if written is None or facts is not None:
            message = write_completion(actor, incident_id, message_id, facts or {})
        else:
            message = written.message_id
        if not _may_go(actor, message, audience, size, queries.approval_for(incident, sent.phase)):
            changed(actor, incident, at)
            told(actor, incident, at, "approval_asked", {"phase": sent.phase})
            return Outcome(message, None)
        return Outcome(message, send_phase(actor, incident_id, message))


def _must_not_be_more(incident: Incident, seen: queries.Seen | None, contacts: int) -> None:
    if seen and contacts > seen.contacts:
        raise Conflict("incident.more_get_it_now", number=incident.number, seen=seen.contacts, now=contacts)


def _may_go(
    actor: Actor,
    message: UUID,
    audience: Audience,
    size: int,
    policy: ApprovalPolicy,
    *,
    same_words_suffice: bool = False,
) -> bool:
    """Freezes what is not frozen yet, or frozen for fewer or when less was asked; whether it needs no approval, or has it."""
    freeze = texts.current_freeze(message)
    if freeze is not None and texts.is_sent_back(freeze):
        raise Refused("messaging.sent_back")
    if freeze is None or audience_outgrew(freeze.audience_size, size) or texts.asks_less(message, policy):
        ready = (
            texts.ready_languages(message) or None
        )  # None: what is refused then names every fact that is missing
        messaging.freeze_message(
            actor,
            message,
            languages=ready,
            audience=audience,
            policy=policy,
            same_words_suffice=same_words_suffice,
        )
        freeze = texts.current_freeze(message)
    return freeze is not None and texts.is_approved(freeze)


def send_phase(actor: Actor, incident_id: UUID, message_id: UUID, reason: str = "") -> int:
    """Plans a written message for everyone it concerns, in one transaction; gives how many contacts it goes to.

    Raises Refused("incident.nobody_to_tell"), Refused("incident.promise_passed") when the next message it promises would
    be due already, Refused("incident.choice_passed") when the time to choose that it tells a reader is over,
    Refused("incident.told_too_openly") when somebody came in who may not hear what it says, Missing for a
    message that was written anew, and what messaging refuses: facts missing, or an approval that is still needed.
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        sending = Sending.objects.filter(
            incident=incident, message_id=message_id, left_at__isnull=True
        ).first()
        if sending is None:
            raise Missing("incident.message_missing", number=incident.number)
        if sending.phase == rules.Phase.HOLDING:
            must_be_held(actor, incident, reason)
            sending.reason, sending.by_kind, sending.by = reason.strip(), actor.kind, actor.ref
        _must_still_hold(incident, sending, at)
        if sending.phase == rules.Phase.UPDATE:
            sql.one_at_a_time(_UPDATES)
        together = _together(incident, sending, at)
        audience = queries.audience(
            incident, sending.phase, at, sending.corrects, sending.completes, together
        )
        if queries.choice_passed(incident, message_id, audience, at):
            raise Refused("incident.choice_passed", number=incident.number)
        if sending.completes is None:
            brief_own_people(actor, incident, sending.phase, at)
        audience = queries.after_quiet_hours(incident, audience, at)
        sending.recipients = messaging.send_message(actor, message_id, audience)
        told_already = _count_as_told(actor, incident, sending, together, at)
        if not sending.recipients and not told_already:
            why = "incident.nobody_waits" if sending.completes else "incident.nobody_to_tell"
            raise Refused(why, number=incident.number)
        aside = sending.completes is not None or sending.phase in rules.ASIDE_PHASES
        sending.without_contact = 0 if aside else sql.without_contact(incident.pk, sending.phase, at)
        sending.sent_at = at
        sending.save(update_fields=["recipients", "without_contact", "sent_at", "reason", "by_kind", "by"])
        _keep_promise(actor, incident, sending, at)
    return sending.recipients


def _must_still_hold(incident: Incident, sending: Sending, at: datetime) -> None:
    """What was right when it was written may be so no more: the next time it promises, who hears it, who must approve it."""
    if sending.promised_by and sending.promised_by <= at:
        raise Refused("incident.promise_passed", number=incident.number)
    guarded = rules.kind_told(incident.kind, all_may_hear=False)
    if texts.kind_of(sending.message_id) not in (guarded, queries.kind_told(incident, sending.phase)):
        raise Refused("incident.told_too_openly", number=incident.number)
    if texts.asks_less(sending.message_id, queries.approval_for(incident, sending.phase)):
        raise Refused("messaging.not_approved")


def _together(incident: Incident, sending: Sending | None, at: datetime) -> queries.Together:
    """What a written message tells together with other incidents, and whom one of theirs told the same."""
    if sending is None or sending.completes:
        return queries.Together()
    return queries.together(incident, sending.phase, at, sending.promised_by, sending.message_id)


def _count_as_told(
    actor: Actor, incident: Incident, sending: Sending, together: queries.Together, at: datetime
) -> int:
    """Those left out count as told, by the messages that told them; due when everybody else of this update is. How many."""
    told_by = [(one.contact_id, one.recipient_id) for one in together.already_told]
    due_by = queries.promise(incident, sending.phase, at).due_by
    counted = messaging.count_as_told(actor, sending.message_id, told_by, due_by)
    if counted:
        told(actor, incident, at, "told_together", {"phase": sending.phase, "contacts": counted})
    return counted


def _keep_promise(actor: Actor, incident: Incident, sending: Sending, at: datetime) -> None:
    """What a sent phase changes in the incident: who is told, the clock, the state, the story. All that went with the message
    that is completed; only the story has more to say.
    """
    if sending.completes:
        told(
            actor,
            incident,
            at,
            "phase_completed",
            {"phase": sending.phase, "recipients": sending.recipients},
        )
        changed(actor, incident, at)
        return
    _end_waiting(incident, sending)
    fields = _promise_next(incident, sending, at)
    if sending.phase == rules.Phase.ALL_CLEAR:
        sql.mark_cleared(incident.pk)
    if sending.phase == rules.Phase.HOLDING:
        sql.mark_held(incident.pk, at)
    if sending.phase == rules.Phase.FIRST_NOTICE:
        sql.mark_told(incident.pk, sending.message_id, at)
        if incident.first_notice_at is None:
            incident.first_notice_at = at
            fields.append("first_notice_at")
    facts: dict[str, object] = {"phase": sending.phase, "recipients": sending.recipients}
    told(actor, incident, at, "phase_sent", facts, sending.reason)
    after = rules.state_after_sending(incident.state, sending.phase)
    if after != incident.state:
        enter(actor, incident, after, at, "", *fields)
    else:
        changed(actor, incident, at, *fields)


def _promise_next(incident: Incident, sending: Sending, at: datetime) -> list[str]:
    """Sets what is owed next, and by when; gives the fields that changed."""
    if sending.phase in rules.ASIDE_PHASES:
        return []
    is_first, promised = incident.first_notice_at is None, sending.promised_by
    closing_owed = queries.closing_owed(incident)
    if sending.phase == rules.Phase.RESTORED and closing_owed:
        rhythm = queries.policy_now(incident).update_every
        promised = rules.closing_owed_by(at + rhythm, incident.next_phase, incident.next_update_by)
    incident.next_update_by = rules.promise_standing(
        sending.phase, incident.next_update_by, promised, is_first=is_first
    )
    incident.next_phase = rules.next_owed(
        sending.phase, incident.next_phase, is_first=is_first, closing_owed=closing_owed
    )
    return ["next_update_by", "next_phase"]


def _end_waiting(incident: Incident, sending: Sending) -> None:
    """Who waited for the language of an earlier message that this one takes the place of waits for that no more."""
    gone = incident.sendings.filter(sent_at__isnull=False).exclude(pk=sending.pk)
    earlier = [
        message
        for message, phase in gone.values_list("message_id", "phase")
        if rules.overtakes(sending.phase, phase)
    ]
    if earlier:
        messaging.overtake(sending.message_id, earlier)
