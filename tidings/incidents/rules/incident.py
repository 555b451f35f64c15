"""The rules of an incident: kinds, grades, states and their moves, what must be there before it closes. Its clocks: `clocks.py`.

Pure functions over plain values; `now` and every other moment is an argument, aware, in any zone. Codes only: words
stand in `words.py`. The figures are the defaults of `docs/guides/first-incident.md`; none is looser than the mission's.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from tidings.incidents.rules.brake import SHIPPED_BRAKE, Brake

LIMIT = timedelta(hours=24)
"""No policy may give the first notice more time than this (mission B2)."""

SHIPPED_KINDS: tuple[str, ...] = (
    "service_interruption",
    "hub_closed",
    "delay",
    "accident",
    "fire",
    "weather",
    "road_closure",
    "quarantine",
    "theft",
    "fraud",
    "damage",
    "loss",
    "recipient_exception",
    "safety_hazard",
    "strike",
    "system_outage",
    "data_breach",
    "impersonation",
    "customs_seizure",
    "dangerous_goods",
    "subcontractor_failure",
    "force_majeure",
)
"""Known from the start (mission A4, with a closed hub and a fire told apart); a firm adds its own as rows."""


class Severity(IntEnum):
    """How grave; the order is the meaning. Stored and shown by its code, `high`, never by its figure."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def code(self) -> str:
        return self.name.lower()


SEVERITIES: dict[str, Severity] = {severity.code: severity for severity in Severity}


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "reported"
    ASSESSING = "assessing"
    RESPONDING = "responding"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    MERGED = "merged"


MOVES: dict[State, frozenset[State]] = {
    State.REPORTED: frozenset({State.ASSESSING, State.RESPONDING, State.DISMISSED, State.MERGED}),
    State.ASSESSING: frozenset({State.RESPONDING, State.DISMISSED, State.MERGED}),
    State.RESPONDING: frozenset({State.RECOVERING, State.RESOLVED, State.MERGED}),
    State.RECOVERING: frozenset({State.RESPONDING, State.RESOLVED, State.MERGED}),
    State.RESOLVED: frozenset({State.RESPONDING, State.CLOSED}),
    State.CLOSED: frozenset({State.REOPENED}),
    State.REOPENED: frozenset({State.RESPONDING, State.RECOVERING, State.RESOLVED}),
    State.DISMISSED: frozenset({State.REOPENED}),
    State.MERGED: frozenset(),
}
OPEN_STATES = frozenset(MOVES) - {State.CLOSED, State.DISMISSED, State.MERGED}
NEEDS_REASON = frozenset({State.DISMISSED, State.MERGED, State.REOPENED})


class Phase(StrEnum):
    """The messages of an incident, in the order they are told; correction and all-clear stand beside it."""

    HOLDING = "holding"
    FIRST_NOTICE = "first_notice"
    UPDATE = "update"
    RESTORED = "restored"
    CLOSING = "closing"
    CORRECTION = "correction"
    ALL_CLEAR = "all_clear"
    BRIEFING = "briefing"


TOLD_PHASES = (Phase.FIRST_NOTICE, Phase.UPDATE, Phase.RESTORED, Phase.CLOSING)
"""Those that go to everyone affected, and carry the promise of the next one on."""

ASIDE_PHASES = (Phase.CORRECTION, Phase.ALL_CLEAR, Phase.BRIEFING)
"""Those that stand beside the story: a correction is for exactly those who got what was wrong, an all-clear for those who had
been told and are affected no more, a briefing for our own people. None moves the incident on, nor the promise given."""

NOTICES = (Phase.HOLDING, Phase.FIRST_NOTICE)
"""Those for who was not told yet. A holding notice says that we know and when more follows; the first notice remains owed."""

SENT_TO_EVERYONE = (*TOLD_PHASES, Phase.HOLDING)
"""Those in which who has no contact counts as unreachable, so that they add up."""

SENT_PHASES = (*TOLD_PHASES, Phase.HOLDING, *ASIDE_PHASES)


def may_be_completed(phase: str) -> bool:
    """Whether a message of this phase may be completed in a language that came late: not a text approved beforehand, which
    nobody writes, and not what goes to our own people.
    """
    return phase in SENT_PHASES and phase not in (Phase.HOLDING, Phase.BRIEFING)


