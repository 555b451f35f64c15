"""Words for services beside mail relays: their names, what their settings are called, and what came of trying them.

A setting is called `service.<channel>.<name>` where its channel has words of its own, else `service.setting.<name>`.
"""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "messaging.no_such_service": _("There is no such service, or it is not used any more."),
    "messaging.another_service": _(
        "This is a service of another kind. Stop using it, and add the new one beside it."
    ),
}

LABELS = {
    "service.tried.taken": _("took the test message"),
    "service.tried.refused": _("refused the address"),
    "service.tried.ours": _("refuses us: look at account, credit and settings"),
    "service.tried.later": _("said to come back later"),
    "service.tried.doubt": _("gave no answer"),
    "service.tried.unsent": _("could not be reached"),
    "service.tried.asked": _("under way"),
    "service.came.new": _("not read yet"),
    "service.came.applied": _("applied"),
    "service.came.nothing": _("says nothing that we need"),
    "service.came.forged": _("not signed by the service: shown, not applied"),
    "service.came.unmatched": _("is about no message of ours"),
    "service.twilio": _("Twilio"),
    "service.twilio.account": _("Account SID"),
    "service.twilio.token": _("Auth token"),
    "service.twilio.sender": _("Sender that readers see"),
    "service.twilio.sender.hint": _("A number of yours at Twilio, or a name where the country allows one."),
    "service.twilio.messaging_service": _("Messaging service (MG…)"),
    "service.twilio.messaging_service.hint": _("Takes the place of the sender where it is filled in."),
    "service.messagebird": _("MessageBird"),
    "service.messagebird.originator": _("Sender that readers see"),
    "service.messagebird.originator.hint": _(
        "A number of yours, or a name of at most eleven letters and digits."
    ),
    "service.messagebird.access_key": _("Access key"),
    "service.messagebird.signing_key": _("Signing key"),
    "service.smpp": _("SMPP (a message centre of your own or of a carrier)"),
    "service.smpp.system_id": _("System ID"),
    "service.smpp.system_type": _("System type"),
    "service.smpp.tls": _("Encrypted connection (TLS)"),
    "service.smpp.receipt_ids": _("How receipts name a message"),
    "service.smpp.valid_minutes": _("Minutes that the centre tries"),
    "service.smpp.valid_minutes.hint": _("0 leaves it to the centre."),
    "service.smpp.seconds": _("Seconds to wait for an answer"),
    "service.choice.same": _("As its answer did"),
    "service.choice.decimal": _("In decimals, where the answer was hexadecimal"),
    "service.http_sms": _("Another SMS gateway over HTTP"),
    "service.http_sms.address": _("Where a message is sent to"),
    "service.http_sms.address.hint": _(
        "May hold slots: {to}, {digits}, {text}, {hex}, {coding}, {from}, {id}, {callback}, {user}, {password}, {basic}."
    ),
    "service.http_sms.method": _("Method"),
    "service.http_sms.body": _("Body of the request, with slots"),
    "service.http_sms.body_as": _("How the body is written"),
    "service.http_sms.headers": _("Headers, one a line"),
    "service.http_sms.key_header": _("Header by which the gateway knows a repeat"),
    "service.http_sms.answer_as": _("How it answers"),
    "service.http_sms.reference": _("Where its id stands in the answer"),
    "service.http_sms.reference.hint": _("A path such as messages.0.id, or in text the words before it."),
    "service.http_sms.status": _("Where its status stands in the answer"),
    "service.http_sms.accepted": _("Values of the status that mean “taken”, by comma"),
    "service.http_sms.accepted.hint": _("Left empty, any answer of 2xx means that."),
    "service.http_sms.codes": _("What a status means, one a line"),
    "service.http_sms.codes.hint": _(
        "Such as 105 = refused unknown_number, 7 = ours no_credit, 11 = later rate."
    ),
    "service.http_sms.receipt_reference": _("Receipts: the field with the id"),
    "service.http_sms.receipt_status": _("Receipts: the field with the status"),
    "service.http_sms.receipt_delivered": _("Receipts: values that mean “delivered”, by comma"),
    "service.http_sms.receipt_failed": _("Receipts: values that mean “failed”, by comma"),
    "service.http_sms.answer_from": _("Answers: the field with the number"),
    "service.http_sms.answer_text": _("Answers: the field with the text"),
    "service.http_sms.said_back": _("What the gateway wants to hear"),
    "service.choice.POST": _("POST"),
    "service.choice.GET": _("GET"),
    "service.choice.form": _("As a form"),
    "service.choice.json": _("As JSON"),
    "service.choice.xml": _("As XML"),
    "service.choice.text": _("As text"),
    "service.aliyun_sms": _("Alibaba Cloud SMS"),
    "service.aliyun_sms.access_key_id": _("AccessKey ID"),
    "service.aliyun_sms.access_key_secret": _("AccessKey secret"),
    "service.tencent_sms": _("Tencent Cloud SMS"),
    "service.tencent_sms.app": _("Application (SdkAppId)"),
    "service.tencent_sms.secret_id": _("SecretId"),
    "service.tencent_sms.secret_key": _("SecretKey"),
    "service.setting.address": _("Address of the service"),
    "service.setting.region": _("Region"),
    "service.setting.callback_key": _("Key in the callback address"),
    "service.setting.callback_key.hint": _(
        "Made up by you. It stands as ?key=… in the address that you enter at the service for receipts and answers."
    ),
    "service.setting.account": _("Account"),
    "service.setting.token": _("Access token"),
    "service.setting.secret": _("Signing secret"),
    "service.setting.key": _("Key"),
    "service.setting.sender": _("Sender that readers see"),
    "service.setting.host": _("Host"),
    "service.setting.port": _("Port"),
    "service.setting.user": _("User"),
    "service.setting.password": _("Password"),
}
