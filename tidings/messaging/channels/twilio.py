"""Text messages by Twilio's Messages API, and by services that speak it.

Twilio docs, "Message resource" (create), "Message Status in Status Callbacks", "Webhook request for inbound messages",
"Validate signatures" (X-Twilio-Signature) and "Error and warning dictionary"; read 2026-12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tidings.kernel.clock import now
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    Incoming,
    Limits,
    Outgoing,
    Receipt,
    secret,
)
from tidings.messaging.channels.refusing import Codes
from tidings.messaging.channels.texting import number_of, text_of
from tidings.messaging.channels.twilio_signed import create, signed_form, taken
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    21211: Reason.UNKNOWN_NUMBER,  # invalid 'To'
    21214: Reason.UNKNOWN_NUMBER,  # cannot be reached
    21217: Reason.UNKNOWN_NUMBER,  # does not appear to be valid
    21265: Reason.UNSENDABLE,  # a short code
    21407: Reason.UNSENDABLE,  # this kind of number takes no texts
    21408: Reason.NO_ROUTE,  # the region is not enabled for us
    21610: Reason.OPTED_OUT,  # answered STOP
    21612: Reason.NO_ROUTE,  # not reachable from this sender
    21614: Reason.UNSENDABLE,  # not a mobile number
    30003: Reason.EXPIRED,  # handset unreachable
    30005: Reason.UNKNOWN_NUMBER,
    30006: Reason.NO_ROUTE,  # landline or unreachable carrier: which, it does not say
    30011: Reason.NO_ROUTE,
    30036: Reason.EXPIRED,  # validity period is over
}
_OURS = {
    20003: Reason.NO_ACCESS,  # credentials
    20005: Reason.NO_ACCESS,  # account not active
    20404: Reason.NO_ACCESS,  # no such account
    21212: Reason.NOT_REGISTERED,  # invalid 'From'
    21602: Reason.PROTOCOL,  # no body
    21603: Reason.NOT_REGISTERED,  # no 'From'
    21606: Reason.NOT_REGISTERED,  # 'From' is not ours
    21617: Reason.TOO_BIG,
    21619: Reason.PROTOCOL,
    21659: Reason.NOT_REGISTERED,
    21660: Reason.NOT_REGISTERED,
    21703: Reason.NOT_REGISTERED,  # the service holds no number
    21705: Reason.NOT_REGISTERED,  # no such messaging service
    30002: Reason.NO_ACCESS,  # account suspended
    30004: Reason.REPUTATION,  # blocked
    30007: Reason.CONTENT,  # filtered
    30032: Reason.NOT_REGISTERED,
    30034: Reason.NOT_REGISTERED,  # US number without a campaign
    30038: Reason.CONTENT,
    63038: Reason.RATE,  # daily limit of the account
}
_PASSES = {
    20429: Reason.RATE,
    14107: Reason.RATE,
    21611: Reason.RATE,  # the sender's queue is full
    30001: Reason.RATE,
    30022: Reason.RATE,
    30023: Reason.RATE,
    30008: Reason.BUSY,
    30009: Reason.BUSY,
}
_CODES = Codes(_ADDRESS, _OURS, _PASSES)
_SAYS = {"delivered": Outcome.DELIVERED, "undelivered": Outcome.REFUSED, "failed": Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """`sender` is a number or a name of ours at Twilio; `messaging_service` (MG…) takes its place where it is given. The token
    also signs what Twilio tells us.
    """

    account: str
    token: str = secret()
    sender: str = ""
    messaging_service: str = ""
    address: str = "https://api.twilio.com"


class Twilio(Channel):
    """One request per message."""

    code: ClassVar[str] = "twilio"
    rung: ClassVar[str] = "sms"
    Settings = TwilioSettings
    limits: ClassVar[Limits] = Limits(longest=1600, subject=False, segments=True)

    settings: TwilioSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`."""
        kept = self.settings
        form = {"To": number_of(outgoing), "Body": text_of(self.limits, outgoing)}
        if kept.messaging_service:
            form["MessagingServiceSid"] = kept.messaging_service
        else:
            form["From"] = kept.sender
        if outgoing.callback:
            form["StatusCallback"] = outgoing.callback
        answer = await create(self.net, kept.address, kept.account, kept.token, "Messages", form)
        return taken(outgoing, answer, _CODES)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """A status of a message of ours, or what somebody wrote back."""
        form = signed_form(came, self.settings.token)
        if "MessageStatus" not in form and form.get("From"):
            return [Answer(None, form["From"], form.get("Body", ""), now(), form.get("MessageSid", ""))]
        outcome = _SAYS.get(form.get("MessageStatus", ""))
        if outcome is None or not form.get("MessageSid"):
            return ()
        code = form.get("ErrorCode", "")
        reason = _reason(code) if outcome is Outcome.REFUSED else None
        said = " ".join(filter(None, (form["MessageStatus"], code)))
        return [Receipt(None, outcome, now(), form["MessageSid"], said, reason)]

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """An empty script: nothing is said back."""
        signed_form(came, self.settings.token)
        return "text/xml", b"<Response></Response>"


def _reason(code: str) -> Reason:
    known = int(code) if code.isascii() and code.isdigit() else 0
    return _CODES.reason(known) or Reason.EXPIRED
