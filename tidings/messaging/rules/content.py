"""What a message must hold before it may go, who may approve it, and the audience it is planned for. Pure.

Words are in `texts/`; how a recipient's delivery moves on is in `delivery.py`.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tidings.kernel.actor import ActorKind

EVERY_LANGUAGE = "*"
"""The key, among the languages of a message's facts, of facts that need no translation: times and names."""


class Phase(StrEnum):
    """The messages of an incident, in the order in which they come."""

    HOLDING = "holding"
    FIRST_NOTICE = "first_notice"
    UPDATE = "update"
    RESTORED = "restored"
    CLOSING = "closing"
    CORRECTION = "correction"
    ALL_CLEAR = "all_clear"
    BRIEFING = "briefing"


@dataclass(frozen=True, slots=True)
class Contract:
    """The facts of one phase: those it cannot go without, and those it holds once they are known; `later` are of phases that went
    since, for who comes in after those."""

    required: tuple[str, ...]
    once_known: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        return (*self.required, *self.once_known)


CONTRACTS: Mapping[str, Contract] = {
    Phase.HOLDING: Contract(("what_happened", "what_we_do", "when_next", "where_to_turn")),
    Phase.FIRST_NOTICE: Contract(
        ("what_happened", "what_we_do", "what_it_means", "what_you_can_do", "when_next", "where_to_turn"),
        ("prevention",),
        (
            "status",
            "what_changed",
            "measures",
            "alternatives",
            "compensation",
            "what_works",
            "what_stays_late",
        ),
    ),
    Phase.UPDATE: Contract(
        ("status", "what_changed", "what_it_means", "measures", "when_next", "where_to_turn"),
        ("alternatives", "compensation", "what_you_can_do"),
    ),
    Phase.RESTORED: Contract(("what_works", "what_stays_late", "where_to_turn"), ("what_it_means", "survey")),
    Phase.CLOSING: Contract(
        ("cause", "measures", "prevention", "what_it_means", "where_to_turn"), ("compensation", "survey")
    ),
    Phase.CORRECTION: Contract(("what_was_wrong", "what_is_right", "where_to_turn"), ("what_it_means",)),
    Phase.ALL_CLEAR: Contract(("what_happened", "what_it_means", "where_to_turn"), ("what_you_can_do",)),
    Phase.BRIEFING: Contract(("what_we_say", "what_we_do_not_say", "likely_questions", "may_be_offered")),
}

FREE_FACTS = frozenset(fact for contract in CONTRACTS.values() for fact in contract.facts)
"""Facts that a person may write as sentences; each needs every language."""

TIME_FACTS = frozenset({"began_at", "next_by"})
"""Facts given as ISO 8601 moments with an offset; each reader sees them in their own time zone."""

NAME_FACTS = frozenset({"place", "reference", "phone"})
"""Facts that are names; a name given for one language stands before the one for every language. A `phone` stands before the firm's."""


