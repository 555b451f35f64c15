"""What becomes of a message on its way: outcomes, standings, states, back-off and who is told next. Pure values.

A fact about an attempt is an `Outcome`. Facts arrive in any order, late and twice; where a delivery stands is the
gravest of its facts (`standing_of`), so that no order can change it. What a recipient's row says follows from that
standing by `state_after`, the transition table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Lane(StrEnum):
    """Who goes first. Single mails (answers, acknowledgements, account mail) have reserved connections always."""

    SINGLE = "single"
    URGENT = "urgent"
    BROADCAST = "broadcast"


LANE_ORDER = (Lane.SINGLE, Lane.URGENT, Lane.BROADCAST)

MAIL = "email"
"""The rung that can always be sent by: where no relay is set up, the catcher keeps what goes."""

CALL = "call"
"""The rung that people work: no channel sends it."""

MUST_CONFIRM = frozenset({"stolen", "lost", "destroyed", "part_lost", "damaged", "missing", "held"})
"""Effects on the gravest of somebody's shipments for which only a confirmed contact counts as reached: the goods are harmed or gone
(one who may not hear of theft reads "missing"), or the customer must act. For any other, presumed or delivered counts."""


class ChunkState(StrEnum):
    OPEN = "open"
    LEASED = "leased"
    DONE = "done"


class RelayKind(StrEnum):
    """What stands behind a 250: our own smarthost, the recipient's own server, or a keeping place that sends nothing."""

    RELAY = "relay"
    DIRECT = "direct"
    CATCHER = "catcher"


class Security(StrEnum):
    """How a connection is encrypted. `starttls` insists; `opportunistic` takes it when offered; certificates are checked
    in the first two."""

    TLS = "tls"
    STARTTLS = "starttls"
    OPPORTUNISTIC = "opportunistic"
    NONE = "none"


class Destination(StrEnum):
    """Groups of mail servers that share a limit and a reputation."""

    GMAIL = "gmail"
    MICROSOFT = "microsoft"
    YAHOO = "yahoo"
    QQ = "qq"
    NETEASE = "netease"
    OTHERS = "others"


class Outcome(StrEnum):
    """A fact about one attempt, in order of weight: of two facts about one delivery the later in this list holds.

    `handed_over`: our relay took it, never evidence. `accepted`: the recipient's own server took it. `refused`: the
    address is at fault, said at once or by a bounce later. `delivered`: a receipt. `confirmed`: the person answered.
    """

    UNCERTAIN = "uncertain"
    LATER = "later"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    CONFIRMED = "confirmed"


class Confirming(StrEnum):
    """How somebody let us know that they have it."""

    LINK = "link"
    ANSWER = "answer"
    CALL = "call"


class RecipientState(StrEnum):
    WAITING = "waiting"
    TRYING = "trying"
    REACHED = "reached"
    CALL_LIST = "call_list"
    UNREACHABLE = "unreachable"
    SUPERSEDED = "superseded"


class Event(StrEnum):
    """What can happen to a recipient's row."""

    BEGUN = "begun"
    TAKEN = "taken"
    SETTLED = "settled"
    EVIDENCE = "evidence"
    UNDONE = "undone"
    NEXT_RUNG = "next_rung"
    TO_CALL = "to_call"
    NO_RUNG = "no_rung"
    SUPERSEDE = "supersede"


_WEIGHT = {outcome: weight for weight, outcome in enumerate(Outcome)}

