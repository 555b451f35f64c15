"""What a mail that came in is: a bounce and of which kind, a receipt, a complaint, an automatic answer, or a person's mail. Pure.

Whom a bounce is about is told by our own keyed address or Message-ID alone, never guessed from its words. What its words say
of the address decides only whether that is marked. flufl.bounce reads first; what it misses, and whose fault a refusal is, is
read here and in `refusals`. How well: `bench/bounces.py`.
"""

import email
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from uuid import UUID

from flufl.bounce import all_failures

from tidings.messaging.rules.automatic import answers_by_itself, is_automatic, is_out_of_office, subject_of
from tidings.messaging.rules.refusals import Reason, Refusal, Stage, Verdict, recognised, verdict_of
from tidings.messaging.rules.returned import Fields, Returned, addresses_in, take_apart

DeliveryOf = Callable[[str], UUID | None]
"""Gives the delivery that an address or Message-ID of ours names; None without a valid key."""


class Kind(StrEnum):
    """What came in. The first five say that it did not arrive; `delayed` that it is still tried."""

    HARD = "hard"
    SOFT = "soft"
    FULL = "full"
    BLOCKED = "blocked"
    DELAYED = "delayed"
    RELAYED = "relayed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    OUT_OF_OFFICE = "out_of_office"
    AUTOMATIC = "automatic"
    ORDINARY = "ordinary"


BOUNCES = frozenset({Kind.HARD, Kind.SOFT, Kind.FULL, Kind.BLOCKED, Kind.DELAYED})
GONE = frozenset({Kind.HARD, Kind.SOFT, Kind.FULL, Kind.BLOCKED})
"""Bounces that end the delivery: nobody tries it any more."""
RECEIPTS = frozenset({Kind.RELAYED, Kind.DELIVERED})
FROM_MACHINES = frozenset(Kind) - {Kind.ORDINARY}
"""Never answered."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a mail is. `delivery_id` is set only by a valid key of ours, and `known_by` says which. `addresses` are those that a
    report names; `said` is what a server said, in one line; `verdict` whose fault that is."""

    kind: Kind
    delivery_id: UUID | None = None
    known_by: str = ""
    addresses: tuple[str, ...] = ()
    said: str = ""
    verdict: Verdict | None = None

    def blames(self, address: str) -> bool:
        """Whether this says that `address` is at fault: a forwarding that fails somewhere else blames nobody here."""
        return self.kind is Kind.HARD and (not self.addresses or address.strip().lower() in self.addresses)


def read_arrival(raw: bytes, delivery_of: DeliveryOf, envelope: Iterable[str] = ()) -> Arrived:
    """What a raw mail is. `envelope` holds the addresses that it was handed in for, where the door knows them."""
    mail = email.message_from_bytes(raw)
    parts = take_apart(mail)
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].decode("latin-1")
    delivery_id, known_by = _whose(mail, f"{parts.original}\n{parts.told}\n{body}", delivery_of, envelope)
    kind, addresses, said, verdict = _what(mail, parts)
    return Arrived(kind, delivery_id, known_by, addresses, said, verdict)


Judged = tuple[Kind, tuple[str, ...], str, Verdict | None]


def _what(mail: Message, parts: Returned) -> Judged:
    if parts.report is not None:
        return _complaint(parts.report)
    if parts.structured and parts.statuses:
        return _by_statuses(mail, parts)
    if is_out_of_office(mail, parts.told):
        return Kind.OUT_OF_OFFICE, (), "", None
    if (found := _in_words(mail, parts)) is not None:
        return found
    return (Kind.AUTOMATIC if is_automatic(mail) else Kind.ORDINARY), (), "", None


# Whose it is.

