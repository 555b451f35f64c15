"""What a server means when it refuses: the address is at fault, we are at fault, or not now. A table of real texts.

Codes alone mislead: QQ says 550 where it means "too fast", Exchange says 5.4.1 where it means "no such user". So the
text is asked first, then the enhanced code (RFC 3463), then the plain one. Vendors' texts as they say them in 2026-11;
NetEase from its help page on refused mail, QQ, Gmail, Yahoo and Outlook from their postmaster pages; everybody's from 250 real
bounces (`bench/bounces.py`). Addresses in a text are no words of the server's and are left out before it is read.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Whose fault it is. Only `address` marks an address; `ours` stops the lane and raises a hand."""

    ADDRESS = "address"
    OURS = "ours"
    NOT_NOW = "not_now"


class Reason(StrEnum):
    """What was meant, as far as the server says."""

    UNKNOWN_MAILBOX = "unknown_mailbox"
    DISABLED = "disabled"
    UNSENDABLE = "unsendable"
    MAILBOX_FULL = "mailbox_full"
    GREYLISTED = "greylisted"
    BUSY = "busy"
    RATE = "rate"
    REPUTATION = "reputation"
    NO_ACCESS = "no_access"
    AUTHENTICATION = "authentication"
    CONTENT = "content"
    PROTOCOL = "protocol"
    TOO_BIG = "too_big"
    UNKNOWN_NUMBER = "unknown_number"
    OPTED_OUT = "opted_out"
    NO_CREDIT = "no_credit"
    NOT_REGISTERED = "not_registered"
    EXPIRED = "expired"
    NO_ROUTE = "no_route"
    WRONG_NUMBER = "wrong_number"
    REFUSES_CALLS = "refuses_calls"
    COMPLAINED = "complained"


BLAMES_ADDRESS = frozenset(
    {
        Reason.UNKNOWN_NUMBER,
        Reason.UNKNOWN_MAILBOX,
        Reason.DISABLED,
        Reason.UNSENDABLE,
        Reason.OPTED_OUT,
    }
)
"""What a service says of an address itself. For any other reason it will not take one message, which goes on to the next rung,
but the address stays good."""

PEOPLE_SAY = frozenset({Reason.WRONG_NUMBER, Reason.REFUSES_CALLS, Reason.COMPLAINED})
"""What somebody who called learned of a number, or that a reader calls our mail spam; the reason itself is kept as the reply."""


