"""Words of customers and contacts, in the reader's language."""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "customer.missing": _(
        "There is no such customer, or it belongs to a unit that you do not see. Search for it by name or number."
    ),
    "customer.services_changed": _(
        "Somebody else changed what this customer uses while you had it open. Nothing of yours was saved; below is how it stands now."
    ),
    "customer.services_source": _("Say how we know that the customer uses it, such as a contract's number."),
    "customer.contract_changed": _(
        "Somebody else changed this contract while you had it open. Nothing of yours was saved; below is how it stands now."
    ),
    "customer.contract_for_all": _("Say who hears where no other line says otherwise."),
    "customer.contract_twice": _("Two lines are about the same effect and phase. Keep one of them."),
    "customer.contract_unknown": _("There is no such way of telling. Choose one of those offered."),
    "customer.contract_minutes": _(
        "Minutes go with “the client first” only: from 1 to 1,440, or none where the client’s word is waited for."
    ),
    "contact.missing": _("There is no such contact, or it belongs to a customer whom you do not see."),
    "contact.changed": _(
        "Somebody else changed this contact while you had it open. Nothing of yours was saved; below is how it stands now."
    ),
    "contact.confirm_as_yourself": _(
        "A person confirms another address, signed in as themselves. Open the customer’s page."
    ),
    "contact.not_both": _("You asked for this address, so another person must confirm it."),
    "contact.no_such_ask": _("This request does not wait any more. Look at the contact as it stands now."),
    "contact.ask_outdated": _(
        "The contact’s addresses changed since this was asked. Refuse it, and change the contact as it stands now."
    ),
    "contact.address_twice": _("The same address stands on two rungs. Keep one of them."),
    "contact.name_needed": _("Give the contact a name."),
    "contact.address_needed": _("Give the contact an e-mail address or a telephone number."),
    "contact.basis_unknown": _("Service messages rest on a contract or on legitimate interest. Choose one."),
    "contact.source_needed": _("Say how we know this contact, such as the contract or who told us."),
    "contact.not_of_telegram": _(
        "This is no Telegram chat. Write the chat’s number, which the bot tells whoever starts it, or a channel’s @name."
    ),
    "contact.not_of_wechat": _("This is no openid. Copy the follower’s openid of your official account."),
    "contact.not_of_wecom": _("This is no group robot. Copy the robot’s address, or the key in it."),
    "contact.not_of_other": _(
        "This is no address of a service that Apprise knows. Write it like discord://…, without options behind a question mark."
    ),
    "contact.not_of_webhook": _(
        "This is no address of a system. Copy the whole address, such as https://client.example.org/hooks."
    ),
    "contact.address_empty": _("A rung has no address. Fill it in, or remove the rung."),
}

LABELS = {
    "service.portal": _("Customer portal"),
    "service.link": _("Data link (API or EDI)"),
    "service.pickup": _("Standing pick-up"),
    "customer.contract": _("Contract client"),
    "customer.consumer": _("Consumer"),
    "customer.agent": _("Agent"),
    "customer.seller": _("Seller"),
    "customer.partner": _("Partner"),
    "told.client": _("Only the client hears from us"),
    "told.client_first": _("The client first, the consignee later"),
    "told.both": _("Client and consignee both hear from us"),
    "told.consignee": _("The consignee hears from us in the client’s name"),
    "channel.email": _("E-mail"),
    "channel.sms": _("SMS"),
    "channel.call": _("Call by a person"),
    "channel.voice": _("Voice message"),
    "channel.whatsapp": _("WhatsApp"),
    "channel.wechat": _("WeChat"),
    "channel.telegram": _("Telegram"),
    "channel.wecom": _("WeCom group"),
    "channel.webhook": _("The client’s own system (webhook)"),
    "channel.other": _("Another service (Apprise)"),
    "channel.weibo": _("Weibo"),
    "channel.fax": _("Fax"),
    "channel.letter": _("Letter"),
    "channel.app": _("App"),
    "how_much.every": _("Everything we tell"),
    "how_much.changes": _("Only what changes something"),
    "how_much.ends": _("Only the beginning and the end"),
    "purpose.service": _("Service messages"),
    "purpose.subscription": _("Subscription"),
    "purpose.survey": _("Surveys"),
    "purpose.marketing": _("Marketing"),
    "basis.contract": _("contract"),
    "basis.legitimate_interest": _("legitimate interest"),
    "basis.consent": _("consent"),
    "basis.objection": _("objected"),
    "dead.no_such_address": _("there is no such address"),
    "dead.refused": _("the other side refused it"),
    "dead.complained": _("its reader called our mail spam"),
    "dead.full": _("the mailbox is full"),
    "dead.bounced": _("a message came back"),
    "dead.closed": _("the customer closed this channel"),
    "dead.refuses_calls": _("they do not want to be called"),
    "dead.wrong_person": _("it belongs to somebody else"),
}