_TO = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Apparently-To",
    "X-Real-To",
    "To",
    "Cc",
)
_OURS_IN_TEXT = re.compile(r"[0-9A-Fa-f]{50}@")
_OURS_AS_ADDRESS = re.compile(r"[BbRr]-[0-9A-Fa-f]{50}(?==|@)")
"""In what is returned, and inside addresses that a server on the way rewrote (SRS, BATV). Services that give mails a Message-ID of
their own still return our Reply-To."""


def _whose(
    mail: Message, returned: str, delivery_of: DeliveryOf, envelope: Iterable[str]
) -> tuple[UUID | None, str]:
    """The delivery that a valid key names, and where that stood: the address it came to, what it answers, what it returns."""
    to = " ".join([*envelope, *(_all(mail, name) for name in _TO)])
    came_to = [*addresses_in(to), *(f"{one}@" for one in _OURS_AS_ADDRESS.findall(to))]
    answered = re.findall(r"<([^<>\s]+)>", _all(mail, "In-Reply-To") + _all(mail, "References"))
    cited = [*_OURS_IN_TEXT.findall(returned), *(f"{one}@" for one in _OURS_AS_ADDRESS.findall(returned))]
    for known_by, tokens in (("address", came_to), ("answered", answered), ("returned", cited)):
        for token in dict.fromkeys(tokens):
            if (delivery_id := delivery_of(token)) is not None:
                return delivery_id, known_by
    return None, ""


def _all(mail: Message, name: str) -> str:
    return " ".join(str(one) for one in mail.get_all(name, []))


# Reports.


def _complaint(report: Fields) -> Judged:
    """RFC 5965: a reader pressed "this is spam". A report of failed authentication, or that something is no spam, is no complaint."""
    addresses = tuple(
        addresses_in(report.get("original-rcpt-to", "") + " " + report.get("removal-recipient", ""))
    )
    if report.get("feedback-type", "abuse").lower() in ("auth-failure", "not-spam", "dmarc"):
        return Kind.AUTOMATIC, addresses, "", None
    return Kind.COMPLAINT, addresses, report.get("feedback-type", "abuse"), None


_ACTIONS = {
    "delivered": Kind.DELIVERED,
    "relayed": Kind.RELAYED,
    "expanded": Kind.RELAYED,
    "delayed": Kind.DELAYED,
}


def _by_statuses(mail: Message, parts: Returned) -> Judged:
    """By the fields of a report: the gravest of what is said of its recipients, as every mail of ours has one."""
    judged = [_by_fields(fields, parts.told) for fields in parts.statuses]
    kind, said, verdict = min(judged, key=lambda one: list(Kind).index(one[0]))
    return kind, _named(mail, parts), said, verdict


def _by_fields(fields: Fields, told: str) -> tuple[Kind, str, Verdict | None]:
    action = (fields.get("action", "failed").lower().split() or ["failed"])[0].rstrip(";,")
    said = fields.get("diagnostic-code") or fields.get("x400-supplementary-info", "")
    if action in _ACTIONS:
        return _ACTIONS[action], _short(said), None
    return _by_words(said, fields.get("status", ""), told)


def _named(mail: Message, parts: Returned) -> tuple[str, ...]:
    """The addresses that a report is about."""
    named = [
        one
        for fields in parts.statuses
        for name in ("original-recipient", "final-recipient")
        for one in addresses_in(fields.get(name, ""))
    ]
    return tuple(dict.fromkeys([*named, *addresses_in(_all(mail, "X-Failed-Recipients"))])) or _told_of(
        mail, parts
    )


# Words.