_W, _T, _R, _C, _U, _S = RecipientState
TRANSITIONS: dict[tuple[RecipientState, Event], RecipientState] = {
    (_W, Event.BEGUN): _T,
    (_W, Event.TAKEN): _T,
    (_W, Event.SETTLED): _R,
    (_W, Event.EVIDENCE): _R,
    (_W, Event.UNDONE): _T,
    (_W, Event.NEXT_RUNG): _W,
    (_W, Event.TO_CALL): _C,
    (_W, Event.NO_RUNG): _U,
    (_W, Event.SUPERSEDE): _S,
    (_T, Event.BEGUN): _T,
    (_T, Event.TAKEN): _T,
    (_T, Event.SETTLED): _R,
    (_T, Event.EVIDENCE): _R,
    (_T, Event.UNDONE): _T,
    (_T, Event.NEXT_RUNG): _T,
    (_T, Event.TO_CALL): _C,
    (_T, Event.NO_RUNG): _U,
    (_T, Event.SUPERSEDE): _T,  # something may have left already: it is not unsent
    (_R, Event.BEGUN): _R,
    (_R, Event.TAKEN): _R,
    (_R, Event.SETTLED): _R,
    (_R, Event.EVIDENCE): _R,
    (_R, Event.UNDONE): _T,  # a bounce after all, even after closing
    (_R, Event.NEXT_RUNG): _R,
    (_R, Event.TO_CALL): _R,
    (_R, Event.NO_RUNG): _R,
    (_R, Event.SUPERSEDE): _R,
    (_C, Event.BEGUN): _C,
    (_C, Event.TAKEN): _C,
    (_C, Event.SETTLED): _R,
    (_C, Event.EVIDENCE): _R,
    (_C, Event.UNDONE): _C,
    (_C, Event.NEXT_RUNG): _T,
    (_C, Event.TO_CALL): _C,
    (_C, Event.NO_RUNG): _U,
    (_C, Event.SUPERSEDE): _S,
    (_U, Event.BEGUN): _U,
    (_U, Event.TAKEN): _U,
    (_U, Event.SETTLED): _R,
    (_U, Event.EVIDENCE): _R,
    (_U, Event.UNDONE): _U,
    (_U, Event.NEXT_RUNG): _T,
    (_U, Event.TO_CALL): _C,
    (_U, Event.NO_RUNG): _U,
    (_U, Event.SUPERSEDE): _S,
    (_S, Event.BEGUN): _S,
    (_S, Event.TAKEN): _S,
    (_S, Event.SETTLED): _S,
    (_S, Event.EVIDENCE): _R,  # it had left after all
    (_S, Event.UNDONE): _S,
    (_S, Event.NEXT_RUNG): _S,
    (_S, Event.TO_CALL): _S,
    (_S, Event.NO_RUNG): _S,
    (_S, Event.SUPERSEDE): _S,
}


def state_after(state: RecipientState, event: Event) -> RecipientState:
    """The transition table; every pair is in it."""
    return TRANSITIONS[state, event]


def standing_of(outcomes: Iterable[str]) -> Outcome | None:
    """Where a delivery stands: the weightiest of its facts, whatever their order; None before the first."""
    return max((Outcome(outcome) for outcome in outcomes), key=_WEIGHT.__getitem__, default=None)


def taken_as(kind: str, *, demo: bool, drill: bool) -> Outcome:
    """What a server's 250 proves. A catcher counts as accepted only in the demo firm or in a drill."""
    if kind == RelayKind.DIRECT or (kind == RelayKind.CATCHER and (demo or drill)):
        return Outcome.ACCEPTED
    return Outcome.HANDED_OVER


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: a channel and the address on it."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class TriedRung:
    """A rung that was left behind: its delivery, and where that went."""

    delivery_id: UUID
    channel: str
    address: str


def next_rung(
    further: Iterable[Rung], channels: frozenset[str], *, people_first: bool = False
) -> tuple[Event, Rung | None]:
    """The next rung that we can use: NEXT_RUNG with it, TO_CALL where a person calls, or NO_RUNG. Unknown channels are skipped.

    `people_first`: a call stands before anything that would be sent, since only the person's own word counts.
    """
    usable = [rung for rung in further if rung.channel in channels or rung.channel == CALL]
    if people_first:
        usable.sort(key=lambda rung: rung.channel != CALL)
    if not usable:
        return Event.NO_RUNG, None
    return (Event.TO_CALL if usable[0].channel == CALL else Event.NEXT_RUNG), usable[0]


PATIENCE: Mapping[str, timedelta] = {
    "sms": timedelta(minutes=15),
    "voice": timedelta(minutes=10),
    "whatsapp": timedelta(minutes=30),
    "wechat": timedelta(minutes=30),
    "telegram": timedelta(minutes=30),
}
"""How long a rung is waited for before the next one, where that is less than the broadcast's own patience (mail's four hours)."""


