"""The Ledger: six verbs between the engine and whatever remembers. PostgreSQL and SQLite keep the same promises.

    lease     take a chunk, and connections to a relay, for a while
    release   one window's results in, the next window out; only while the lease is one's own and nothing is paused
    record    facts from anyone, at any time, told any number of times
    settle    move on whatever has waited long enough: presume, repeat, next rung, due retries into new chunks
    pause     stop something at its next window, or let it go on
    tallies   how many recipients of a broadcast stand where

Every verb carries the worker's epoch and raises `Fenced` when the ledger lives in another one: then the process ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID


class Fenced(Exception):
    """The ledger lives in another epoch than this worker: whatever it held is no longer its own."""


class Unavailable(Exception):
    """The ledger does not answer for now. Nothing was decided: the same may be asked again."""


class Fact(NamedTuple):
    """What became of one attempt, or evidence that came later (attempt 0: the delivery as a whole).

    `outcome` is an `Outcome`; `refusal` a `Refusal` where one was said. `next_at` is when to look again at a row that is
    not done. `late` says that it came after the recipient's deadline. `reference` is the service's own id for the message, by
    which its receipt will name it.
    """

    delivery_id: UUID
    attempt: int
    outcome: str
    at: datetime
    recipient_id: UUID
    broadcast_id: UUID
    relay_id: UUID | None = None
    refusal: str | None = None
    reply: str = ""
    next_at: datetime | None = None
    late: bool = False
    reference: str = ""


class Row(NamedTuple):
    """One recipient to send to, at its place in the chunk. `lines` are this person's shipments, gravest first."""

    place: int
    recipient_id: UUID
    delivery_id: UUID
    attempt: int
    name: str
    address: str
    time_zone: str
    due_by: datetime | None
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RelayAccess:
    """How to reach a relay, with the secret unsealed. Of one that takes no mail, `service` is the code of its channel and
    `settings` what that needs, as JSON."""

    id: UUID
    code: str
    kind: str
    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    receipts: bool = False
    service: str = ""
    settings: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a worker can take. `life` is this process; `journals` are ended lives whose every sending it can read back.

    Leases of those lives are taken over at once, of others when they run out. `busy` lists what it takes no more
    of, as (channel, lane, destination); `connections` is how many it can use at most. It works on `at_once` chunks of a kind where
    more of them wait, each with that part of the connections.
    """

    life: UUID
    epoch: int
    journals: frozenset[UUID] = frozenset()
    connections: int = 20
    at_once: int = 1
    seconds: int = 60
    demo: bool = False
    busy: frozenset[tuple[str, str, str]] = frozenset()


def connections_for_one(ask: Ask, *, more: bool) -> int:
    """How many connections a chunk gets at most: all, or where more of its kind wait its part of them."""
    return -(-ask.connections // ask.at_once) if more or ask.at_once == 1 else ask.connections


@dataclass(frozen=True, slots=True)
class Lease:
    """A chunk that is ours until `until`. Places below `released` may be sent.

    `doubtful` are rows that an earlier life, `previous`, was allowed to send and has not recorded: only who can read that
    life's journal may know better. Then nothing may be sent before the first `release`, which settles those doubts; until
    it succeeds the ledger goes on naming the same `previous`. `connections` and `rate` are this worker's share.
    """

    chunk_id: UUID
    broadcast_id: UUID
    life: UUID
    epoch: int
    lane: str
    channel: str
    destination: str
    language: str
    drill: bool
    settle_seconds: int
    size: int
    released: int
    window: int
    until: datetime
    seconds: int
    relay: RelayAccess
    connections: int
    rate: float
    text: str
    rows: Sequence[Row]
    doubtful: Sequence[Row] = ()
    previous: UUID | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What `release` allows: places below `upto`, until `until`. `held` says why nothing more: "" , "lost" or "paused". `done`: the
    last result is recorded, and the lease has ended."""

    upto: int
    until: datetime | None
    held: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop (or, with `ended`, its end) of everything, a broadcast, lane, destination or relay.

    A destination's `thing` is `relay id/destination`. With `until` it ends by itself.
    """

    scope: str
    thing: str
    reason: str
    by: str
    detail: str = ""
    until: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """How many rows `settle` moved: presumed reached, sent once more, gathered again, given the next rung, out of rungs."""

    reached: int = 0
    again: int = 0
    next_rung: int = 0
    to_call: int = 0
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class Tallies:
    """Where the recipients of one broadcast stand; the counts add up to `total`.

    `accepted`, `delivered` and `confirmed` do not overlap; `accepted_late` is the part of accepted, delivered and confirmed
    that came after its deadline. `presumed` is the part of `accepted` whose settling time has passed.
    """

    total: int = 0
    pending: int = 0
    handed_over: int = 0
    accepted: int = 0
    delivered: int = 0
    confirmed: int = 0
    later: int = 0
    refused: int = 0
    uncertain: int = 0
    no_address: int = 0
    accepted_late: int = 0
    presumed: int = 0


class Ledger(Protocol):
    """What the engine asks of a store. All times are aware, in UTC; the store's own clock decides about leases."""

    async def lease(self, ask: Ask) -> Lease | None:
        """The next chunk by lane and deadline, with connections; None when there is none, or nothing may be sent."""

    async def release(self, lease: Lease, facts: Sequence[Fact], *, give_back: bool = False) -> Released:
        """Records the lease's own results, and opens the next window. `give_back` ends the lease cleanly.

        The facts are kept even where the lease is lost. A chunk whose last row is recorded is done.
        """

    async def record(self, epoch: int, facts: Sequence[Fact]) -> int:
        """Keeps facts from anywhere and moves rows accordingly; gives how many were new."""

    async def settle(self, epoch: int, now: datetime) -> Settled:
        """Moves on what has waited long enough at `now`."""

    async def pause(self, epoch: int, pause: Pause) -> None:
        """Stops something from its next window on, or ends a stop."""

    async def tallies(self, broadcast_id: UUID) -> Tallies:
        """Counts of one broadcast."""