_REPLY = re.compile(
    r"(?<![\d.])([45]\d\d)(?:[ -]|: |(?=\())(?:#?([45]\.\d{1,3}\.\d{1,3}))?[^\n]{0,400}(?:\n[ \t]+[^\n]+){0,6}"
)
_REASON = re.compile(r"\(reason: ((?:.|\n){0,300}?)\)\s*$", re.MULTILINE)
_STATUS = re.compile(r"#?\b([45])\.(\d{1,3})\.(\d{1,3})\b")
_GAVE_UP = re.compile(
    r"expired|retry time|time.?out|timed out|too long|giving up|attempts|not reach|unreachable|connect to|connection|socket"
    r"|not been collected|queue|no answer|name ?server error|temporary",
    re.IGNORECASE,
)
_STILL_TRIED = re.compile(
    r"delay(ed)?\b|still being retried|warning message only|not yet been delivered|will (be|keep|continue).{0,20}tr(y|ied)|postponed",
    re.IGNORECASE,
)


def _by_words(diagnostic: str, status: str, told: str) -> tuple[Kind, str, Verdict | None]:
    """By what the server is quoted to have said: the diagnostic first, the words of the report next, its code, and its lines."""
    reason = _REASON.search(told)
    quoted = [diagnostic, reason[1] if reason else "", *(found[0] for found in _REPLY.finditer(told))]
    coded = _STATUS.search(status)
    for said in (*quoted, coded[0] if coded else ""):
        if said.strip() and (verdict := _judged(said, status, sure=False)):
            return _kind_of(verdict), _short(said), verdict
    if (line := _line_that_says(told, status)) is not None:
        return _kind_of(line[1]), _short(line[0]), line[1]
    for said in quoted:
        if said.strip() and (verdict := _judged(said, status, sure=True)):
            return _kind_of(verdict), _short(said), verdict
    gave_up = status.startswith("4") or _GAVE_UP.search(told)
    return (
        Kind.SOFT,
        _short(diagnostic or status or told),
        Verdict(Refusal.NOT_NOW, Reason.BUSY) if gave_up else None,
    )


def _line_that_says(told: str, status: str) -> tuple[str, Verdict] | None:
    """The line, with what follows it where it is broken, that says whose fault it is; one that blames us only if none says else."""
    lines = [
        line.strip()
        for line in told.split("\n")
        if line.strip() and not line.strip().lower().startswith("subject:")
    ]
    found = [
        (said, verdict)
        for at, line in enumerate(lines)
        for said in (line, " ".join(lines[at : at + 2]))
        if (verdict := _judged(said, status, sure=False))
    ]
    theirs = [one for one in found if one[1].refusal is not Refusal.OURS]
    told_by = theirs or found
    return told_by[0] if told_by else None


def _judged(said: str, status: str, *, sure: bool) -> Verdict | None:
    """Whose fault, by the words or an enhanced code; with `sure` by the plain code too, where it is known what it answered."""
    said = " ".join(said.split())
    coded = _REPLY.search(said)
    code = (
        int(coded[1])
        if coded
        else 450
        if (status or (_STATUS.search(said) or [""])[0].lstrip("#")).startswith("4")
        else 550
    )
    if not sure:
        return recognised(code, said)
    stage = Stage.RECIPIENT if "RCPT" in said else Stage.CONTENT if "DATA" in said else None
    return verdict_of(code, said, stage) if coded and stage else None


def _kind_of(verdict: Verdict) -> Kind:
    if verdict.reason is Reason.MAILBOX_FULL:
        return Kind.FULL
    return {Refusal.ADDRESS: Kind.HARD, Refusal.OURS: Kind.BLOCKED, Refusal.NOT_NOW: Kind.SOFT}[
        verdict.refusal
    ]


def _in_words(mail: Message, parts: Returned) -> Judged | None:
    """A bounce that has no report, or one that its type does not show: by who sent it, its subject and its words."""
    listed = addresses_in(_all(mail, "X-Failed-Recipients"))
    temporary, permanent = _first_read(mail)
    found = [one.decode("ascii", "replace").lower() for one in (*permanent, *temporary)]
    if not _looks_returned(mail, parts, bool(found or listed)):
        return None
    addresses = tuple(dict.fromkeys([*listed, *sorted(found)])) or _told_of(mail, parts)
    if parts.statuses:
        kind, _, said, verdict = _by_statuses(mail, parts)
        return kind, _named(mail, parts) or addresses, said, verdict
    if _STILL_TRIED.search(subject_of(mail)) or (
        temporary and not permanent and _STILL_TRIED.search(parts.told)
    ):
        return Kind.DELAYED, addresses, _short(parts.told), None
    kind, said, verdict = _by_words("", "", parts.told)
    return kind, addresses, said, verdict


