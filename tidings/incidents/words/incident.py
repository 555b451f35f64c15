"""The words of incidents: a label for each code, a sentence for each error. Rules and rows hold codes only."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from tidings.incidents.words import choice, contract, running, scope
from tidings.incidents.words.counted import shipments_of_customers

LABELS: Final[dict[str, Promise]] = {
    "incident": _("Incident"),
    "incident.kind.service_interruption": _("Service interruption"),
    "incident.kind.hub_closed": _("Hub closed"),
    "incident.kind.delay": _("Delay"),
    "incident.kind.accident": _("Accident"),
    "incident.kind.fire": _("Fire"),
    "incident.kind.weather": _("Weather"),
    "incident.kind.road_closure": _("Traffic control or road closure"),
    "incident.kind.quarantine": _("Quarantine or epidemic"),
    "incident.kind.theft": _("Theft"),
    "incident.kind.fraud": _("Fraud"),
    "incident.kind.damage": _("Damage"),
    "incident.kind.loss": _("Loss"),
    "incident.kind.recipient_exception": _("Recipient exception"),
    "incident.kind.safety_hazard": _("Safety hazard"),
    "incident.kind.strike": _("Strike"),
    "incident.kind.system_outage": _("System outage or attack"),
    "incident.kind.data_breach": _("Personal data breach"),
    "incident.kind.impersonation": _("Messages sent in our name by others"),
    "incident.kind.customs_seizure": _("Customs seizure"),
    "incident.kind.dangerous_goods": _("Dangerous goods"),
    "incident.kind.subcontractor_failure": _("Subcontractor failure"),
    "incident.kind.force_majeure": _("Other force majeure"),
    "incident.severity.low": _("Low"),
    "incident.severity.medium": _("Medium"),
    "incident.severity.high": _("High"),
    "incident.severity.critical": _("Critical"),
    "incident.state.reported": _("Reported"),
    "incident.state.assessing": _("Assessing"),
    "incident.state.responding": _("Responding"),
    "incident.state.recovering": _("Recovering"),
    "incident.state.resolved": _("Resolved"),
    "incident.state.closed": _("Closed"),
    "incident.state.reopened": _("Reopened"),
    "incident.state.dismissed": _("Dismissed"),
    "incident.state.merged": _("Merged into another"),
    "incident.phase.holding": _("Holding notice"),
    "incident.phase.first_notice": _("First notice"),
    "incident.phase.update": _("Update"),
    "incident.phase.restored": _("Service restored"),
    "incident.phase.closing": _("Closing message"),
    "incident.phase.correction": _("Correction"),
    "incident.phase.all_clear": _("All-clear"),
    "incident.phase.briefing": _("Briefing"),
    "incident.owed.resolve": _("Everything told, not resolved yet"),
    "incident.owed.close": _("Resolved, not closed yet"),
    "incident.write.holding": _("Send the holding notice"),
    "incident.write.first_notice": _("Write the first notice"),
    "incident.write.update": _("Write an update"),
    "incident.write.restored": _("Say that service is restored"),
    "incident.write.closing": _("Write the closing message"),
    "incident.write.correction": _("Write the correction"),
    "incident.write.all_clear": _("Write the all-clear"),
    "incident.write.briefing": _("Brief our own people"),
    "incident.effect.at_risk": _("At risk"),
    "incident.effect.not_collected": _("Not collected"),
    "incident.effect.delayed": _("Delayed"),
    "incident.effect.missing": _("Missing"),
    "incident.effect.damaged": _("Damaged"),
    "incident.effect.part_lost": _("Part lost"),
    "incident.effect.lost": _("Lost"),
    "incident.effect.stolen": _("Stolen"),
    "incident.effect.misdelivered": _("Misdelivered"),
    "incident.effect.held": _("Held"),
    "incident.effect.returned": _("Returned"),
    "incident.effect.destroyed": _("Destroyed"),
    "incident.effect.rerouted": _("Rerouted"),
    "incident.effect.delivered_late": _("Delivered late"),
    "incident.effect.pickup_not_done": _("Pick-up not carried out"),
    "incident.effect.service_unavailable": _("Service not available"),
    "incident.effect.service_was_unavailable": _("Service was not available"),
    "incident.effect.service_restored": _("Service available again"),
    "incident.effect.unaffected": _("Unaffected after all"),
    "incident.why.there_now": _("There now"),
    "incident.why.was_there": _("Was there in that time"),
    "incident.why.expected_there": _("On the way there"),
    "incident.why.may_come_there": _("Bound for it, not yet announced"),
    "incident.why.with_its_master": _("With its master shipment"),
    "incident.why.on_the_lane": _("On the lane"),
    "incident.why.on_the_transport": _("On that vehicle, voyage, flight or train"),
    "incident.why.in_the_container": _("In the container or unit"),
    "incident.why.named": _("Named by its number"),
    "incident.why.of_the_client": _("Of the client, under way"),
    "incident.why.by_the_service": _("By the service, under way"),
    "incident.why.not_collected_yet": _("Booked, not collected yet"),
    "incident.certainty.seen": _("Seen"),
    "incident.certainty.planned": _("Planned"),
    "incident.certainty.possible": _("Possible"),
    "incident.origin.person": _("reported by a person"),
    "incident.lacks.phase.first_notice": _("the first notice"),
    "incident.lacks.phase.closing": _("the closing message"),
    "incident.lacks.recipients": _("everyone reached, or recorded as unreachable"),
    "incident.lacks.cause": _("the cause"),
    "incident.lacks.measures": _("the measures"),
    "incident.says.what_happened": _("What happened"),
    "incident.says.what_we_do": _("What we are doing"),
    "incident.says.prevention": _("How we prevent it"),
    "incident.says.what_it_means": _("What it means for their shipments"),
    "incident.says.what_you_can_do": _("What they can do now"),
    "incident.says.when_next": _("When they hear next"),
    "incident.says.where_to_turn": _("Where to turn"),
    "incident.says.status": _("Where it stands"),
    "incident.says.what_changed": _("What changed"),
    "incident.says.measures": _("Measures"),
    "incident.says.alternatives": _("Alternatives"),
    "incident.says.compensation": _("Compensation"),
    "incident.says.what_works": _("What works from when"),
    "incident.says.what_stays_late": _("What stays late"),
    "incident.says.survey": _("Satisfaction survey"),
    "incident.says.cause": _("Cause"),
    "incident.says.what_was_wrong": _("What was wrong"),
    "incident.says.what_is_right": _("What is right"),
    "incident.says.what_we_say": _("What we say"),
    "incident.says.what_we_do_not_say": _("What we do not say"),
    "incident.says.likely_questions": _("Likely questions"),
    "incident.says.may_be_offered": _("What may be offered"),
    "incident.act.again": _("Try again"),
    "incident.act.next": _("Go to the next channel now"),
    "incident.act.call": _("Put on the call list"),
    "incident.fact.title": _("Title"),
    "incident.fact.what": _("What happened"),
    "incident.fact.cause": _("Cause"),
    "incident.fact.effect": _("Effect"),
    "incident.fact.first_response": _("First response"),
    "incident.fact.measures": _("Measures"),
}

BY_CHANNEL: Final[dict[str, Promise]] = {
    "email": _("%(number)s by e-mail"),
    "sms": _("%(number)s by SMS"),
    "voice": _("%(number)s by voice message"),
    "whatsapp": _("%(number)s by WhatsApp"),
    "wechat": _("%(number)s by WeChat"),
    "telegram": _("%(number)s by Telegram"),
    "wecom": _("%(number)s in a WeCom group"),
    "webhook": _("%(number)s to their own system"),
    "call": _("%(number)s by a person’s call"),
    "other": _("%(number)s by another channel"),
    "": _("%(number)s without a usable address"),
}

LEFT_OUT: Final[dict[str, Promise]] = {
    "changes": _("Left out by their own choice, because nothing changed for their shipments: %(number)s."),
    "ends": _(
        "Left out by their own choice, since they want the first and the closing message only: %(number)s."
    ),
}

STORY: Final[dict[str, Promise]] = {
    "reported": _("%(kind)s reported at %(place)s"),
    "affected_found": _("Affected: %(affected)s; came in: %(came)s, left: %(went)s"),
    "customers_found": ngettext_lazy(
        "%(customers)s customer is affected without a shipment: %(came)s came, %(went)s left",
        "%(customers)s customers are affected without a shipment: %(came)s came, %(went)s left",
        "customers",
    ),
    "followed": _("Came in as shipments changed: %(came)s; left: %(went)s"),
    "grade_taken_back": _("Graded %(before)s by mistake: it is %(severity)s"),
    "graded": _("Graded %(severity)s, before %(before)s"),
    "kind_corrected": _("It is %(kind)s, and not %(before)s as was reported"),
    "detection_corrected": _("When it was first noticed was corrected"),
    "moved": _("Now %(state)s, before %(before)s"),
    "facts_changed": _("Changed: %(facts)s"),
    "effect_set": _("What it means: %(effect)s"),
    **scope.STORY,
    "phase_sent": ngettext_lazy(
        "%(phase)s sent to %(recipients)s contact", "%(phase)s sent to %(recipients)s contacts", "recipients"
    ),
    "phase_completed": ngettext_lazy(
        "%(phase)s sent to %(recipients)s contact who waited for their language",
        "%(phase)s sent to %(recipients)s contacts who waited for their language",
        "recipients",
    ),
    "phase_sent_again": ngettext_lazy(
        "%(phase)s sent again to %(recipients)s contact whom it had not reached",
        "%(phase)s sent again to %(recipients)s contacts whom it had not reached",
        "recipients",
    ),
    "phase_next_rung": ngettext_lazy(
        "%(phase)s: on to the next channel for %(recipients)s contact whom it had not reached",
        "%(phase)s: on to the next channel for %(recipients)s contacts whom it had not reached",
        "recipients",
    ),
    "phase_to_call": ngettext_lazy(
        "%(phase)s: %(recipients)s contact whom it had not reached was put on the call list",
        "%(phase)s: %(recipients)s contacts whom it had not reached were put on the call list",
        "recipients",
    ),
    "told_together": ngettext_lazy(
        "%(phase)s: %(contacts)s contact had just heard the same from another message",
        "%(phase)s: %(contacts)s contacts had just heard the same from another message",
        "contacts",
    ),
    "holding_reviewed": _("Holding notice reviewed"),
    "approval_asked": _("%(phase)s waits for approval"),
    "asked_approver": _("%(phase)s: asked to approve, being on call"),
    "asked_deputy": _("%(phase)s: asked to approve, as deputy"),
    "asked_next": _("%(phase)s: asked to approve, as the next in turn"),
    "reminded": _("%(phase)s: reminded to approve"),
    "not_answered": _("%(phase)s: no answer in time"),
    "approved": _("%(phase)s approved"),
    "sent_back": _("%(phase)s sent back"),
    "asked_approver_as": _("%(phase)s: asked to approve (%(approval)s), being on call"),
    "asked_deputy_as": _("%(phase)s: asked to approve (%(approval)s), as deputy"),
    "asked_next_as": _("%(phase)s: asked to approve (%(approval)s), as the next in turn"),
    "reminded_as": _("%(phase)s: reminded to approve (%(approval)s)"),
    "not_answered_as": _("%(phase)s: no answer in time (%(approval)s)"),
    "approved_as": _("%(phase)s approved (%(approval)s)"),
    "passed_on": _("Passed on to another person"),
    "note": _("Note"),
    **choice.STORY,
    **contract.STORY,
    **running.STORY,
}

_CODES: Final = {
    "kind": "kind",
    "severity": "severity",
    "state": "state",
    "phase": "phase",
    "effect": "effect",
    **choice.CODES,
    **running.CODES,
}

_BEFORE: Final = {"graded": "severity", "grade_taken_back": "severity", "kind_corrected": "kind"}
"""What kind of word `before` is in a line; a state in any other."""

_WORDS: Final = {**LABELS, **running.LABELS, **choice.LABELS}


def tell(code: str, facts: dict[str, object], text: str = "") -> str:
    """One line of the timeline in the reader's language, with what a person wrote to it. Numbers stand in it as their `str`."""
    if code == "note":
        return text
    word = _BEFORE.get(code, "state")
    said = {name: _said(word if name == "before" else name, value) for name, value in facts.items()}
    if code == "affected_found":
        said["affected"] = shipments_of_customers(
            *(_number(facts.get(one)) for one in ("shipments", "customers"))
        )
    sentence = str(STORY[code] % said) if code in STORY else code
    return sentence + gettext(": ") + text if text else sentence


