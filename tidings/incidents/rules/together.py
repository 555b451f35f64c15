"""One message for who stands in several incidents: what a shipment in two of them shows, and whom an update leaves out. Pure.

A line is what a message says of one shipment. One of another incident than the message's carries `of`: whose it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tidings.incidents.rules.effects import GRAVEST_FIRST, Effect
from tidings.incidents.rules.incident import OPEN_STATES, State

SAME_TIME = timedelta(hours=2)
"""A time that moved by less than this is no news within a rhythm: the next message tells it."""

ALWAYS_TOLD = tuple(GRAVEST_FIRST[: GRAVEST_FIRST.index(Effect.HELD) + 1])
"""What its own incident tells, always: it is never held back, and no other incident's message speaks of it first."""

OFFERS = frozenset({"alternatives", "compensation", "what_you_can_do"})
"""Sentences that a customer would miss: an update with one of somebody's own leaves nobody out."""

Line = Mapping[str, Any]

_MERGED = ("of", "expected_from", "expected_at")
_LAST = "~"


def graver(lines: Sequence[Line]) -> Line:
    """The one line of a shipment that stands in several incidents, given its line in each.

    The graver effect, as this customer may hear it; of equal ones the later new time, and before all times one that nobody
    knows: it cannot come before the last incident lets it. What must be done first is always on it.
    """
    shown = min(lines, key=_by_number)
    for line in sorted(lines, key=_by_number):
        if _weight(line) > _weight(shown):
            shown = line
    duties = [line for line in lines if line.get("must_do")]
    if not duties:
        return shown
    first = min(duties, key=lambda line: (line.get("do_by", _LAST), line["must_do"]))
    duty = {name: first[name] for name in ("must_do", "do_by") if name in first}
    return {**{name: said for name, said in shown.items() if name not in ("must_do", "do_by")}, **duty}


def _by_number(line: Line) -> str:
    return str(line["of"]["about"]) if "of" in line else ""


def _weight(line: Line) -> tuple[int, str]:
    rank = GRAVEST_FIRST.index(Effect(line["effect"]))
    return -rank, str(line.get("expected_at", _LAST))


def says_more(told: Line | None, now: Line) -> bool:
    """Whether a shipment's line says something now that a message of the same rhythm has not told: another effect, holder or
    duty, other pieces, a time that came, went or moved by two hours, or the shipment at all.
    """
    if told is None or _besides_times(told) != _besides_times(now):
        return True
    return any(_moved(told.get(name), now.get(name)) for name in ("expected_from", "expected_at"))


def _besides_times(line: Line) -> dict[str, Any]:
    return {name: said for name, said in line.items() if name not in _MERGED}


def _moved(before: str | None, after: str | None) -> bool:
    if before is None or after is None:
        return before != after
    return abs(datetime.fromisoformat(after) - datetime.fromisoformat(before)) >= SAME_TIME


def stands_for(
    promised_by: datetime | None,
    *,
    state: str,
    update_by: datetime | None,
    next_by: datetime | None,
    now: datetime,
) -> bool:
    """Whether an update of another incident, which promised the next one by `promised_by`, may stand for one that promises
    `next_by`: its promise is still ahead, no looser than this one's, and the other incident still keeps it (in `state`, owing
    `update_by`). So the stricter incident speaks for the looser, and never the other way round.
    """
    if promised_by is None or next_by is None or update_by is None:
        return False
    return now < promised_by <= next_by and goes_on(state)


def goes_on(state: str) -> bool:
    """Whether an incident in this state still tells updates: not once it is resolved, which only its closing message follows."""
    return State(state) in OPEN_STATES - {State.RESOLVED}


def stricter_promise(
    own_every: timedelta, other_every: timedelta, other_by: datetime | None, now: datetime
) -> datetime | None:
    """The promise of another incident that a message must repeat beside its own: one that is stricter, so that its own update
    still comes. That of a looser one is kept by the message itself.
    """
    return other_by if other_by and other_by > now and other_every < own_every else None


def leaves_out(facts: Iterable[str]) -> bool:
    """Whether an update with these sentences of somebody's own may leave out whom another message told."""
    return OFFERS.isdisjoint(facts)