def _first_read(mail: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Temporary and permanent failures as flufl.bounce finds them. It falls over heads that are broken: then nothing is found."""
    try:
        return all_failures(mail)
    except (LookupError, ValueError, TypeError, AttributeError):
        return frozenset(), frozenset()


_MACHINE = re.compile(
    r"mailer-?daemon|post-?master|mdaemon|mail[ ._-]?(delivery|administrator|system|service)|delivery[ ._-]?(sub)?system"
    r"|system administrator|jetmail|smtp_mail|anti-?virus|virus|\bimss\b|\bndr@|mail\.delivery|系统退信|inetgw",
    re.IGNORECASE,
)
_RETURNED_SUBJECT = re.compile(
    r"undeliver|unzustellbar|onbestelbaar|returned mail|returned to sender|returning (message )?to sender|failure notice|failure delivery"
    r"|(delivery|mail|message|permanent delivery) (status|fail|problem|report|notification|error|failure|system error|warning)"
    r"|(could|was|been|is) not (be )?(yet been )?deliver|not (yet been )?delivered|non[- ]?deliver|failed mail|mail failed"
    r"|automatically rejected|user unknown|processing error|non d[ée]livr|退信|退回|无法(送达|投递)|投递失败|не доставлено",
    re.IGNORECASE,
)
_FAILED_WORDS = re.compile(
    r"could not|can ?not|couldn't|wasn't able|unable|fail|undeliver|returned|reject|unknown|not (yet )?(be(en)? )?deliver|delayed"
    r"|not a valid|postponed|not been collected|无法|失败|退回|不存在|niet (worden )?(bezorgd|afgeleverd)|не может быть",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"^\s*(re|fw|fwd|aw|antw|答复|回复|转发)\s*[:：]", re.IGNORECASE)


def _looks_returned(mail: Message, parts: Returned, named: bool) -> bool:
    """Whether a machine says that a mail did not arrive. A person who writes about a bounce, or quotes one, is no machine."""
    sender = _all(mail, "From")
    from_machine = bool(_MACHINE.search(sender)) or not addresses_in(sender)
    subject = subject_of(mail)
    if "X-Failed-Recipients" in mail or parts.structured:
        return True
    if from_machine:
        return named or bool(_RETURNED_SUBJECT.search(subject)) or bool(_FAILED_WORDS.search(parts.told))
    if _ANSWERED.search(subject) or mail["In-Reply-To"] or mail["References"]:
        return (
            named
            and not mail["In-Reply-To"]
            and bool(re.search(r"non[- ](remis|deliv|livr)", subject, re.IGNORECASE))
        )
    return (named or answers_by_itself(mail)) and bool(_RETURNED_SUBJECT.search(subject))


def _told_of(mail: Message, parts: Returned) -> tuple[str, ...]:
    """The one address that the words name, besides those of whom it came from and to; none where there are several."""
    known = set(
        addresses_in(" ".join(_all(mail, name) for name in ("From", "To", "Delivered-To", "Reply-To")))
    )
    named = [one for one in addresses_in(parts.told) if one not in known and not _MACHINE.search(one)]
    return tuple(named[:1]) if len(named) == 1 else ()


_TYPE = re.compile(r"^(?:smtp|x-[a-z0-9-]+|dns)\s*;\s*", re.IGNORECASE)


def _short(said: str) -> str:
    """In one line, without the type of a diagnostic before it."""
    return _TYPE.sub("", " ".join(said.split()))[:300]