class Stage(StrEnum):
    """What was being said when the server refused."""

    CONNECT = "connect"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose fault, and what was meant."""

    refusal: Refusal
    reason: Reason


_ADDRESS = Refusal.ADDRESS
_OURS = Refusal.OURS
_NOT_NOW = Refusal.NOT_NOW

# In order; the first that matches holds. Patterns are matched anywhere in "550 5.1.1 text", whatever the capitals.
TEXTS: tuple[tuple[str, Refusal, Reason], ...] = (
    # QQ: limits come as 550.
    (r"(domain|ip|connection|sender|mailbox) frequency limited", _OURS, Reason.RATE),
    (r"connection denied|suspected bounce attacks|suspected spam ip", _OURS, Reason.REPUTATION),
    (r"mail content denied", _OURS, Reason.CONTENT),
    (r"spf check failed|dkim check failed", _OURS, Reason.AUTHENTICATION),
    (r"suspected spam sender", _OURS, Reason.REPUTATION),
    (r"dmarc check failed", _OURS, Reason.AUTHENTICATION),
    (r"mail is rejected by recipients", _ADDRESS, Reason.DISABLED),
    # Not a missing mailbox: too much came for one reader at once, and it is closed for a while (QQ's help, read 2026-12-01).
    (r"mailbox unavailable or access denied", _NOT_NOW, Reason.BUSY),
    # NetEase (163, 126, yeah.net): two letters and three.
    (r"\bHL:(ICC|IFC|MEP)\b", _OURS, Reason.RATE),
    (r"\bHL:(REP|IPB|ITC)\b", _OURS, Reason.REPUTATION),
    (r"\bMI:(DMC|CEL|CCL|SFQ|DMQ|IMF)\b", _OURS, Reason.RATE),
    (r"\bRP:(DRC|CCL|RCL|CEL|QRC|TRC)\b", _OURS, Reason.RATE),
    (r"\bMI:(SPF|SPB|DSF)\b|\bMI:NHD\b", _OURS, Reason.AUTHENTICATION),
    (r"\bMI:STC\b", _OURS, Reason.RATE),
    (r"\bDT:SPM\b", _OURS, Reason.CONTENT),
    (r"\bDT:RBL\b|\bWM:BL[IU]\b", _OURS, Reason.REPUTATION),
    (r"\bDT:(SUM|BNK)\b", _OURS, Reason.PROTOCOL),
    (r"\bIP is rejected|\bIP:?\s*\S* is in blacklist", _OURS, Reason.REPUTATION),
    (r"invalid user", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"user (suspended|locked)", _ADDRESS, Reason.DISABLED),
    # Gmail.
    (r"receiving mail (too quickly|at a rate)", _NOT_NOW, Reason.BUSY),
    (r"4\.7\.28|unusual rate of", _OURS, Reason.RATE),
    (r"5\.7\.26|5\.7\.25|4\.7\.26|4\.7\.27|4\.7\.30|5\.7\.27|5\.7\.30", _OURS, Reason.AUTHENTICATION),
    (r"likely unsolicited|unsolicited mail", _OURS, Reason.REPUTATION),
    # Yahoo, AOL.
    (r"\[TSS?0\d\]|temporarily deferred|permanently deferred", _OURS, Reason.RATE),
    (r"\[(BL|PH|CON)\d\d\]|5\.7\.9\b", _OURS, Reason.REPUTATION),
    (r"doesn'?t have an? \S+ account", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    # Microsoft.
    (r"\b(S3140|S3150|S3115|SC-00\d|DY-00\d|5\.7\.60\d|5\.7\.51[0-9])\b", _OURS, Reason.REPUTATION),
    (r"\bRP-00\d\b|4\.7\.6[5-9]\d|rate limited", _OURS, Reason.RATE),
    (r"5\.4\.1\b.*access denied", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"5\.5\.0\b.*mailbox unavailable", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    # Everybody's.
    (r"greylist|graylist|try again later.*first time|postgrey", _NOT_NOW, Reason.GREYLISTED),
    (r"(message|mail) (too (big|large)|size).{0,12}for this|size limit=|(Send|Recip)SizeLimit", _OURS, Reason.TOO_BIG),
    (r"(mailbox|account|inbox|user|quota|mailfolder).{0,30}(full|over ?quota|exceed)|quota exceeded", _NOT_NOW, Reason.MAILBOX_FULL),
    (r"\bdisk ?quota|exceed.{0,20}quota|(over|mail) (disk )?quota|quota violation|mailbox size limit|zuviele mails|(disk )?space (is )?(not enough|full)|exceeded its .{0,10}space|exceeds allowed size", _NOT_NOW, Reason.MAILBOX_FULL),
    (r"relay(ing)? (access )?(denied|not permitted|not allowed)|unable to relay", _OURS, Reason.NO_ACCESS),
    # A server that does not serve the domain it is named for: nothing of ours or the reader's is wrong.
    (r"allowed rcpthosts|trying to use me .{0,60}as a relay", _NOT_NOW, Reason.BUSY),
    (r"non-?member posting|requires? confirmation|not accepting mail (with|from)", _OURS, Reason.REPUTATION),
    (r"authentication (required|failed|credentials)|must issue a? ?starttls", _OURS, Reason.NO_ACCESS),
    (r"spamhaus|barracuda|blacklist|block ?list|blocked using|poor reputation|dnsbl", _OURS, Reason.REPUTATION),
    (r"too many (connections|messages|recipients|concurrent)|rate limit|throttl", _OURS, Reason.RATE),
    (r"(message|size).{0,30}(too (big|large)|exceeds?|exceeded)|(message|inbound|incoming) size", _OURS, Reason.TOO_BIG),
    (r"(looks like|classified as|detected as|identified as|considered|rejected as) spam|spam message|virus", _OURS, Reason.CONTENT),
    (r"sender policy framework|\bspf\b.{0,12}fail|reverse dns|\bptr\b|not allowed to send mail from", _OURS, Reason.AUTHENTICATION),
    (r"not found,? try again|malformed .{0,20}name server reply, try|temporary (lookup|name|dns)", _NOT_NOW, Reason.BUSY),
    (r"(too many hops|message loop|mail loop|forwarding loop|loop detected)", _NOT_NOW, Reason.BUSY),
    (r"(user|mail-?box|recipient|rcpt|address|addressee).{0,40}(unknown|not known|not found|no(t| longer) on|does not exist|doesn'?t exist|no such)", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"(no such|unknown)( or illegal)? (local )?(user|mailbox|recipient|person|address|account)|no (mail ?box|account) (here|found|available|by)", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"not a (known|valid) (user|mailbox|recipient|address)|not an active (user|address)|not our customer|bad_recipient|badrcptto", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"not listed in|invalid (final delivery )?(userid|recipient|mailbox|user)|bad destination mailbox|addressee unknown|(address|name) is (wrong|not recogni[sz]ed|no longer valid)", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"(account|mailbox|user).{0,30}(disabled|inactive|suspended|deactivated|closed)|(deactivated|suspended) (mailbox|account|user)", _ADDRESS, Reason.DISABLED),
    (r"nie istnieje|utilisateur (inconnu|non recens)|n'existe pas|用户不存在|不存在|onbekende gebruiker|bestaat niet", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"host or domain name not found|(unknown host|host unknown)|domain does not exist|no such domain|host not found|name or service not known|malformed .{0,20}name server reply", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    (r"\bspam|unsolicited|\b(uribl|surbl|ube)\b|bulk e?-?mail|mass mailer|content.{0,12}(reject|filter|match|denied)|(local|security) polic(y|ies)|banned sending", _OURS, Reason.CONTENT),
    (r"mailbox (is )?(currently )?(unavailable|not available)", _ADDRESS, Reason.UNKNOWN_MAILBOX),
)  # fmt: skip

# Enhanced codes by class and detail; a shorter key stands for all below it.
ENHANCED: tuple[tuple[str, Refusal, Reason], ...] = (
    ("5.1.7", _OURS, Reason.PROTOCOL),
    ("5.1.8", _OURS, Reason.PROTOCOL),
    ("5.1.", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    ("5.2.1", _ADDRESS, Reason.DISABLED),
    ("5.2.2", _NOT_NOW, Reason.MAILBOX_FULL),
    ("5.2.3", _OURS, Reason.TOO_BIG),
    ("5.2.", _ADDRESS, Reason.DISABLED),
    ("5.3.4", _OURS, Reason.TOO_BIG),
    ("5.3.", _NOT_NOW, Reason.BUSY),
    ("5.4.4", _ADDRESS, Reason.UNKNOWN_MAILBOX),
    ("5.4.", _NOT_NOW, Reason.BUSY),
    ("5.5.", _OURS, Reason.PROTOCOL),
    ("5.6.", _OURS, Reason.CONTENT),
    ("5.7.", _OURS, Reason.REPUTATION),
    ("4.2.2", _NOT_NOW, Reason.MAILBOX_FULL),
    ("4.", _NOT_NOW, Reason.BUSY),
)

_COMPILED = tuple(
    (re.compile(pattern, re.IGNORECASE), Verdict(refusal, reason)) for pattern, refusal, reason in TEXTS
)
_ENHANCED_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS_IN_TEXT = re.compile(r"[\w.+=%~-]+@[\w.-]+\w")


def verdict_of(code: int, text: str, stage: Stage = Stage.RECIPIENT) -> Verdict:
    """Whose fault a refusal is. `code` is the three-digit reply (400 to 599), `text` the rest of it, lines joined."""
    if stage is Stage.SIGN_IN:
        return Verdict(_OURS if code >= 500 else _NOT_NOW, Reason.NO_ACCESS)
    return recognised(code, text) or _by_code(code, stage)


def recognised(code: int, text: str) -> Verdict | None:
    """What the words or the enhanced code say; None where only the plain code is left to go by."""
    whole = f"{code} {_ADDRESS_IN_TEXT.sub('@', text)}"
    for pattern, verdict in _COMPILED:
        if pattern.search(whole):
            if verdict.refusal is _ADDRESS and code < 500:
                return Verdict(_NOT_NOW, Reason.BUSY)  # a server that is not sure yet: never marks an address
            return verdict
    enhanced = _ENHANCED_CODE.search(text)
    if enhanced and enhanced[1][0] == str(code)[0]:
        for key, refusal, reason in ENHANCED:
            if enhanced[1].startswith(key):
                return Verdict(refusal, reason)
    return None


def _by_code(code: int, stage: Stage) -> Verdict:
    if code < 500:
        return Verdict(_NOT_NOW, Reason.BUSY)
    if code in (530, 534, 535, 538):
        return Verdict(_OURS, Reason.NO_ACCESS)
    if code == 552:
        return Verdict(_NOT_NOW, Reason.MAILBOX_FULL)
    if stage is Stage.RECIPIENT and code in (550, 551, 553, 556):
        return Verdict(_ADDRESS, Reason.UNKNOWN_MAILBOX)
    if stage is Stage.CONTENT:
        return Verdict(_OURS, Reason.CONTENT)
    return Verdict(_OURS, Reason.PROTOCOL)


@dataclass(frozen=True, slots=True)
class BlamedAddress:
    """An address that a server, or somebody who called, said is at fault: which, since when, and what was meant."""

    channel: str
    address: str
    at: datetime
    reason: Reason


def reason_said(reply: str) -> Reason:
    """What a kept reply such as "550 5.1.1 no such user" meant, "unknown_number: 21211 …" of a service, or what somebody who
    called learned.
    """
    if reply in PEOPLE_SAY:
        return Reason(reply)
    by_service = reply.partition(": ")[0]
    if by_service in set(Reason):
        return Reason(by_service)
    code, _, text = reply.partition(" ")
    return verdict_of(int(code), text).reason if code.isdigit() else Reason.UNSENDABLE


class StopScope(StrEnum):
    """What a refusal of our own making stops."""

    RELAY = "relay"
    DESTINATION = "destination"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Stop:
    """What to stop, and after how long it may go on by itself; None until a person says so."""

    scope: StopScope
    resumes_after: timedelta | None


def stop_of_service(reason: Reason) -> Stop:
    """What a refusal of kind `ours` by a service other than a mail server stops: the service, for others may stand in for it."""
    passes = reason in (Reason.RATE, Reason.REPUTATION, Reason.CONTENT, Reason.NOT_REGISTERED)
    return Stop(StopScope.RELAY, timedelta(minutes=15) if passes else None)


REFUSALS_BEFORE_OTHERS_STOP = 5
"""`others` is thousands of unrelated servers: one that dislikes us must not silence the rest."""


def stop_after(reason: Reason, destination: str, so_far: int) -> Stop | None:
    """What a refusal of kind `ours` stops; `so_far` counts those of this pass to this destination, this one included."""
    if reason is Reason.NO_ACCESS:
        return Stop(StopScope.RELAY, None)
    if reason is Reason.TOO_BIG:
        return Stop(StopScope.BROADCAST, None)
    if destination == "others" and so_far < REFUSALS_BEFORE_OTHERS_STOP:
        return None
    if reason is Reason.RATE:
        return Stop(StopScope.DESTINATION, timedelta(minutes=15))
    return Stop(StopScope.DESTINATION, None)
