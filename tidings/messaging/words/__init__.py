"""Words for what messaging refuses and for its codes."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tidings.messaging.words import messengers, registered, services

ERRORS = {
    **services.ERRORS,
    **registered.ERRORS,
    "messaging.no_such_message": _("There is no such message, or it is not for you."),
    "messaging.no_such_recipient": _("There is no such recipient, or they are not for you."),
    "messaging.sent_again_meanwhile": _(
        "Somebody sent it again since you looked. Look at whom it has not reached now, then decide."
    ),
    "messaging.more_not_reached": _(
        "It would go to %(now)s people, and you were shown %(seen)s. Look again, then send."
    ),
    "messaging.nobody_left": _(
        "There is nobody to send it to again: it has reached them, is on its way, or they have no usable address."
    ),
    "messaging.no_such_call": _("This call is not yours, or there is none. Take one from the call list."),
    "messaging.call_ended": _(
        "This call has ended, or its time was up and it went to somebody else. Take the next one."
    ),
    "messaging.again_passed": _("This moment has passed. Choose a later one to call again."),
    "messaging.no_such_phase": _("“%(phase)s” is no phase of a message."),
    "messaging.no_such_fact": _(
        "“%(fact)s” is no fact of this message. Leave it out, or choose one of the list."
    ),
    "messaging.needs_language": _("The sentence “%(fact)s” needs a language: write it once for each."),
    "messaging.not_a_moment": _("“%(value)s” is not a moment. Write it like 2026-11-22T12:00+01:00."),
    "messaging.no_text": _("There is no text for this kind and phase yet. Write one under Texts."),
    "messaging.not_a_text": _("This text cannot be read: %(reason)s."),
    "messaging.no_such_answer": _("There is no such question. Look for it in the list of questions."),
    "messaging.answer_empty": _("Write the question and its answer in at least one language."),
    "messaging.answer_half": _(
        "In one language the question or its answer is missing. Write both, or leave both empty."
    ),
    "messaging.answer_only_slots": _(
        "Each answer needs a paragraph without a slot, for when a fact is not known yet; and a question has no slots."
    ),
    "messaging.text_incomplete": _("A text needs a subject, a short form and at least one block."),
    "messaging.unknown_slots": _(
        "Nothing fills these slots: %(slots)s. Correct their names or take them out."
    ),
    "messaging.facts_missing": _("The message does not say everything yet. Missing: %(missing)s."),
    "messaging.changed_meanwhile": _(
        "Somebody changed it in the meantime. Look at the newest version, then decide."
    ),
    "messaging.already_sent": _("It has gone out already. Write a correction instead."),
    "messaging.nothing_frozen": _("The words are not frozen, or were changed since. Freeze them first."),
    "messaging.other_words_frozen": _(
        "Other words were frozen since you read them. Read them as they stand now, then decide."
    ),
    "messaging.other_text_by_now": _(
        "This text says something else by now. Read it as it stands, then decide."
    ),
    "messaging.typed_too_long": _(
        "This is longer than a text can be: at most %(most)s characters are kept while you type. Shorten it, then save."
    ),
    "messaging.no_such_version": _("There is no such version of this text."),
    "messaging.text_approved": _("Somebody approved these words already: there is nothing to ask for."),
    "messaging.text_in_force": _("This text is in force already: there is nothing to go back to."),
    "messaging.approval_void": _(
        "The words or the number of readers are not those that were approved. Freeze them again and have them approved."
    ),
    "messaging.not_approved": _("Somebody else must approve these words before they go."),
    "messaging.approver_not_a_person": _(
        "Only a person who has signed in approves; a command or key asks for it."
    ),
    "messaging.author_may_not_approve": _("You wrote part of this: another person must approve it."),
    "messaging.approver_of_another_kind": _(
        "What is missing is not yours to approve. An approver of that kind must do it."
    ),
    "messaging.other_kind_by_another": _(
        "You approved it already. Another person must give the approval that is still missing."
    ),
    "messaging.sent_back": _("An approver sent these words back. Change them first, then ask again."),
    "messaging.decided_already": _(
        "Somebody decided on these words already. Look at the message as it stands now."
    ),
    "messaging.written_anew": _("Another message was written in the place of this one. Decide on that one."),
    "messaging.reason_needed": _("Say in a sentence why you send it back."),
    "messaging.audience_outgrew": _(
        "It would go to %(now)s people, but only %(approved)s were approved. Freeze it again and have it approved."
    ),
    "messaging.no_such_relay": _("There is no such relay in use."),
    "messaging.relay_name_taken": _("The name “%(name)s” is taken. Choose another."),
    "messaging.password_in_the_clear": _(
        "A password is not sent over an open connection. Choose TLS or STARTTLS."
    ),
    "messaging.password_for_another_server": _(
        "The kept password was given for another server or user. Enter the password again."
    ),
    "messaging.not_an_address": _("This is not a mail address."),
    "messaging.no_such_mail": _("This mail is not in the catcher; it is emptied after a week."),
    "messaging.relay": _("The mail server did not take it now (%(why)s); it is tried again."),
    "messaging.service_later": _("The service did not take it now (%(why)s); it is tried again."),
    "messaging.no_such_pause": _("This pause has ended, or there is none."),
    "messaging.more_wait_now": _(
        "%(now)s recipients wait by now, and you were shown %(seen)s. Look again, then resume."
    ),
    "messaging.only_headquarters": _("This touches the whole firm: somebody at headquarters does it."),
    "messaging.not_sent_yet": _("This message has not been sent yet: there is nothing to pause."),
}

LABELS = {
    **services.LABELS,
    **messengers.LABELS,
    **registered.LABELS,
    "message.phase.holding": _("Holding notice"),
    "message.phase.first_notice": _("First notice"),
    "message.phase.update": _("Update"),
    "message.phase.restored": _("Service restored"),
    "message.phase.closing": _("Closing message"),
    "message.phase.correction": _("Correction"),
    "message.phase.all_clear": _("All-clear"),
    "message.phase.briefing": _("Briefing"),
    "message.state.draft": _("Draft"),
    "approval.kind.": _("approver"),
    "approval.kind.legal": pgettext_lazy("approval", "legal"),
    "approval.kind.management": pgettext_lazy("approval", "management"),
    "message.state.waiting_for_approval": _("Waiting for approval"),
    "message.state.sent_back": _("Sent back"),
    "message.state.ready": _("Ready to go"),
    "message.state.sent": _("Sent"),
    "message.part.in_time": _("In time"),
    "message.part.late": _("Late"),
    "message.part.under_way": _("Under way"),
    "message.part.overdue": _("Overdue"),
    "message.part.unreachable": _("Unreachable"),
    "message.part.not_reached": _("Not reached yet"),
    "message.strength.presumed": _("presumed"),
    "message.strength.delivered": _("delivered"),
    "message.strength.confirmed": _("confirmed"),
    "message.reason.no_address": _("no usable address"),
    "message.reason.no_channel.sms": _("SMS cannot be sent yet"),
    "message.reason.no_channel.voice": _("voice messages cannot be sent yet"),
    "message.reason.no_channel.whatsapp": _("WhatsApp cannot be sent yet"),
    "message.reason.no_channel.wechat": _("WeChat cannot be sent yet"),
    "message.reason.no_channel.telegram": _("Telegram cannot be sent yet"),
    "message.reason.no_channel.wecom": _("WeCom groups cannot be written to yet"),
    "message.reason.no_channel.webhook": _("webhooks cannot be sent yet"),
    "message.reason.no_channel.other": _("no service for it is in use yet"),
    "message.reason.no_channel.fax": _("fax cannot be sent yet"),
    "message.reason.no_channel.letter": _("letters cannot be sent yet"),
    "message.reason.no_channel.call": _("they do not want to be called"),
    "message.reason.no_answer": _("no answer when called"),
    "message.reason.left_word": _("word was left with somebody"),
    "message.reason.wrong_number": _("the number was wrong"),
    "message.reason.refuses_calls": _("they do not want to be called"),
    "message.reason.unconfirmed": _("they must confirm, did not, and there is no number to call"),
    "message.reason.quiet": _("waits until their quiet hours are over"),
    "message.reason.no_text": _("waits for a text in their language"),
    "message.reason.restored": _("uncertain since a restore: they may have it already"),
    "message.scope.everything": _("Everything"),
    "message.scope.broadcast": _("Message"),
    "message.scope.lane": _("Lane"),
    "message.scope.destination": _("Mail servers"),
    "message.scope.relay": _("Relay"),
    "message.tried.taken": _("It took a test mail."),
    "message.tried.refused": _("It answers, but did not take a test mail."),
    "message.tried.unreachable": _("It does not answer at this host and port."),
    "message.tried.certificate": _("Its certificate is not valid for this host."),
    "message.tried.no_starttls": _("It does not offer the encryption that was chosen."),
    "message.tried.sign_in": _("It does not take this user and password."),
    "message.tried.other": _("It answered in a way that we do not understand."),
    "message.pause.restored": _("Restored from a backup: what was on its way may have gone out since"),
    "message.pause.database_older_than_home": _(
        "The database is older than this machine remembers: what it holds as unsent may have gone out"
    ),
    "message.pause.database_behind_seal": _(
        "The database lacks the newest audit seal of this machine: what it holds as unsent may have gone out"
    ),
    "message.pause.asked": _("Paused by somebody of the staff"),
    "message.pause.text": _("A text cannot be put together"),
    "message.pause.unreachable": _("The relay does not answer"),
    "message.pause.rate": _("Too much at once, the other side says"),
    "message.pause.reputation": _("The other side does not trust our server"),
    "message.pause.no_access": _("The relay refuses us"),
    "message.pause.authentication": _("Our mails fail the sender checks"),
    "message.pause.content": _("The other side refuses what the mails say"),
    "message.outcome.uncertain": _("Uncertain: it may have arrived"),
    "message.outcome.later": _("Not now: tried again later"),
    "message.outcome.handed_over": _("Handed over to our relay"),
    "message.outcome.accepted": _("Taken by the recipient’s own server"),
    "message.outcome.delivered": _("Delivered, with a receipt"),
    "message.refusal.ours": _("Refused: by our own fault, not the address’s"),
    "message.refusal.not_now": _("Not delivered, though the address is good"),
    "message.outcome.refused": _("Refused: the address is at fault"),
    "message.outcome.confirmed": _("Confirmed by the recipient"),
    "message.call.reached": _("Reached, and confirmed"),
    "message.call.left_word": _("Left word"),
    "message.call.no_answer": _("No answer"),
    "message.call.wrong_number": _("Wrong number"),
    "message.call.refuses_calls": _("Does not want to be called"),
    "message.call.lapsed": _("Not finished in time"),
    "message.call.given_back": _("Put back without calling"),
    "message.how.link": _("by the link in the message"),
    "message.how.answer": _("by an answer"),
    "message.how.call": _("by telephone"),
    "message.channel.email": _("E-mail"),
    "message.channel.sms": _("SMS"),
    "message.channel.call": _("Telephone"),
    "message.security.tls": _("TLS"),
    "message.security.starttls": _("STARTTLS, required"),
    "message.security.opportunistic": _("STARTTLS where offered"),
    "message.security.none": _("None"),
    "question": _("Question"),
    "answer": _("Answer"),
    "text.state.shipped": _("as shipped"),
    "text.state.own": _("your own"),
    "text.kind.general": _("any kind"),
    "text.state.general": _("through your own general text"),
    "text.state.older": _("your own, older than the shipped text"),
    "text.state.approved": _("approved beforehand"),
    "text.state.unapproved": _("not approved"),
    "text.holds.says": _("said by the text"),
    "text.holds.place": _("written for each incident"),
    "text.holds.nowhere": _("written for each incident, before the promise of the next news"),
    "text.odd.shouts": _("has an exclamation mark"),
    "text.odd.familiar": _("addresses the reader too familiarly"),
    "text.odd.half_width": _("has half-width punctuation, or a space beside Chinese punctuation"),
    "text.odd.tells_of_theft": _("tells of a theft where anybody may read it"),
    "headline": _("headline for a status page"),
    "what_happened": _("what happened"),
    "what_we_do": _("what we are doing"),
    "prevention": _("how we prevent it"),
    "what_it_means": _("what it means for their shipments"),
    "what_you_can_do": _("what they can do now"),
    "when_next": _("when they hear next"),
    "where_to_turn": _("where to turn"),
    "status": _("how things stand"),
    "what_changed": _("what changed"),
    "measures": _("what we did about it"),
    "alternatives": _("alternatives"),
    "compensation": _("compensation"),
    "what_works": _("what works again, from when"),
    "what_stays_late": _("what stays late"),
    "survey": _("survey"),
    "cause": _("the cause"),
    "what_was_wrong": _("what was wrong"),
    "what_is_right": _("what is right"),
    "what_we_say": _("what we say"),
    "what_we_do_not_say": _("what we do not say"),
    "likely_questions": _("likely questions"),
    "may_be_offered": _("what may be offered"),
    "subject": _("subject"),
    "short": _("short form"),
}
