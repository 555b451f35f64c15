"""A text read out over the telephone, by Twilio's Voice API and by services that speak it: press 1 to confirm.

Twilio docs, "Call resource" (create; call status values), "TwiML Voice: <Say>", "<Gather>", "Text-to-speech: available voices
and languages", "Answering machine detection", "Error and warning dictionary"; read 2026-12. The script goes along with the
request (`Twiml`, at most 4,000 characters), so that a call is heard out also where our own pages cannot be reached; what is
pressed comes to the callback address.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import ClassVar
from urllib.parse import urlencode

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
from tidings.messaging.channels.refusing import Codes, our_fault, within
from tidings.messaging.channels.texting import number_of, uuid_of
from tidings.messaging.channels.twilio_signed import create, signed_form, taken
from tidings.messaging.channels.writing import own_words
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason

_ADDRESS = {
    13224: Reason.UNKNOWN_NUMBER,  # not a valid number
    21211: Reason.UNKNOWN_NUMBER,  # invalid 'To'
    21217: Reason.UNKNOWN_NUMBER,
    13225: Reason.NO_ROUTE,  # no calls to this number from this service
    13227: Reason.NO_ROUTE,  # the region is not enabled
    21203: Reason.NO_ROUTE,
    21215: Reason.NO_ROUTE,  # the region is not enabled
    21216: Reason.NO_ROUTE,
    21214: Reason.UNKNOWN_NUMBER,
}
_OURS = {
    10001: Reason.NO_ACCESS,  # account not active
    20003: Reason.NO_ACCESS,
    20005: Reason.NO_ACCESS,
    20404: Reason.NO_ACCESS,
    21219: Reason.NO_ACCESS,  # a trial account calls verified numbers only
    21210: Reason.NOT_REGISTERED,  # 'From' is not verified
    21212: Reason.NOT_REGISTERED,
    21213: Reason.NOT_REGISTERED,
    21205: Reason.PROTOCOL,
}
_PASSES = {20429: Reason.RATE, 10004: Reason.RATE}
_CODES = Codes(_ADDRESS, _OURS, _PASSES)
_NOBODY = frozenset({"busy", "no-answer", "canceled", "failed"})
_NO_SUCH_NUMBER = frozenset({"404", "410", "484", "604"})
"""Answers of the telephone network (SIP, RFC 3261 section 21) that blame the number itself."""

_SPOKEN = {
    "en": "en-GB",
    "zh-hans": "cmn-CN",
    "zh-hant": "cmn-TW",
    "da": "da-DK",
    "sv": "sv-SE",
    "ja": "ja-JP",
}
_LONGEST_SCRIPT = 4000
_ADDRESS_IN_TEXT = re.compile(r"\s*https?://\S+")
_CONFIRM = "1"


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """`sender` is a number of ours at the service; the token also signs what it tells us. Without `detect_machines` whoever picks
    up counts as nobody until a key is pressed."""

    account: str
    token: str = secret()
    sender: str = ""
    ring_seconds: int = 40
    detect_machines: bool = True
    address: str = "https://api.twilio.com"


class Voice(Channel):
    """One call per message. What a machine took proves nothing; a pressed 1 confirms."""

    code: ClassVar[str] = "voice"
    rung: ClassVar[str] = "voice"
    Settings = VoiceSettings
    limits: ClassVar[Limits] = Limits(longest=1000, links=False, subject=False)

    settings: VoiceSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`."""
        kept = self.settings
        said = within(self.limits, _aloud(outgoing.short or outgoing.text))
        form = {
            "To": number_of(outgoing),
            "From": kept.sender,
            "Twiml": _script(outgoing, said),
            "Timeout": str(kept.ring_seconds),
        }
        if kept.detect_machines:
            form["MachineDetection"] = "Enable"
        if outgoing.callback:
            form["StatusCallback"] = (
                f"{outgoing.callback}?{urlencode({'delivery': str(outgoing.delivery_id)})}"
            )
        answer = await create(self.net, kept.address, kept.account, kept.token, "Calls", form)
        return taken(outgoing, answer, _CODES)

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:
        """A key that was pressed, a text that somebody heard to its end, or a call that reached nobody."""
        form = signed_form(came, self.settings.token)
        call, delivery_id = form.get("CallSid", ""), uuid_of(came.query.get("delivery"))
        if not call:
            return ()
        if came.query.get("asked"):
            if form.get("Digits") == _CONFIRM:
                return [Answer(delivery_id, form.get("To", ""), _CONFIRM, now(), call, confirms=True)]
            heard = form.get("AnsweredBy") == "human" and not form.get("Digits")
            return [Receipt(delivery_id, Outcome.DELIVERED, now(), call, "heard")] if heard else ()
        return _ended(form, call, came)

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:
        """What is said after a key was pressed, or none."""
        form = signed_form(came, self.settings.token)
        said = ""
        if came.query.get("asked"):
            said = _reply(form.get("Digits", ""), came)
        return "text/xml", f"<Response>{said}</Response>".encode()