def _said(name: str, value: object) -> object:
    if name == "facts" and isinstance(value, list):
        return gettext(", ").join(str(_WORDS.get(f"incident.fact.{one}", one)) for one in value)
    if isinstance(value, int):
        return value
    prefix = _CODES.get(name)
    return str(_WORDS.get(f"incident.{prefix}.{value}", value)) if prefix else str(value)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


ERRORS: Final[dict[str, Promise]] = {
    "incident.missing": _(
        "There is no incident %(number)s within what you may see. Look for it in the list of incidents."
    ),
    "incident.changed": _(
        "%(by)s changed incident %(number)s while you had it before you. Nothing was overwritten: compare both and save again."
    ),
    "incident.message_changed": _(
        "%(by)s wrote or sent this message of incident %(number)s while you had it before you. Nothing was sent or overwritten: look at it as it stands now, then decide."
    ),
    "incident.more_get_it_now": _(
        "The message of incident %(number)s would go to %(now)s contacts now, and you saw %(seen)s. Nothing was sent: look at whom it concerns, then decide."
    ),
    "incident.reported_already": _("This report was taken already, as incident %(number)s."),
    "incident.not_open": _("Incident %(number)s is not open any more. Reopen it first."),
    "incident.kind_unknown": _("There is no kind of incident “%(kind)s”. Choose one from the list."),
    "incident.window_backwards": _("The end lies before the beginning. Change one of the two times."),
    "incident.another_kind": _(
        "%(number)s was of another kind when this went, so its words are wrong now. Write a correction, or a new message."
    ),
    "incident.detected_in_future": _(
        "Nobody can have noticed it in the future. Change the time of detection."
    ),
    "incident.severity_unknown": _("There is no severity “%(severity)s”. Use low, medium, high or critical."),
    "incident.grade_stands": _(
        "The grade of incident %(number)s is no mistake of just now any more: half an hour has passed, or somebody was told since. Lower it without that mark."
    ),
    "incident.mistake_needs_reason": _(
        "Say in a sentence why the grade of incident %(number)s was a mistake."
    ),
    "incident.below_floor": _(
        "This kind of incident, or one in which goods were stolen, may not be graded that low. Choose a higher severity."
    ),
    "incident.grade_needs_reason": _(
        "The table proposes another severity. Say in a sentence why you differ."
    ),
    "incident.effect_unknown": _("There is no effect “%(effect)s”. Choose one from the list."),
    "incident.question_empty": _(
        "The question has no condition yet. Add a place, a lane, a number or another one."
    ),
    "incident.question_too_long": _(
        "The question has more conditions or numbers than can be asked at once. Take some away, or import them as shipments."
    ),
    "incident.term_empty": _("A condition is empty. Fill it in, or take it away."),
    "incident.role_unknown": _(
        "The question names a role that no customer can have. Choose one from the list."
    ),
    "incident.note_empty": _("The note is empty. Write a sentence."),
    "incident.move_not_allowed": _(
        "Incident %(number)s cannot go there from where it stands now. Choose another step."
    ),
    "incident.reason_needed": _("This step of incident %(number)s needs a reason. Write it in a sentence."),
    "incident.customers_were_told": _(
        "Customers have been told about incident %(number)s, so that it cannot be dismissed. Resolve and close it instead."
    ),
    "incident.merged_into_ended": _("Incident %(number)s has ended. Merge into one that is still open."),
    "incident.merged_into_itself": _(
        "Incident %(number)s cannot be merged into itself. Name another incident."
    ),
    "incident.not_ready_to_close": _("Incident %(number)s cannot be closed yet. Still missing: %(missing)s."),
    "incident.phase_unknown": _(
        "There is no phase “%(phase)s”. Use holding, first_notice, update, restored, closing, correction, all_clear or briefing."
    ),
    "incident.holding_too_early": _(
        "An approver of incident %(number)s still has until %(at)s to answer. From then on the holding notice may go."
    ),
    "incident.holding_needs_reason": _(
        "A holding notice goes without an approver. Say in a sentence why incident %(number)s does not wait for one."
    ),
    "incident.holding_not_prepared": _(
        "The holding notice of incident %(number)s cannot go: its text is not approved beforehand in every language. Have it approved under Texts."
    ),
    "incident.holding_as_prepared": _(
        "The holding notice of incident %(number)s goes as it was approved beforehand. Write own sentences into the first notice."
    ),
    "incident.review_of_ones_own": _(
        "You sent this holding notice of incident %(number)s: another person reviews it."
    ),
    "incident.review_empty": _(
        "Say in a sentence what you found of the holding notice of incident %(number)s."
    ),
    "incident.corrects_nothing": _(
        "A correction puts right a message that went. Choose which one of incident %(number)s."
    ),
    "incident.nobody_to_tell": _(
        "Nobody is left to tell: incident %(number)s has no affected customer with a contact who has not had this message."
    ),
    "incident.nobody_waits": _(
        "Nobody waits for this message of incident %(number)s any more: each reader got it, or gets their second language now."
    ),
    "incident.not_completed": _(
        "This message of incident %(number)s cannot be completed. Choose one that you wrote for customers and that went."
    ),
    "incident.message_missing": _(
        "Incident %(number)s has no such message. Open the incident and write it again."
    ),
    "incident.promise_passed": _(
        "The message promises the next one for a time that has passed. Write it anew, so that incident %(number)s promises what you can keep."
    ),
    "incident.told_too_openly": _(
        "The message speaks of theft, and some who would get it may not hear of that. Write it anew: it then says that goods are missing."
    ),
    "incident.successor_does_not_see": _(
        "%(name)s does not see incident %(number)s, which is another unit’s. Name somebody who does."
    ),
    "incident.time_unreadable": _(
        "“%(value)s” is no time. Write it as 2026-11-22T06:40 or 2026-11-22T06:40+01:00."
    ),
    "incident.facts_unreadable": _("The facts in %(file)s cannot be read: %(why)s."),
}