def sentences_to_complete(
    before: Mapping[str, Mapping[str, str]], given: Mapping[str, Mapping[str, str]], gone: Collection[str]
) -> dict[str, dict[str, str]]:
    """What a completing message says in each language: what went as it went, so that every fact of it is asked of the others;
    in a language that is late what was begun `before`, and over it what is `given` now.
    """
    late = {code: {**before.get(code, {}), **said} for code, said in given.items() if code not in gone}
    return {**{code: dict(said) for code, said in before.items()}, **late}


class Certainty(StrEnum):
    """How sure it is that a shipment is touched, surest first."""

    SEEN = "seen"
    PLANNED = "planned"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a severity demands. `first_notice_within` counts from detection; `required` phases guard closing;
    `overrides_quiet` are channels that do not wait for a contact's quiet hours to end. `approvers` are the kinds of approval
    (legal, management) that sentences of somebody's own need; none, and `second_person`: either. Kinds of incident may ask for more.
    `team` are the departments that are called in, and `answer_within` is how long each has to say whether they come.
    `brake` says which change of who is affected waits for a person. `channels` are the only rungs that are sent by, none: all
    that a customer has; people may always call. With `confirm` only a confirmed contact counts, whatever happened to the goods.
    """

    severity: Severity
    first_notice_within: timedelta
    update_every: timedelta
    second_person: bool
    special: bool
    required: frozenset[Phase]
    overrides_quiet: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    legal_kinds: frozenset[str] = frozenset()
    management_kinds: frozenset[str] = frozenset()
    team: frozenset[str] = frozenset()
    answer_within: timedelta = timedelta(minutes=15)
    brake: Brake = SHIPPED_BRAKE
    channels: frozenset[str] = frozenset()
    confirm: bool = False

    def __post_init__(self) -> None:
        if not timedelta(0) < self.first_notice_within <= LIMIT:
            raise ValueError("a first notice is due within 24 hours of detection, never later")
        if not timedelta(0) < self.update_every <= LIMIT:
            raise ValueError("customers hear at least once in 24 hours while it lasts")
        if not timedelta(0) < self.answer_within <= LIMIT:
            raise ValueError("who is called in answers within 24 hours")


Policies = Mapping[Severity, Policy]
"""What each severity demands; `queries.policies()` gives those in force."""


def may_move(start: str, target: str) -> bool:
    """Whether a person may take an incident from one state to another."""
    return State(target) in MOVES[State(start)]


def state_after_sending(state: str, phase: str) -> State:
    """The state that a sent phase itself shows: whoever is told a first notice is being responded to."""
    now = State(state)
    if phase in ASIDE_PHASES:
        return now
    if now in (State.REPORTED, State.ASSESSING, State.REOPENED):
        return State.RESPONDING
    if now is State.RESPONDING and phase == Phase.RESTORED:
        return State.RECOVERING
    return now


def missing_for_closing(
    required: Collection[Phase],
    phases_sent: Iterable[str],
    *,
    has_cause: bool,
    has_measures: bool,
    settled: bool,
    unexplained: bool = False,
    lacking: Collection[str] = (),
) -> list[str]:
    """Codes of what still keeps an incident from being closed, in the order a person would mend them.

    `lacking` are phases that went to others, and not to somebody affected who was told; `settled` says that everyone affected was sent, or is recorded as unreachable for, every required phase; `unexplained`
    that somebody has no contact and nobody said why they were not told.
    """
    required, sent = frozenset(required), set(phases_sent)
    missing = [f"phase.{phase}" for phase in Phase if phase in required and phase not in sent]
    missing += [f"people.{phase}" for phase in Phase if phase in required & sent and phase in lacking]
    if not settled:
        missing.append("recipients")
    if unexplained:
        missing.append("unexplained")
    if not has_cause:
        missing.append("cause")
    if not has_measures:
        missing.append("measures")
    return missing


def strictest(held: Iterable[str]) -> Severity:
    """The gravest of the severities that an incident ever held, given by code."""
    return max(SEVERITIES[code] for code in held)
