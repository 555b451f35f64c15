"""Who a customer is and how a contact may be reached. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Told(StrEnum):
    """Who hears of an incident according to the client's contract."""

    CLIENT = "client"
    CLIENT_FIRST = "client_first"
    BOTH = "both"
    CONSIGNEE = "consignee"


STRICTEST_FIRST = (Told.CLIENT, Told.CLIENT_FIRST, Told.CONSIGNEE, Told.BOTH)
"""Of several contracts on one shipment the first of these holds for everybody but the clients themselves."""


LATEST_AFTER = 1440
"""The consignee hears at most so many minutes after its client: nobody is told later than within 24 hours."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One line of a client's contract: who hears of this effect in this phase (empty: of any, in any). Where the client hears
    first, the others do `after` so many minutes, or on its word alone (None).
    """

    told: str
    effect: str = ""
    phase: str = ""
    after: int | None = None

    @property
    def about(self) -> tuple[str, str]:
        return self.effect, self.phase


def why_no_contract(lines: Sequence[Hearing]) -> str:
    """The code of what is wrong with a contract: it has one line for all, no two about the same, and minutes only where the
    client hears first. Empty where nothing is.
    """
    if ("", "") not in (line.about for line in lines):
        return "customer.contract_for_all"
    if len({line.about for line in lines}) < len(lines):
        return "customer.contract_twice"
    if any(line.told not in set(Told) for line in lines):
        return "customer.contract_unknown"
    if any(not _minutes_fit(line) for line in lines):
        return "customer.contract_minutes"
    return ""


def _minutes_fit(line: Hearing) -> bool:
    return line.after is None or (line.told == Told.CLIENT_FIRST and 0 < line.after <= LATEST_AFTER)


class HowMuch(StrEnum):
    """How much a contact wants to hear; act-now, damaged, lost and stolen always go."""

    EVERY = "every"
    CHANGES = "changes"
    ENDS = "ends"


class Service(StrEnum):
    """Services that every firm knows; others are a firm's own, by its code for them."""

    PORTAL = "portal"
    LINK = "link"
    PICKUP = "pickup"


@dataclass(frozen=True, slots=True)
class Use:
    """One service that a customer uses. A standing pick-up has its `place`, and the days of the week on which it is made
    (1 is Monday; none named means every day).
    """

    service: str
    place: str = ""
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One address of a ladder, as the choice of the next rung needs it."""

    channel: str
    value: str
    position: int
    dead_since: datetime | None = None
    ends_at: datetime | None = None


CHANNELS = (
    "email",
    "sms",
    "call",
    "voice",
    "whatsapp",
    "wechat",
    "telegram",
    "wecom",
    "webhook",
    "other",
    "fax",
    "letter",
)
"""What a person may choose for a rung; an import may bring others, which stay as they are."""

SERVICE_BASES = ("contract", "legitimate_interest")
"""On what a service message may rest; never on consent, so that a marketing opt-out does not silence it."""

SERVERS_SAY = ("no_such_address", "refused", "full", "bounced")
"""Why an address is not used, where it was a server that said so and not a person."""

TO_CORRECT = frozenset({"no_such_address", "refused", "bounced", "wrong_person"})
"""Why an address is not used, where the customer can give another one."""

TELEPHONES = frozenset({"sms", "voice", "call", "fax", "whatsapp"})
COMPLAINED = "complained"
"""Why an address gives way to the contact's next one: its reader called our mail spam. Alone on its ladder it is still used."""
SHAPES = {
    "telegram": r"^(-?[1-9][0-9]{0,19}|@[A-Za-z][A-Za-z0-9_]{4,31})$",
    "wechat": r"^[A-Za-z0-9_-]{20,64}$",
    "wecom": r"^(https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=)?[A-Za-z0-9-]{16,64}$",
    "other": r"^[a-z]{3,20}://[A-Za-z0-9_.:@/*=+-]+$",
    "webhook": r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$",
}
"""What an address looks like where it is no mail address and no number: a chat, a follower, a group’s robot, a client’s system.
Those of KEPT_SHAPES hold for every address that is kept; an openid is looked at where a person writes it.
"""

KEPT_SHAPES = ("telegram", "wecom", "webhook")

CASE_COUNTS = frozenset({"webhook", "other"})
"""Channels on which capitals make another address."""

