"""Django's mail backend of this house: account mail takes the one road, as a delivery in the single lane."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging.actions.account import send_account_mail

_ACTOR = Actor(ActorKind.SYSTEM, "account mail", frozenset({"message.account"}))


class AccountMail(BaseEmailBackend):
    """Plans a delivery per address; the sender sends it. Attachments and HTML parts are not taken."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            for to in mail.recipients():
                send_account_mail(
                    _ACTOR,
                    to=to,
                    subject=str(mail.subject),
                    body=str(mail.body),
                    language=get_language() or "en",
                )
        return len(email_messages)