def patience_on(channel: str | None, whole: timedelta, rungs_left: int) -> timedelta:
    """How long a rung is waited for. The last one gets the broadcast's whole patience: giving it up would help nobody."""
    return min(whole, PATIENCE.get(channel or "", whole)) if rungs_left else whole


def evidence_by(
    began_at: datetime, due_by: datetime | None, patience: timedelta, rungs_left: int = 1
) -> datetime:
    """Until when a rung that was taken waits for the evidence that counts: its patience, at most its share of the time to the
    deadline. What is left is shared by this rung and those after it; half of it is the most."""
    if due_by is None:
        return began_at + patience
    share = (due_by - began_at) / max(rungs_left + 1, 2)
    return began_at + min(patience, max(share, timedelta()))


_BACK_OFF_MINUTES = (1, 5, 15, 30, 60)
LAST_ATTEMPT = 30
MOST_CALLS = 5
"""So often somebody is called without being reached; then their next rung is tried."""
MOST_DOUBTS = 2


def back_off(attempt: int) -> timedelta:
    """How long to wait after attempt number `attempt` (from 1) ended with "later"."""
    return timedelta(minutes=_BACK_OFF_MINUTES[min(attempt, len(_BACK_OFF_MINUTES)) - 1])


class Step(StrEnum):
    """What to do with a row whose moment has come."""

    AGAIN = "again"
    NEXT_RUNG = "next_rung"


def step_after(
    standing: str, *, attempt: int, doubts: int, began_at: datetime, patience: timedelta, now: datetime
) -> Step:
    """What follows a delivery that is not settled: once more under the same Message-ID, or the next rung.

    An uncertain one is repeated once; a second doubt, a refused address, lost patience or attempt 30 ends the rung.
    """
    if standing == Outcome.REFUSED or doubts >= MOST_DOUBTS:
        return Step.NEXT_RUNG
    if attempt >= LAST_ATTEMPT or now >= began_at + patience:
        return Step.NEXT_RUNG
    return Step.AGAIN


_DOMAINS: dict[str, Destination] = {
    "gmail.com": Destination.GMAIL,
    "googlemail.com": Destination.GMAIL,
    "outlook.com": Destination.MICROSOFT,
    "hotmail.com": Destination.MICROSOFT,
    "live.com": Destination.MICROSOFT,
    "msn.com": Destination.MICROSOFT,
    "live.nl": Destination.MICROSOFT,
    "hotmail.nl": Destination.MICROSOFT,
    "yahoo.com": Destination.YAHOO,
    "ymail.com": Destination.YAHOO,
    "aol.com": Destination.YAHOO,
    "qq.com": Destination.QQ,
    "vip.qq.com": Destination.QQ,
    "foxmail.com": Destination.QQ,
    "163.com": Destination.NETEASE,
    "126.com": Destination.NETEASE,
    "yeah.net": Destination.NETEASE,
    "188.com": Destination.NETEASE,
    "vip.163.com": Destination.NETEASE,
}
KNOWN_DOMAINS = tuple(_DOMAINS.items())

_MX_ENDINGS: tuple[tuple[str, Destination], ...] = (
    (".google.com", Destination.GMAIL),
    (".googlemail.com", Destination.GMAIL),
    (".outlook.com", Destination.MICROSOFT),
    (".yahoodns.net", Destination.YAHOO),
    (".qq.com", Destination.QQ),
    (".163.com", Destination.NETEASE),
    (".netease.com", Destination.NETEASE),
    (".qiye.163.com", Destination.NETEASE),
)


def destination_of(domain: str, mx_hosts: Iterable[str] = ()) -> Destination:
    """The group that takes mail for `domain`: by its MX hosts where they are known, else by the domain itself."""
    for host in mx_hosts:
        dotted = "." + host.rstrip(".").lower()
        for ending, destination in _MX_ENDINGS:
            if dotted.endswith(ending):
                return destination
    return _DOMAINS.get(domain.lower(), Destination.OTHERS)