REFUSES_CALLS = "refuses_calls"
"""Why a number is not called, though it may still get an SMS: the customer said so to whoever called."""
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+")
_WEEKDAYS = frozenset("1234567")
_NOT_DIGITS = re.compile(r"\D+")
_WORD = re.compile(r"[^\W_]+")
_LANGUAGES = {"zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "cn": "zh-hans", "chs": "zh-hans"}


def language_code(text: str) -> str:
    """Our code for a language as files name it: `zh`, `zh_CN`, `NL` → `zh-hans`, `zh-hans`, `nl`."""
    code = text.strip().lower().replace("_", "-")
    return _LANGUAGES.get(code, code)


def uses_in(text: str) -> tuple[Use, ...]:
    """The services that a text names, each once, as a file or a form has them: `portal; link; pickup NL-AMS 1 3 5; EXPRESS`.

    Raises ValueError with the part that cannot be read.
    """
    found: dict[tuple[str, str], Use] = {}
    for part in re.split(r"[;\n]", unicodedata.normalize("NFKC", text)):
        use = _use_in(part)
        if use:
            found.setdefault((use.service, use.place), use)
    return tuple(found.values())


def _use_in(part: str) -> Use | None:
    words = part.split()
    if not words:
        return None
    service = words[0].lower() if words[0].lower() in set(Service) else words[0]
    if service != Service.PICKUP:
        if len(words) > 1:
            raise ValueError(part.strip())
        return Use(service)
    days = words[2:]
    if len(words) < 2 or not all(day in _WEEKDAYS for day in days):
        raise ValueError(part.strip())
    return Use(service, words[1].upper(), tuple(sorted({int(day) for day in days})))


def said_uses(uses: Iterable[Use]) -> str:
    """The same text again, for a form or a file."""
    return "; ".join(
        " ".join([use.service, *[use.place] * bool(use.place), *map(str, use.weekdays)]) for use in uses
    )


def usable(rung: Rung, now: datetime) -> bool:
    """Whether an address may be tried at `now`: not marked dead, and a masked one not past its end."""
    return rung.dead_since is None and (rung.ends_at is None or now < rung.ends_at)


def first_rung(ladder: Iterable[Rung], now: datetime) -> Rung | None:
    """The first usable address in the contact's own order; None when nobody can be reached by it."""
    return min((r for r in ladder if usable(r, now)), key=lambda r: r.position, default=None)


def address_key(channel: str, value: str) -> str:
    """What two spellings of one address share: letters folded, and only digits of a telephone number (00 is +)."""
    folded = value.strip() if value.isascii() else unicodedata.normalize("NFKC", value).strip()
    if channel in TELEPHONES:
        digits = _NOT_DIGITS.sub("", folded)
        return digits[2:] if digits.startswith("00") else digits
    return folded if channel in CASE_COUNTS else folded.casefold()


def fault_of_address(channel: str, value: str) -> str | None:
    """The code of why this is no address of that channel, or None. Mail addresses and numbers are not looked at."""
    shape = SHAPES.get(channel)
    return None if shape is None or re.fullmatch(shape, value.strip()) else f"contact.not_of_{channel}"


def fault_of_contact(name: str, keys: Sequence[tuple[str, str]], basis: str, source: str) -> str | None:
    """The code of what keeps a new contact from being written down, or None. `keys` are channel and key of its addresses."""
    if not name.strip():
        return "contact.name_needed"
    if not keys or not all(key for _, key in keys):
        return "contact.address_needed"
    if len(set(keys)) < len(keys):
        return "contact.address_twice"
    if basis not in SERVICE_BASES:
        return "contact.basis_unknown"
    return None if source.strip() else "contact.source_needed"


def new_addresses(
    known: Iterable[tuple[str, str]], wanted: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Those of `wanted`, as channel and key, that lead to where nobody was reached before: a number that is known stays known
    when another channel uses it.
    """
    reached = {_leads_to(*one) for one in known}
    return [one for one in wanted if _leads_to(*one) not in reached]


def _leads_to(channel: str, key: str) -> tuple[str, str]:
    return ("telephone" if channel in TELEPHONES else channel, key)


def waits_for_another(added: bool, *, another: bool, demo: bool) -> bool:
    """Whether a ladder waits for a second person: it has a new address, and `another` could confirm it. A demo has one person."""
    return added and another and not demo


def name_words(text: str) -> list[str]:
    """The words a name is found by: folded words, and pairs of characters where Chinese, Japanese or Korean is written."""
    if text.isascii():
        return list(dict.fromkeys(_WORD.findall(text.lower())))
    folded = unicodedata.normalize("NFKC", text).casefold()
    words: dict[str, None] = {}
    for run in _CJK.findall(folded):
        pairs = [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        words.update(dict.fromkeys(pairs))
    words.update(dict.fromkeys(_WORD.findall(_CJK.sub(" ", folded))))
    return list(words)
