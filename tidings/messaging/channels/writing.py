"""What the channels that write to a chat, a group or a system have in common. Holds no channel."""

import re
from collections.abc import Callable

from tidings.messaging import texts
from tidings.messaging.channels.base import Limits, Outgoing
from tidings.messaging.channels.refusing import our_fault, undeliverable
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.rules.wording import Words

_CHAT = re.compile(r"-?[1-9][0-9]{0,19}|@[A-Za-z][A-Za-z0-9_]{4,31}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{20,64}")


def fitting(limits: Limits, outgoing: Outgoing, measure: Callable[[str], int] = len) -> str:
    """The whole text where a message can hold it, else the short form with the reader's page. Raises OurFault(reason=too_big)."""
    for text in (outgoing.text, _with_link(outgoing)):
        if text and measure(text) <= limits.longest:
            return text
    raise our_fault(Reason.TOO_BIG, f"{measure(outgoing.text)} of {limits.longest}")


def _with_link(outgoing: Outgoing) -> str:
    if not outgoing.short or not outgoing.link or outgoing.link in outgoing.short:
        return outgoing.short
    return f"{outgoing.short}\n{outgoing.link}"


def chat_of(outgoing: Outgoing) -> str:
    """The number of a chat, or the public name of a channel. Raises Undeliverable(reason=unsendable)."""
    chat = outgoing.address.strip()
    if not _CHAT.fullmatch(chat):
        raise undeliverable(Reason.UNSENDABLE, "no number of a chat")
    return chat


def own_words(language: str) -> Words:
    """Our own words in a language; English where we have none."""
    return texts.words(language if language in texts.languages() else "en")


def openid_of(outgoing: Outgoing) -> str:
    """A follower's id. Raises Undeliverable(reason=unsendable)."""
    openid = outgoing.address.strip()
    if not _OPENID.fullmatch(openid):
        raise undeliverable(Reason.UNSENDABLE, "no openid")
    return openid
