"""The rules of an incident's clocks: when its first notice is due, what a message promises, what is owed next. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tidings.incidents.rules.incident import (
    ASIDE_PHASES,
    NOTICES,
    OPEN_STATES,
    SEVERITIES,
    Phase,
    Policies,
    Severity,
    State,
)


def first_notice_by(detected_at: datetime, held: Iterable[Severity], policies: Policies) -> datetime:
    """When the first notice is due: from detection, by the strictest severity the incident ever held.

    A raised grade is counted from detection again, even when that moment has passed; a lowered one gives no time back.
    """
    return detected_at + min(policies[severity].first_notice_within for severity in held)


def next_update_by(
    sent_at: datetime, severity: Severity, policies: Policies, promised_by: datetime | None = None
) -> datetime:
    """The promise made by a message sent at `sent_at`. A promise given and still ahead is never moved later."""
    rhythm = sent_at + policies[severity].update_every
    return min(rhythm, promised_by) if promised_by and promised_by > sent_at else rhythm


def promise_standing(
    phase: str, before: datetime | None, made: datetime | None, *, is_first: bool
) -> datetime | None:
    """By when the next message is owed once one of this phase went that `made` a promise. A notice to those who came in later never moves
    later what the others were promised, passed or not; `is_first` says that nobody had a first notice before.
    """
    if phase in ASIDE_PHASES:
        return before
    to_newcomers = phase in NOTICES and not (is_first and phase == Phase.FIRST_NOTICE)
    if to_newcomers and before and made:
        return min(before, made)
    return made or (before if to_newcomers else None)


def closing_owed_by(rhythm: datetime, owed: str, standing: datetime | None) -> datetime:
    """By when the closing message is owed once "service restored" went: within the `rhythm`, but no later than it was `owed` already
    to those who heard that before.
    """
    return min(rhythm, standing) if standing and owed == Phase.CLOSING else rhythm


def promise_regraded(
    standing: datetime, told_at: datetime, severity: Severity, policies: Policies
) -> datetime:
    """The promise that stands once the grade is another: everybody heard at `told_at`; it never moves later, passed or not."""
    return min(standing, told_at + policies[severity].update_every)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a message of one phase owes: `due_by` for its recipients, `next_by` the promise that it makes, if any."""

    due_within: timedelta
    due_by: datetime
    next_by: datetime | None


def promise(
    phase: str,
    policies: Policies,
    *,
    severity: str,
    strictest_severity: str,
    promised_by: datetime | None,
    first_by: datetime,
    now: datetime,
) -> Promise:
    """What a message written at `now` owes. First notice and update promise the next one; closing promises nothing more. A
    holding notice promises the first notice for when it is due, or within the rhythm where that has passed.

    It is due by the promise given, also when that has passed: who was promised news and gets it later gets it late. What
    stands beside the story keeps no promise: it is due within the rhythm.
    """
    policy = policies[SEVERITIES[severity]]
    within = policies[SEVERITIES[strictest_severity]].first_notice_within
    kept = promised_by if phase not in ASIDE_PHASES else None
    due_by = kept or now + policy.update_every
    if phase == Phase.HOLDING and first_by > now:
        return Promise(within, due_by, first_by)
    goes_on = phase in (Phase.HOLDING, Phase.FIRST_NOTICE, Phase.UPDATE)
    given = promised_by if phase != Phase.UPDATE else None
    return Promise(
        within, due_by, next_update_by(now, SEVERITIES[severity], policies, given) if goes_on else None
    )


class End(StrEnum):
    """What is left of an incident once its customers are owed nothing more."""

    RESOLVE = "resolve"
    CLOSE = "close"


def next_owed(phase: str, before: str, *, is_first: bool, closing_owed: bool) -> str:
    """The phase by which the promise is kept, once a message of this one went; empty where none is owed. After "service restored"
    that is the closing message, where the policy asks for one. `before` is what was owed until then.
    """
    if phase in ASIDE_PHASES:
        return before
    if phase == Phase.RESTORED:
        return Phase.CLOSING.value if closing_owed else ""
    if phase == Phase.CLOSING:
        return ""
    to_newcomers = phase in NOTICES and not (is_first and phase == Phase.FIRST_NOTICE)
    return before or Phase.UPDATE.value if to_newcomers else Phase.UPDATE.value


def begins_again(before: str, target: str) -> bool:
    """Whether a move takes up an incident anew, of which everything was told."""
    ended = (State.RESOLVED, State.CLOSED, State.DISMISSED)
    return State(before) in ended and State(target) in (State.RESPONDING, State.REOPENED)


def promise_taken_up(
    before: str, standing: datetime | None, at: datetime, severity: Severity, policies: Policies
) -> datetime:
    """By when customers hear of an incident that begins again: within the rhythm, or by what is owed still where it never ended."""
    rhythm = at + policies[severity].update_every
    return min(rhythm, standing) if standing and State(before) is State.RESOLVED else rhythm


@dataclass(frozen=True, slots=True)
class Clock:
    """The next thing owed: `what` is a phase owed to customers, or the end of it all, which has no moment; `late` says that it
    has passed.
    """

    what: Phase | End
    due_by: datetime | None
    late: bool

    @property
    def word(self) -> str:
        """The code under which its words stand."""
        return f"incident.phase.{self.what}" if isinstance(self.what, Phase) else f"incident.owed.{self.what}"


def clock(
    state: str,
    *,
    first_by: datetime,
    first_sent_at: datetime | None,
    update_by: datetime | None,
    now: datetime,
    next_phase: str = "",
) -> Clock | None:
    """What is due next, or None for one that has ended: the first notice until it went, then what was promised, then the end.

    A promise outlives the trouble: of a resolved incident the closing message is due by it. `next_phase` is what keeps it.
    """
    if State(state) not in OPEN_STATES:
        return None
    if first_sent_at is None and not (update_by and update_by < first_by):
        return Clock(Phase.FIRST_NOTICE, first_by, now > first_by)
    if update_by is None:
        return Clock(End.CLOSE if State(state) is State.RESOLVED else End.RESOLVE, None, late=False)
    following = Phase.CLOSING if State(state) is State.RESOLVED else Phase(next_phase or Phase.UPDATE)
    return Clock(following, update_by, now > update_by)
