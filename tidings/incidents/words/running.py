"""The words of running an incident: tasks and departments."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

LABELS: Final[dict[str, Promise]] = {
    "task": _("Task"),
    "incident.fact.safety": _("People or goods in danger"),
    "incident.fact.legal": _("Legal exposure"),
    "incident.department.operations": _("Operations"),
    "incident.department.customer_service": _("Customer service"),
    "incident.department.it": pgettext_lazy("department", "IT"),
    "incident.department.legal": pgettext_lazy("department", "Legal"),
    "incident.department.marketing": _("Marketing"),
    "incident.department.couriers": _("Couriers"),
    "incident.department.finance": pgettext_lazy("department", "Finance"),
    "incident.department.branches": _("Branches"),
    "incident.team.leader": _("leader"),
    "incident.team.deputy": _("deputy"),
    "incident.duty.marketing": _(
        "Leads the team: coordinates the departments, decides what is said in public, and answers the press."
    ),
    "incident.duty.customer_service": _(
        "Deputy: answers customers, keeps the hotline staffed, and says what customers ask."
    ),
    "incident.duty.operations": _(
        "Says what is affected and from when it works again, and finds other routes."
    ),
    "incident.duty.it": _("Keeps systems and channels working, or says until when they are down."),
    "incident.duty.legal": _("Says what must and must not be said, and to which authority by when."),
    "incident.duty.couriers": _("Tells couriers and drivers what to do and what to say at the door."),
    "incident.duty.finance": _("Says what may be offered and refunded, and what it costs."),
    "incident.duty.branches": _("Passes instructions on to the branches, and says how things stand there."),
    "incident.untold.goods": _("What the goods are"),
    "incident.untold.value": _("What they are worth"),
    "incident.untold.other_party": _("Who the other party is"),
    "incident.untold.stolen": _("That goods were stolen: say that they are missing"),
    "incident.end.done": pgettext_lazy("task", "Done"),
    "incident.end.not_done": pgettext_lazy("task", "Not done"),
    "incident.end.": pgettext_lazy("task", "Waiting"),
    "incident.channel.email": _("E-mail"),
    "incident.channel.sms": _("SMS"),
    "incident.channel.voice": _("Voice message"),
    "incident.channel.whatsapp": _("WhatsApp"),
    "incident.channel.wechat": _("WeChat"),
    "incident.channel.telegram": _("Telegram"),
    "incident.channel.wecom": _("WeCom group"),
    "incident.channel.webhook": _("The client’s own system (webhook)"),
    "incident.channel.other": _("Another service (Apprise)"),
    "incident.channel.call": _("A person’s call"),
    "incident.policy.first_notice_within": _("first notice"),
    "incident.policy.update_every": _("updates"),
    "incident.policy.second_person": _("approval of own sentences"),
    "incident.policy.approvers": _("who approves own sentences"),
    "incident.policy.legal_kinds": _("kinds that legal approves too"),
    "incident.policy.management_kinds": _("kinds that management approves too"),
    "incident.policy.special": _("response level"),
    "incident.policy.team": _("who is called in"),
    "incident.policy.brake": _("which change waits for a person"),
    "incident.policy.answer_within": _("time to answer a call"),
    "incident.policy.required": _("what must be told before closing"),
    "incident.policy.channels": _("channels that are written by"),
    "incident.policy.confirm": _("what counts as reached"),
    "incident.policy.overrides_quiet": _("channels in quiet hours"),
    "incident.newly.gathering": _("Goes by itself once changes have been gathered for a few minutes."),
    "incident.newly.large_change": _("Does not go by itself: a large change of who is affected waits."),
    "incident.newly.resolved": _("Does not go by itself: the incident is resolved."),
    "incident.newly.corrected": _("Does not go by itself: what was told has been corrected since."),
    "incident.newly.in_hand": _("Does not go by itself: somebody is writing a first notice."),
    "incident.newly.approval": _("Does not go by itself: an approver looks at it."),
    "incident.newly.sent_back": _("Does not go by itself: an approver sent it back."),
    "incident.newly.refused": _("Does not go by itself: it was refused. The composer says why."),
    "legal_clock": _("One of the law’s clocks"),
    "incident.due.first_notice": _("First notice"),
    "incident.due.update": _("Update"),
    "incident.due.closing": _("Closing message"),
    "incident.due.task": _("Task"),
    "incident.due.promise": _("Promise to a customer"),
    "incident.due.law": _("What the law asks"),
    "incident.due.untold": _("First notice to who came in later"),
    "promise": _("Promise"),
    "incident.promise.kept": pgettext_lazy("promise", "Kept"),
    "incident.promise.broken": pgettext_lazy("promise", "Broken"),
    "incident.law.gdpr_authority": _("Data protection authority, within 72 hours"),
    "incident.law.gdpr_people": _("The people whose data it is, where the risk to them is high"),
    "incident.law.pipl": _("Authority and people, under China’s personal information law"),
    "incident.law.nis2_warning": _("Cyber security authority: early warning, within 24 hours"),
    "incident.law.nis2_notification": _("Cyber security authority: notification, within 72 hours"),
    "incident.law.nis2_report": _("Cyber security authority: final report, a month after"),
    "incident.law.adr_report": _("Authority for dangerous goods, within a month"),
    "incident.law.customs_transit": _("Nearest customs office, for goods in transit"),
    "incident.worked.worked": pgettext_lazy("measure", "It worked"),
    "incident.worked.did_not_work": pgettext_lazy("measure", "It did not work"),
    "incident.lacks.unexplained": _("why customers without a contact were not told"),
    "incident.lacks.people.update": _("an update to everyone who was told"),
    "incident.lacks.people.restored": _("the message that service is restored to everyone who was told"),
    "incident.lacks.people.closing": _("the closing message to everyone who was told"),
    "incident.lacks.phase.update": _("an update"),
    "incident.lacks.phase.restored": _("the message that service is restored"),
    "incident.origin.choice": _("a customer’s choice"),
}

STORY: Final[dict[str, Promise]] = {
    "owed_again": ngettext_lazy(
        "%(customers)s customer who missed the first notice can be reached now, and is owed the newest facts",
        "%(customers)s customers who missed the first notice can be reached now, and are owed the newest facts",
        "customers",
    ),
    "reach_undone": ngettext_lazy(
        "%(phase)s: came back after the end, %(contacts)s contact is not reached any more",
        "%(phase)s: came back after the end, %(contacts)s contacts are not reached any more",
        "contacts",
    ),
    "reach_undone_seen": _("What came back after the end was looked at, and stays so"),
    "exposed": _("Danger and legal exposure looked at again: %(facts)s"),
    "promised": _("Promised to a customer"),
    "promise_over": _("Promise to a customer, %(promise)s"),
    "reminded": _("%(owner)s was reminded of what is due soon: %(due)s"),
    "overdue_told": _("%(owner)s was told what is overdue: %(due)s"),
    "overdue_nobody": _("Nobody on the roster to be told what is overdue: %(due)s"),
    "promise_late": _("Late: promise to a customer"),
    "promise_handed": _("Promise to a customer given to %(owner)s"),
    "legal_owned": _("%(law)s, whose it is: %(owner)s"),
    "legal_done": _("%(law)s, done"),
    "parent_set": _("Now part of another incident: %(other)s"),
    "child_came": _("%(other)s is part of this one now"),
    "merged_in": _("%(other)s was merged into this one, with its affected and its promise"),
    "reviewed": _("Review written"),
    "task_checked": _("Corrective measure checked, %(worked)s"),
    "unreachable_said": ngettext_lazy(
        "%(customers)s affected customer could not be told",
        "%(customers)s affected customers could not be told",
        "customers",
    ),
    "task_added": _("Task for %(department)s"),
    "task_ended": _("Task of %(department)s, %(end)s"),
    "team_called": _("%(department)s: %(owner)s called in"),
    "team_coming": _("%(department)s: %(owner)s is coming"),
    "team_cannot": _("%(department)s: %(owner)s cannot come"),
    "team_unanswered": _("%(department)s: %(owner)s did not answer in time"),
    "hotline_set": _("Hotline of its own"),
    "hotline_ended": _("The hotline of its own has ended"),
    "task_handed": _("Task of %(department)s given to %(owner)s"),
}

CODES: Final = {
    "promise": "promise",
    "law": "law",
    "due": "due",
    "worked": "worked",
    "department": "department",
    "end": "end",
}
"""Facts of a line that are codes, and whose."""

ERRORS: Final[dict[str, Promise]] = {
    "incident.nothing_undone": _(
        "Nothing came back since %(number)s was closed, or somebody looked at it already."
    ),
    "incident.nobody_to_call": _(
        "The roster has nobody on call for a department that is still to be called. Put somebody on it, or call somebody in yourself."
    ),
    "incident.no_such_call": _("There is no such call here. Look at the incident as it stands now."),
    "incident.call_not_yours": _("Only who was called in answers this."),
    "incident.no_hotline": _("Incident %(number)s has no hotline of its own. Nothing was changed."),
    "incident.task_empty": _("A task names a department and says what to do. Fill in both."),
    "incident.task_missing": _("There is no such task here. Look for it in the incident’s list of tasks."),
    "incident.task_ended": _("%(by)s ended this task already. Nothing was changed."),
    "incident.task_end_unknown": _("A task ends as done or as not done. Choose one of the two."),
    "incident.task_needs_reason": _("Say in a sentence why the task was not done."),
    "incident.policy_too_loose": _(
        "Above low, the first notice must always be told. Leave it among what closing requires."
    ),
    "incident.policy_changed": _(
        "Somebody changed this policy while you had it before you. Nothing was overwritten: look at it as it stands now."
    ),
    "incident.no_such_policy_ask": _(
        "This request does not wait any more. Look at the policy as it stands now."
    ),
    "incident.policy_confirm_as_yourself": _(
        "A person confirms what loosens a policy or the grading, signed in as themselves. Open the settings page."
    ),
    "incident.policy_not_both": _("You asked for it, so another administrator must confirm it."),
    "incident.promise_empty": _("A promise says what, in one line. Write it."),
    "incident.promise_in_the_past": _("A promise is for a time to come. Choose a later one."),
    "incident.no_such_promise": _("This promise is not open here. Look at the incident as it stands now."),
    "incident.promise_ended": _("%(by)s ended this promise already. Nothing was changed."),
    "incident.promise_needs_note": _("Say in a sentence what came of the broken promise."),
    "incident.no_such_legal_clock": _(
        "This clock of the law does not run for the incident. Look at its page."
    ),
    "incident.proof_needed": _("Say what proves that it was done: a reference, a name, a receipt."),
    "incident.parent_below": _(
        "Incident %(other)s is %(number)s itself or stands below it. Choose one that does not."
    ),
    "incident.drill_and_real": _(
        "One of %(number)s and %(other)s is an exercise and the other is not. Merge only what is alike."
    ),
    "incident.check_before_due": _("The check lies before the measure is due. Choose a later day."),
    "incident.check_needs_reason": _("Say in a sentence why it did not work."),
    "incident.nobody_unreachable": _("Every affected customer of incident %(number)s has a contact."),
    "incident.owner_does_not_see": _(
        "%(name)s cannot open incident %(number)s. Name somebody who sees this unit’s incidents."
    ),
}
