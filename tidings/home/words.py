"""Words of the worklist, the search, the audit page and the demo."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# What every domain writes into the audit: its verb, thing and facts. A test names what lacks a word.
_VERBS = {
    "audit.verb.arrival.end": pgettext_lazy("audit", "A conversation was done with"),
    "audit.verb.arrival.read": pgettext_lazy("audit", "A customer’s answer was read"),
    "audit.verb.arrival.seen": pgettext_lazy("audit", "A mail that was not applied was looked at"),
    "audit.verb.door.change": pgettext_lazy("audit", "A door for incoming mail was changed"),
    "audit.verb.address.mark": pgettext_lazy("audit", "An address was marked as refused"),
    "audit.verb.address.revive": pgettext_lazy("audit", "An address was taken into use again"),
    "audit.verb.call.take": pgettext_lazy("audit", "A call was taken, or its outcome noted"),
    "audit.verb.customer.contract": pgettext_lazy("audit", "What a contract says on who hears was changed"),
    "audit.verb.customer.services": pgettext_lazy("audit", "What a customer uses was changed"),
    "audit.verb.answer.change": pgettext_lazy("audit", "A question and its answer were changed"),
    "audit.verb.answer.out": pgettext_lazy("audit", "A question was taken out"),
    "audit.verb.contact.ask": pgettext_lazy("audit", "Another address of a contact was asked for"),
    "audit.verb.contact.decline": pgettext_lazy("audit", "Another address of a contact was refused"),
    "audit.verb.contact.add": pgettext_lazy("audit", "A contact was added"),
    "audit.verb.contact.change": pgettext_lazy("audit", "A contact was changed"),
    "audit.verb.contact.links_revoked": pgettext_lazy(
        "audit", "The links to a contact’s own page were ended"
    ),
    "audit.verb.grading.ask": pgettext_lazy("audit", "A looser grading was asked for"),
    "audit.verb.grading.decline": pgettext_lazy("audit", "A looser grading was declined"),
    "audit.verb.grading.row_add": pgettext_lazy("audit", "A row was added to the grading table"),
    "audit.verb.grading.row_end": pgettext_lazy("audit", "A row was taken out of the grading table"),
    "audit.verb.import.ask": pgettext_lazy("audit", "An import was asked for"),
    "audit.verb.incident.customers_found": pgettext_lazy(
        "audit", "The affected customers without a shipment were found"
    ),
    "audit.verb.incident.affected_found": pgettext_lazy("audit", "The affected shipments were found"),
    "audit.verb.incident.approval_asked": pgettext_lazy("audit", "Approval of a message was asked"),
    "audit.verb.incident.client_agreed": pgettext_lazy(
        "audit", "A client’s word to tell its consignees was noted"
    ),
    "audit.verb.incident.client_agreed_itself": pgettext_lazy(
        "audit", "A client said on its own page that its consignees may be told"
    ),
    "audit.verb.incident.survey_answered": pgettext_lazy("audit", "A customer said how we did"),
    "audit.verb.telling.ask": pgettext_lazy("audit", "It was asked that a role be told more, or less"),
    "audit.verb.telling.open": pgettext_lazy("audit", "A role is told a fact by a channel"),
    "audit.verb.telling.close": pgettext_lazy("audit", "A role is told a fact by a channel no more"),
    "audit.verb.telling.decline": pgettext_lazy(
        "audit", "A request to tell a role more, or less, was declined"
    ),
    "audit.verb.incident.choice_closed": pgettext_lazy("audit", "The time to choose was over"),
    "audit.verb.incident.choice_made": pgettext_lazy("audit", "A customer chose"),
    "audit.verb.incident.choice_offered": pgettext_lazy("audit", "A choice was offered"),
    "audit.verb.incident.choice_withdrawn": pgettext_lazy("audit", "A choice was withdrawn"),
    "audit.verb.incident.effect_set": pgettext_lazy("audit", "An effect was set"),
    "audit.verb.incident.question_changed": pgettext_lazy(
        "audit", "The question of who is affected was changed"
    ),
    "audit.verb.incident.customers_added": pgettext_lazy(
        "audit", "Customers without a shipment were added by hand"
    ),
    "audit.verb.incident.customers_taken_out": pgettext_lazy(
        "audit", "Customers without a shipment were taken out by hand"
    ),
    "audit.verb.incident.customers_given_back": pgettext_lazy(
        "audit", "Customers without a shipment are as the question says again"
    ),
    "audit.verb.incident.added_by_hand": pgettext_lazy("audit", "Shipments were added by hand"),
    "audit.verb.incident.taken_out_by_hand": pgettext_lazy("audit", "Shipments were taken out by hand"),
    "audit.verb.incident.given_back_to_the_question": pgettext_lazy(
        "audit", "Shipments are as the question says again"
    ),
    "audit.verb.incident.change_held": pgettext_lazy("audit", "A large change of who is affected was held"),
    "audit.verb.incident.change_let_go": pgettext_lazy(
        "audit", "A large change of who is affected was let go"
    ),
    "audit.verb.incident.effect_set_of": pgettext_lazy("audit", "An effect was set of single shipments"),
    "audit.verb.incident.effect_taken_back": pgettext_lazy(
        "audit", "An effect of single shipments was taken back"
    ),
    "audit.verb.incident.exposed": pgettext_lazy("audit", "Danger and legal exposure were looked at again"),
    "audit.verb.incident.facts_changed": pgettext_lazy("audit", "The facts of an incident were changed"),
    "audit.verb.incident.followed": pgettext_lazy("audit", "The affected scope followed new events"),
    "audit.verb.incident.grade_taken_back": pgettext_lazy("audit", "A grade was taken back as a mistake"),
    "audit.verb.incident.kind_corrected": pgettext_lazy("audit", "The kind of an incident was corrected"),
    "audit.verb.incident.detection_corrected": pgettext_lazy(
        "audit", "When an incident was first noticed was corrected"
    ),
    "audit.verb.incident.reach_undone": pgettext_lazy(
        "audit", "Messages came back after the end of an incident"
    ),
    "audit.verb.incident.reach_undone_seen": pgettext_lazy(
        "audit", "What came back after the end of an incident was looked at"
    ),
    "audit.verb.incident.owed_again": pgettext_lazy(
        "audit", "Customers who missed the first notice can be reached now"
    ),
    "audit.verb.incident.graded": pgettext_lazy("audit", "An incident was graded"),
    "audit.verb.incident.moved": pgettext_lazy("audit", "An incident went to another state"),
    "audit.verb.incident.note": pgettext_lazy("audit", "A note was written"),
    "audit.verb.incident.passed_on": pgettext_lazy("audit", "An incident was passed on"),
    "audit.verb.incident.phase_sent": pgettext_lazy("audit", "A message of an incident was sent"),
    "audit.verb.incident.holding_reviewed": _("holding notice reviewed"),
    "audit.verb.incident.phase_completed": pgettext_lazy(
        "audit", "A message of an incident was sent to those who waited for their language"
    ),
    "audit.verb.incident.told_together": pgettext_lazy(
        "audit", "Contacts counted as told by the message of another incident"
    ),
    "audit.verb.incident.phase_sent_again": pgettext_lazy(
        "audit", "A message was sent again to whom it had not reached"
    ),
    "audit.verb.incident.phase_next_rung": pgettext_lazy(
        "audit", "Who was not reached went on to the next channel"
    ),
    "audit.verb.incident.phase_to_call": pgettext_lazy(
        "audit", "Who was not reached was put on the call list"
    ),
    "audit.verb.incident.reported": pgettext_lazy("audit", "An incident was reported"),
    "audit.verb.incident.promised": pgettext_lazy("audit", "A customer was promised something"),
    "audit.verb.incident.promise_over": pgettext_lazy("audit", "A promise to a customer ended"),
    "audit.verb.incident.reminded": pgettext_lazy("audit", "Somebody was reminded of what is due soon"),
    "audit.verb.incident.overdue_told": pgettext_lazy("audit", "Somebody was told what is overdue"),
    "audit.verb.incident.overdue_nobody": pgettext_lazy(
        "audit", "The roster had nobody to be told what is overdue"
    ),
    "audit.verb.incident.promise_late": pgettext_lazy("audit", "A promise to a customer became late"),
    "audit.verb.incident.promise_handed": pgettext_lazy(
        "audit", "A promise to a customer was given to another person"
    ),
    "audit.verb.incident.legal_owned": pgettext_lazy(
        "audit", "One of the law’s clocks was given to a person"
    ),
    "audit.verb.incident.legal_done": pgettext_lazy("audit", "One of the law’s clocks was met"),
    "audit.verb.incident.parent_set": pgettext_lazy("audit", "An incident was put under another"),
    "audit.verb.incident.child_came": pgettext_lazy("audit", "An incident got one below it"),
    "audit.verb.incident.merged_in": pgettext_lazy("audit", "Another incident was merged into one"),
    "audit.verb.incident.reviewed": pgettext_lazy("audit", "A review was written"),
    "audit.verb.incident.task_checked": pgettext_lazy("audit", "A corrective measure was checked"),
    "audit.verb.incident.unreachable_said": pgettext_lazy("audit", "Customers were recorded as unreachable"),
    "audit.verb.incident.team_called": pgettext_lazy("audit", "Somebody was called in"),
    "audit.verb.incident.team_coming": pgettext_lazy("audit", "Somebody who was called in is coming"),
    "audit.verb.incident.team_cannot": pgettext_lazy("audit", "Somebody who was called in cannot come"),
    "audit.verb.incident.team_unanswered": pgettext_lazy(
        "audit", "Somebody who was called in did not answer"
    ),
    "audit.verb.incident.hotline_set": pgettext_lazy("audit", "A hotline was opened or changed"),
    "audit.verb.incident.hotline_ended": pgettext_lazy("audit", "A hotline was ended"),
    "audit.verb.incident.task_added": pgettext_lazy("audit", "A task was given"),
    "audit.verb.incident.task_ended": pgettext_lazy("audit", "A task was ended"),
    "audit.verb.incident.task_handed": pgettext_lazy("audit", "A task was given to another person"),
    "audit.verb.installation.change": pgettext_lazy("audit", "The installation was changed"),
    "audit.verb.key.confirm": pgettext_lazy("audit", "A key for a program was confirmed"),
    "audit.verb.key.make": pgettext_lazy("audit", "A key for a program was made"),
    "audit.verb.key.revoke": pgettext_lazy("audit", "A key for a program was revoked"),
    "audit.verb.kind.retire": pgettext_lazy("audit", "A kind of incident was retired"),
    "audit.verb.kind.save": pgettext_lazy("audit", "A kind of incident was written down"),
    "audit.verb.message.approve": pgettext_lazy("audit", "Words were approved"),
    "audit.verb.message.ask": pgettext_lazy("audit", "Somebody was asked to approve"),
    "audit.verb.message.remind": pgettext_lazy("audit", "Somebody was reminded to approve"),
    "audit.verb.message.confirm": pgettext_lazy("audit", "A customer confirmed that they have it"),
    "audit.verb.message.freeze": pgettext_lazy("audit", "A message was frozen"),
    "audit.verb.message.send": pgettext_lazy("audit", "Sending was begun or resumed"),
    "audit.verb.message.send_back": pgettext_lazy("audit", "Words were sent back"),
    "audit.verb.message.stop": pgettext_lazy("audit", "Sending was stopped or paused"),
    "audit.verb.message.told_together": pgettext_lazy("audit", "Contacts counted as told by another message"),
    "audit.verb.message.write": pgettext_lazy("audit", "A message was written"),
    "audit.verb.password.ask": pgettext_lazy("audit", "Somebody was mailed a link for a new password"),
    "audit.verb.password.own": pgettext_lazy("audit", "Somebody set their own password"),
    "audit.verb.profile.own": pgettext_lazy("audit", "Somebody changed their own profile"),
    "audit.verb.profile.save": pgettext_lazy("audit", "An import profile was saved"),
    "audit.verb.relay.change": pgettext_lazy("audit", "How we hand over messages was changed"),
    "audit.verb.roster.end": pgettext_lazy("audit", "Somebody was taken off the roster"),
    "audit.verb.roster.set": pgettext_lazy("audit", "Somebody was put on call"),
    "audit.verb.shipment.import": pgettext_lazy("audit", "A file was imported"),
    "audit.verb.policy.ask": pgettext_lazy("audit", "A looser policy was asked for"),
    "audit.verb.policy.change": pgettext_lazy("audit", "A policy was changed"),
    "audit.verb.policy.decline": pgettext_lazy("audit", "A looser policy was declined"),
    "audit.verb.staff.ask": pgettext_lazy("audit", "More rights for somebody were asked for"),
    "audit.verb.staff.change": pgettext_lazy("audit", "Somebody’s access was changed"),
    "audit.verb.staff.decline": pgettext_lazy("audit", "More rights for somebody were declined"),
    "audit.verb.staff.end": pgettext_lazy("audit", "Somebody’s account was ended"),
    "audit.verb.staff.invite": pgettext_lazy("audit", "Somebody was invited, or given a link"),
    "audit.verb.staff.pass_on": pgettext_lazy("audit", "What somebody had in hand was passed on"),
    "audit.verb.text.register": pgettext_lazy("audit", "A provider’s form of a text was noted"),
    "audit.verb.text.ask": pgettext_lazy("audit", "Approval of a text was asked"),
    "audit.verb.text.change": pgettext_lazy("audit", "A text was changed"),
    "audit.verb.unit.change": pgettext_lazy("audit", "A unit was made or changed"),
}
_THINGS = {
    "audit.thing.arrival": pgettext_lazy("audit thing", "mail that came in"),
    "audit.thing.conversation": pgettext_lazy("audit thing", "conversation with a customer"),
    "audit.thing.door": pgettext_lazy("audit thing", "door for incoming mail"),
    "audit.thing.address": pgettext_lazy("audit thing", "address"),
    "audit.thing.customer": pgettext_lazy("audit thing", "customer"),
    "audit.thing.answer": pgettext_lazy("audit thing", "question and answer"),
    "audit.thing.contact": pgettext_lazy("audit thing", "contact"),
    "audit.thing.epoch": pgettext_lazy("audit thing", "epoch of sending"),
    "audit.thing.events": pgettext_lazy("audit thing", "events of a program"),
    "audit.thing.grading": pgettext_lazy("audit thing", "grading table"),
    "audit.thing.kind": pgettext_lazy("audit thing", "kind of incident"),
    "audit.thing.import": pgettext_lazy("audit thing", "import"),
    "audit.thing.incident": pgettext_lazy("audit thing", "incident"),
    "audit.thing.installation": pgettext_lazy("audit thing", "installation"),
    "audit.thing.key": pgettext_lazy("audit thing", "key of a program"),
    "audit.thing.message": pgettext_lazy("audit thing", "message"),
    "audit.thing.pause": pgettext_lazy("audit thing", "pause"),
    "audit.thing.person": pgettext_lazy("audit thing", "person"),
    "audit.thing.policy": pgettext_lazy("audit thing", "policy"),
    "audit.thing.profile": pgettext_lazy("audit thing", "import profile"),
    "audit.thing.recipient": pgettext_lazy("audit thing", "recipient"),
    "audit.thing.relay": pgettext_lazy("audit thing", "mail relay"),
    "audit.thing.telling": pgettext_lazy("audit thing", "table of who may be told what"),
    "audit.thing.text": pgettext_lazy("audit thing", "text"),
    "audit.thing.unit": pgettext_lazy("audit thing", "unit"),
    "audit.thing.voice": pgettext_lazy("audit thing", "sender’s voice"),
}
_FACTS = {
    "audit.fact.answers": pgettext_lazy("audit fact", "answers"),
    "audit.fact.about": pgettext_lazy("audit fact", "about"),
    "audit.fact.accounts": pgettext_lazy("audit fact", "accounts"),
    "audit.fact.alone": pgettext_lazy("audit fact", "only administrator"),
    "audit.fact.asked": pgettext_lazy("audit fact", "request"),
    "audit.fact.asked_by": pgettext_lazy("audit fact", "asked by"),
    "audit.fact.groups": pgettext_lazy("audit fact", "groups of conditions"),
    "audit.fact.pieces": pgettext_lazy("audit fact", "pieces"),
    "audit.fact.before": pgettext_lazy("audit fact", "before"),
    "audit.fact.audience_size": pgettext_lazy("audit fact", "readers"),
    "audit.fact.begins_at": pgettext_lazy("audit fact", "from"),
    "audit.fact.broadcast": pgettext_lazy("audit fact", "broadcast"),
    "audit.fact.by_mail": pgettext_lazy("audit fact", "by e-mail"),
    "audit.fact.came": pgettext_lazy("audit fact", "came in"),
    "audit.fact.changed": pgettext_lazy("audit fact", "changed"),
    "audit.fact.channels": pgettext_lazy("audit fact", "channels"),
    "audit.fact.code": pgettext_lazy("audit fact", "code"),
    "audit.fact.default": pgettext_lazy("audit fact", "without an answer"),
    "audit.fact.option": pgettext_lazy("audit fact", "option"),
    "audit.fact.options": pgettext_lazy("audit fact", "options"),
    "audit.fact.confirmed_at": pgettext_lazy("audit fact", "confirmed at"),
    "audit.fact.client": pgettext_lazy("audit fact", "client"),
    "audit.fact.contract": pgettext_lazy("audit fact", "contract"),
    "audit.fact.contacts": pgettext_lazy("audit fact", "contacts"),
    "audit.fact.created": pgettext_lazy("audit fact", "created"),
    "audit.fact.customers": pgettext_lazy("audit fact", "customers"),
    "audit.fact.demo": pgettext_lazy("audit fact", "demo"),
    "audit.fact.department": pgettext_lazy("audit fact", "department"),
    "audit.fact.digest": pgettext_lazy("audit fact", "digest"),
    "audit.fact.done": pgettext_lazy("audit fact", "done"),
    "audit.fact.dry_run": pgettext_lazy("audit fact", "trial run"),
    "audit.fact.effect": pgettext_lazy("audit fact", "effect"),
    "audit.fact.ends_at": pgettext_lazy("audit fact", "until"),
    "audit.fact.expires_at": pgettext_lazy("audit fact", "works until"),
    "audit.fact.end": pgettext_lazy("audit fact", "end"),
    "audit.fact.facts": pgettext_lazy("audit fact", "facts"),
    "audit.fact.file": pgettext_lazy("audit fact", "file"),
    "audit.fact.how": pgettext_lazy("audit fact", "how"),
    "audit.fact.floor": pgettext_lazy("audit fact", "floor"),
    "audit.fact.kind": pgettext_lazy("audit fact", "kind"),
    "audit.fact.language": pgettext_lazy("audit fact", "language"),
    "audit.fact.languages": pgettext_lazy("audit fact", "languages"),
    "audit.fact.loosened": pgettext_lazy("audit fact", "loosened"),
    "audit.fact.loosens": pgettext_lazy("audit fact", "gives more rights"),
    "audit.fact.origin": pgettext_lazy("audit fact", "origin"),
    "audit.fact.outcome": pgettext_lazy("audit fact", "outcome"),
    "audit.fact.due": pgettext_lazy("audit fact", "what is due"),
    "audit.fact.law": pgettext_lazy("audit fact", "clock of the law"),
    "audit.fact.promise": pgettext_lazy("audit fact", "promise"),
    "audit.fact.other": pgettext_lazy("audit fact", "other incident"),
    "audit.fact.worked": pgettext_lazy("audit fact", "result"),
    "audit.fact.owner": pgettext_lazy("audit fact", "owner"),
    "audit.fact.parent": pgettext_lazy("audit fact", "belongs to"),
    "audit.fact.passed": pgettext_lazy("audit fact", "passed on"),
    "audit.fact.password_link": pgettext_lazy("audit fact", "password link"),
    "audit.fact.phase": pgettext_lazy("audit fact", "phase"),
    "audit.fact.place": pgettext_lazy("audit fact", "place"),
    "audit.fact.planned": pgettext_lazy("audit fact", "planned"),
    "audit.fact.profile": pgettext_lazy("audit fact", "profile"),
    "audit.fact.readmitted": pgettext_lazy("audit fact", "opened again"),
    "audit.fact.recipients": pgettext_lazy("audit fact", "recipients"),
    "audit.fact.rejected": pgettext_lazy("audit fact", "rejected"),
    "audit.fact.person": pgettext_lazy("audit fact", "person"),
    "audit.fact.asked_as": pgettext_lazy("audit fact", "asked as"),
    "audit.fact.role": pgettext_lazy("audit fact", "role"),
    "audit.fact.roles": pgettext_lazy("audit fact", "roles"),
    "audit.fact.roles_before": pgettext_lazy("audit fact", "roles before"),
    "audit.fact.row": pgettext_lazy("audit fact", "row"),
    "audit.fact.rows": pgettext_lazy("audit fact", "rows"),
    "audit.fact.rungs": pgettext_lazy("audit fact", "rungs"),
    "audit.fact.scope": pgettext_lazy("audit fact", "scope"),
    "audit.fact.scopes": pgettext_lazy("audit fact", "may do"),
    "audit.fact.second_factor": pgettext_lazy("audit fact", "second factor"),
    "audit.fact.severity": pgettext_lazy("audit fact", "severity"),
    "audit.fact.shipments": pgettext_lazy("audit fact", "shipments"),
    "audit.fact.state": pgettext_lazy("audit fact", "state"),
    "audit.fact.successor": pgettext_lazy("audit fact", "successor"),
    "audit.fact.task": pgettext_lazy("audit fact", "task"),
    "audit.fact.thing": pgettext_lazy("audit fact", "thing"),
    "audit.fact.time_zone": pgettext_lazy("audit fact", "time zone"),
    "audit.fact.uncertain": pgettext_lazy("audit fact", "uncertain"),
    "audit.fact.unit": pgettext_lazy("audit fact", "unit"),
    "audit.fact.up_to": pgettext_lazy("audit fact", "up to"),
    "audit.fact.version": pgettext_lazy("audit fact", "version"),
    "audit.fact.waits": pgettext_lazy("audit fact", "waits for a second person"),
    "audit.fact.what": pgettext_lazy("audit fact", "change asked for"),
    "audit.fact.was": pgettext_lazy("audit fact", "was"),
    "audit.fact.went": pgettext_lazy("audit fact", "left"),
    "audit.fact.why": pgettext_lazy("audit fact", "reason"),
}

LABELS = {
    "worklist.approve": _("Approval"),
    "worklist.approve_legal": _("Approval, legal"),
    "worklist.approve_management": _("Approval, management"),
    "worklist.task": _("Task"),
    "worklist.check": _("Look whether it worked"),
    "worklist.promise": _("Promise to a customer"),
    "worklist.untold": _("Came in later, not told yet"),
    "worklist.all_clear": _("All-clear to write"),
    "worklist.law": _("What the law asks"),
    "worklist.called_in": _("You are called in"),
    "worklist.team_gap": _("Nobody comes, call somebody in"),
    "worklist.address": _("New address of a contact to confirm"),
    "worklist.policy": _("Looser policy to confirm"),
    "worklist.grading": _("Looser grading to confirm"),
    "worklist.telling": _("What a role may be told, to confirm"),
    "worklist.below_floor": _("Goods were stolen, and it is still graded low"),
    "worklist.undone": _("Came back after the end: not reached any more"),
    "worklist.held_change": _("A large change of who is affected waits"),
    "worklist.late_language": _("A language is missing in a sent message"),
    "worklist.review_holding": _("Review of a holding notice"),
    "worklist.key": _("Key for a program to confirm"),
    "worklist.more_rights": _("More rights to confirm"),
    "worklist.nobody_answered": _("Nobody answered, a holding notice may go"),
    "worklist.approved": _("Approved, to be sent"),
    "worklist.sent_back": _("Sent back, to be changed"),
    "command": _("command line"),
    "system": _("by itself"),
    "key": _("program"),
    "person": _("Person"),
    "unit": _("Unit"),
    "installation": _("Installation"),
    **_VERBS,
    **_THINGS,
    **_FACTS,
}

ERRORS = {
    "demo.real_installation": _(
        "This installation belongs to a firm: the demo runs on an empty one only. Set TIDINGS_HOME to another folder."
    ),
    "demo.nothing_there": _(
        "No shipment has an event anywhere, so that no incident can touch one. Import events first."
    ),
    "demo.waits_for_approval": _(
        "The first notice of %(number)s waits for an approval, because its text is not the shipped one. Approve it on its page."
    ),
    "demo.sender_silent": _(
        "%(left)s messages have not been handed over for two minutes. Look at the sender’s log."
    ),
    "demo.profile_needs_file": _(
        "A profile says how a file is read, and no file was given: add --file, or leave --profile out."
    ),
    "demo.file_needs_profile": _("A file needs its profile: add --profile with a name or the path of one."),
    "demo.no_file": _("There is no file %(file)s."),
}
