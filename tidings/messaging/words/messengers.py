"""Words for messengers, calls and signed webhooks: their names and what their settings are called."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "service.whatsapp": _("WhatsApp (Cloud API)"),
    "service.whatsapp.number_id": _("Id of your number"),
    "service.whatsapp.number_id.hint": _("“Phone number ID” in the app’s settings, not the number itself."),
    "service.whatsapp.secret": _("App secret"),
    "service.whatsapp.verify": _("Verify token"),
    "service.whatsapp.verify.hint": _(
        "A word that you choose. Enter the same one beside the callback address. Leave it empty to keep the present one."
    ),
    "service.whatsapp.version": _("Version of the API"),
    "service.wechat": _("WeChat official account"),
    "service.wechat.app_id": _("AppID"),
    "service.wechat.app_secret": _("AppSecret"),
    "service.wechat.token": _("Token of the server settings"),
    "service.wechat.token.hint": _(
        "A word that you choose. Enter the same one in the account’s server settings. Leave it empty to keep the present one."
    ),
    "service.wechat.aes_key": _("EncodingAESKey"),
    "service.wechat.aes_key.hint": _(
        "With it only encrypted requests are believed: choose the secure mode in the account too."
    ),
    "service.wechat.form": _("Kind of message"),
    "service.choice.template": _("Template messages"),
    "service.choice.subscribe": _("Subscribed notices"),
    "service.wecom": _("WeCom group"),
    "service.wecom.form": _("How groups show it"),
    "service.choice.text": _("Plain text"),
    "service.choice.markdown": _("Markdown"),
    "service.telegram": _("Telegram bot"),
    "service.telegram.secret": _("Word that Telegram sends back"),
    "service.telegram.secret.hint": _(
        "You choose it: letters, digits, _ and -. Without it no answer is believed. Leave it empty to keep the present one."
    ),
    "service.voice": _("Telephone, read out (Twilio)"),
    "service.voice.sender": _("Number that calls"),
    "service.voice.ring_seconds": _("Seconds to let it ring"),
    "service.voice.detect_machines": _("Tell answering machines from people"),
    "service.voice.detect_machines.hint": _("What a machine took never counts as heard."),
    "service.apprise": _("Other services (Apprise)"),
    "service.apprise.address": _("Gateway of your own"),
    "service.apprise.address.hint": _(
        "Stands in for every service’s host, such as http://out.intern:8080. Empty: none."
    ),
    "service.webhook": _("Signed webhook to a client’s system"),
    "service.webhook.secret": _("Secret to derive from"),
    "service.webhook.secret.hint": _(
        "At least 24 random characters. Each address gets a secret of its own from it, see “tidings messages webhook-secret”. Leave it empty to keep the present one."
    ),
    "service.webhook.plain": _("Also addresses without encryption (http)"),
    "service.webhook.plain.hint": _("Only for systems in your own network."),
}