def missing_facts(phase: str, said: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Language → the facts of the phase's contract that its text does not say yet; languages with none are left out.

    `said` holds per language the facts whose sentences are complete.
    """
    required = CONTRACTS[phase].required
    found = {
        language: tuple(fact for fact in required if fact not in set(facts))
        for language, facts in said.items()
    }
    return {language: facts for language, facts in found.items() if facts}


def may_come_late(languages: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
    """Of the languages of a completing message those that it may go in: not those that the completed one went in."""
    return tuple(one for one in languages if one not in gone)


class Approving(StrEnum):
    """When a message needs a person's approval besides that of its text beforehand; what asks least stands first.

    Nobody approves what goes to our own people only.
    """

    OWN_PEOPLE = "own_people"
    CHANGED_TEXT = "changed_text"
    FREE_SENTENCES = "free_sentences"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """What a severity's policy asks; kept with the message, so that a later, looser policy lowers nothing.

    `kinds` are those of which each must approve, two different people; none is one approver, whichever.
    """

    when: Approving = Approving.CHANGED_TEXT
    author_may: bool = False
    kinds: frozenset[str] = frozenset()


def stricter(one: ApprovalPolicy, other: ApprovalPolicy) -> ApprovalPolicy:
    """What asks for everything that either of them asks."""
    when = max(one.when, other.when, key=list(Approving).index)
    return ApprovalPolicy(when, one.author_may and other.author_may, one.kinds | other.kinds)


def needs_approval(policy: ApprovalPolicy, *, approved_beforehand: bool, free_sentences: bool) -> bool:
    """Whether a second person must approve. `approved_beforehand`: every language is an approved text, only slots filled.

    `free_sentences`: somebody wrote sentences of their own into its slots.
    """
    if policy.when is Approving.OWN_PEOPLE:
        return False
    if policy.when is Approving.ALWAYS or not approved_beforehand:
        return True
    return policy.when is Approving.FREE_SENTENCES and free_sentences


def why_not_approve(policy: ApprovalPolicy, *, kind: ActorKind, approver: str, author: str) -> str | None:
    """The code of the reason why this actor may not approve; None when they may.

    Only a person approves: keys and the command line ask for it and never give it.
    """
    if kind is not ActorKind.PERSON:
        return "messaging.approver_not_a_person"
    if approver == author and not policy.author_may:
        return "messaging.author_may_not_approve"
    return None


class MessageState(StrEnum):
    """Where a message stands before and after it goes; derived from its rows, never stored."""

    DRAFT = "draft"
    WAITING = "waiting_for_approval"
    SENT_BACK = "sent_back"
    READY = "ready"
    SENT = "sent"


def state_of(*, frozen: bool, may_go: bool, sent: bool, sent_back: bool = False) -> MessageState:
    """`frozen`: the newest version is; `may_go`: no approval is needed, or it was given; `sent_back`: it was refused."""
    if sent:
        return MessageState.SENT
    if not frozen:
        return MessageState.DRAFT
    if sent_back:
        return MessageState.SENT_BACK
    return MessageState.READY if may_go else MessageState.WAITING


def digest_of(texts: Mapping[str, Sequence[str]], audience_size: int | None) -> str:
    """What an approval is for: the frozen words of every language, and to how many they go. SHA-256, in hex."""
    whole = json.dumps([sorted((k, list(v)) for k, v in texts.items()), audience_size], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()


def digests_of(words: Mapping[str, Any]) -> dict[str, str]:
    """Language → the SHA-256 of its frozen words, in hex: what an approval names, and what sending compares."""
    return {
        language: hashlib.sha256(
            json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        for language, one in words.items()
    }


def same_words(approved: Mapping[str, Any], words: Mapping[str, Any]) -> bool:
    """Whether these frozen words are, language by language, those that were approved. Moments may differ: they are listed facts,
    as the time of the next message, and say nothing new."""
    return all(
        language in approved and _but_moments(approved[language]) == _but_moments(one)
        for language, one in words.items()
    )


def _but_moments(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in words.items() if name != "moments"}


def audience_outgrew(approved_size: int | None, size: int) -> bool:
    """Whether more people would get it than was approved. Fewer is no change for the worse: somebody's goods arrived."""
    return approved_size is not None and size > approved_size


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets a message: a SELECT with named parameters (`%(name)s`) that gives one row per contact.

    Columns: `contact_id uuid, name text, language text, time_zone text, channel text null, address text null,
    due_by timestamptz, shipment_ids uuid[], lines jsonb`. Without a usable address, channel and address are null and
    the contact counts as unreachable. `lines` is an array, gravest first, of objects with `waybill`, `effect` (a code)
    and, where known, `place`, `expected_at`, `expected_from` (ISO 8601 with an offset). What is of no shipment comes last, with a
    `service` (a code, or a firm's own name) instead of `waybill`, and has no id in `shipment_ids`.
    With `ladder` it also gives `further jsonb` (the rungs after the first, objects with channel and address) and
    `passed_over text` (the channel that stood first and cannot be used, or empty).
    With `quiet` it also gives `quiet_until timestamptz`: the moment before which this recipient is not written to or called.
    With `confirm` only a confirmed contact counts as reaching any of them.
    The select may stand in a FROM; it has no trailing semicolon.
    """

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    ladder: bool = False
    quiet: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a message has reached. The five parts always add up to `total`.

    `unproved` of those under way or overdue were handed over to a relay that proves nothing, and nothing more follows by itself.
    """

    in_time: int = 0
    late: int = 0
    under_way: int = 0
    overdue: int = 0
    unreachable: int = 0
    presumed: int = 0
    delivered: int = 0
    confirmed: int = 0
    unproved: int = 0

    @property
    def total(self) -> int:
        return self.in_time + self.late + self.under_way + self.overdue + self.unreachable

    @property
    def reached(self) -> int:
        return self.in_time + self.late

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(*(mine + theirs for mine, theirs in zip(self.numbers(), other.numbers(), strict=True)))

    @property
    def waited_for(self) -> int:
        """Of whom something is still to come: under way or overdue, and not only for want of a proof."""
        return self.under_way + self.overdue - self.unproved

    def numbers(self) -> tuple[int, int, int, int, int, int, int, int, int]:
        """All nine, in the order of the fields."""
        reached = (self.presumed, self.delivered, self.confirmed, self.unproved)
        return self.in_time, self.late, self.under_way, self.overdue, self.unreachable, *reached


@dataclass(frozen=True, slots=True)
class PhaseReach(Reach):
    """Whom one phase of an incident has reached, whole and per language; `due_by` is the earliest of its deadlines."""

    phase: str = ""
    due_by: datetime | None = None
    by_language: Mapping[str, Reach] = field(default_factory=dict)


def phase_reach(phase: str, by_language: Mapping[str, Reach], due_by: datetime | None) -> PhaseReach:
    """The whole of a phase from its languages."""
    whole = sum(by_language.values(), Reach())
    return PhaseReach(*whole.numbers(), phase, due_by, by_language)


_MAILBOX = re.compile(
    r"[^@\s<>\"(),;:\\\[\]\x00-\x1f\x7f]{1,64}@[^@\s<>\x00-\x1f\x7f]{1,190}\.[^@\s<>.\x00-\x1f\x7f]{2,63}"
)


def is_mail_address(text: str) -> bool:
    """Whether this could be a mailbox: something, an @, and a domain with a dot; nothing that could end a header."""
    return _MAILBOX.fullmatch(text) is not None