def _reply(pressed: str, came: Incoming) -> str:
    language = came.query.get("language", "en")
    if pressed == _CONFIRM:
        return f"{_say(language, own_words(language).say('voice.thanks'))}<Hangup/>"
    if pressed and came.query["asked"] != "again":
        address = f"{came.url.partition('?')[0]}?{urlencode({**came.query, 'asked': 'again'})}"
        return _asking(language, own_words(language).say("voice.press"), address)
    return f"{_say(language, own_words(language).say('voice.bye'))}<Hangup/>"


def _script(outgoing: Outgoing, said: str) -> str:
    """The text twice; a key is asked for where it can be told to us."""
    words = own_words(outgoing.language)
    once_more = f"{words.say('voice.again')} {said}"
    if not outgoing.callback:
        spoken = _say(outgoing.language, said) + _say(outgoing.language, once_more)
    else:
        named = {"asked": "first", "delivery": str(outgoing.delivery_id), "language": outgoing.language}
        address, press = f"{outgoing.callback}?{urlencode(named)}", words.say("voice.press")
        spoken = _asking(outgoing.language, f"{said} {press}", address, heard=False)
        spoken += _asking(outgoing.language, f"{once_more} {press}", address)
    script = f"<Response>{spoken}{_say(outgoing.language, words.say('voice.bye'))}</Response>"
    if len(script) > _LONGEST_SCRIPT:
        raise our_fault(Reason.TOO_BIG, f"{len(script)} of {_LONGEST_SCRIPT} characters of script")
    return script


def _asking(language: str, said: str, address: str, *, heard: bool = True) -> str:
    """Says something and waits for one key; with `heard` the address is also asked where none was pressed."""
    told = ' actionOnEmptyResult="true"' if heard else ""
    head = f'<Gather input="dtmf" numDigits="1" timeout="6" method="POST" action="{escape(address)}"{told}>'
    return f"{head}{_say(language, said)}</Gather>"


def _say(language: str, said: str) -> str:
    code = _SPOKEN.get(language) or (language if "-" in language else f"{language}-{language.upper()}")
    return f'<Say language="{escape(code)}">{escape(said, quote=False)}</Say>'


def _aloud(text: str) -> str:
    """The text without addresses of pages, which nobody can follow by ear."""
    return re.sub(r"\s+", " ", _ADDRESS_IN_TEXT.sub("", text)).strip()


def _ended(form: Mapping[str, str], call: str, came: Incoming) -> Sequence[Receipt]:
    """What the end of a call says: that it reached nobody. That somebody picked up is no evidence by itself."""
    status, by = form.get("CallStatus", ""), form.get("AnsweredBy", "")
    machine = status == "completed" and by.startswith(("machine", "fax"))
    if status not in _NOBODY and not machine:
        return ()
    network = form.get("SipResponseCode", "")
    unknown = status == "failed" and network in _NO_SUCH_NUMBER
    reason = Reason.UNKNOWN_NUMBER if unknown else Reason.EXPIRED
    said = " ".join(filter(None, (status, by if machine else "", network)))
    return [Receipt(uuid_of(came.query.get("delivery")), Outcome.REFUSED, now(), call, said, reason)]
