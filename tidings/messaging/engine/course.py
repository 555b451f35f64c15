"""One lease under way: hands its released rows to the connections, collects what became of them, opens window by window.

Sends nothing that the ledger has not released. When the lease is lost or a stop comes, nothing new is taken, what is
under way is waited for, and its facts are recorded all the same.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from tidings.kernel.clock import now
from tidings.messaging.engine.encoders import BadSlot
from tidings.messaging.engine.journal import Journal
from tidings.messaging.engine.ledger import Fact, Lease, Ledger, Pause, Row, Unavailable
from tidings.messaging.engine.pace import Pace
from tidings.messaging.engine.replies import Reply
from tidings.messaging.engine.service import Came, Word
from tidings.messaging.engine.smtp import Job, SmtpConnection
from tidings.messaging.rules.delivery import Outcome, back_off, taken_as
from tidings.messaging.rules.refusals import (
    BLAMES_ADDRESS,
    Reason,
    Refusal,
    Stage,
    Stop,
    StopScope,
    Verdict,
    stop_after,
    stop_of_service,
    verdict_of,
)

LINGER_SECONDS = 0.05
RENEW_SECONDS = 15.0
UNREACHABLE_SECONDS = 60.0
_REPLY_LENGTH = 400
_NEEDS_A_PERSON = frozenset({"certificate", "no_starttls", "no_encryption", "no_sign_in_offered", "broke"})
_SERVICE_REFUSALS = {
    Came.OURS: Refusal.OURS,
    Came.LATER: Refusal.NOT_NOW,
}
Answer = TypeVar("Answer")


class Way(Protocol):
    """What a course sends by: a line to a mail server or to another service."""

    def serve(self, feed: "Course", wanted: int, rows: int, seconds: float) -> None: ...

    def rest(self) -> None: ...

    def kick(self, rows: int = 0, seconds: float = 0.0) -> None: ...

    def tend(self) -> None: ...

    def failing_for(self) -> float: ...


class Course:
    """Works on one lease over one line; made anew for each lease. It is the line's feed meanwhile. `render` makes one person's
    message, and raises BadSlot."""

    def __init__(
        self,
        ledger: Ledger,
        lease: Lease,
        render: Callable[[Row], object],
        journal: Journal,
        *,
        demo: bool,
    ) -> None:
        self.lease = lease
        self._ledger, self._journal = ledger, journal
        self._render = render
        self._taken_as = taken_as(lease.relay.kind, demo=demo, drill=lease.drill)
        self._line: Way | None = None
        self._pace = Pace(lease.rate)
        self._rows = deque(sorted(lease.rows, key=lambda row: row.place))
        self._upto = 0
        self._out = 0
        self._ours = 0
        self._facts: list[Fact] = []
        self._held = ""
        self._turned = 0.0
        self._turn_seconds = 0.005
        self._stopping = self._noting = self._done = False
        self._event = asyncio.Event()
        self._number = journal.lease(lease.broadcast_id, lease.relay.id)
        self._pauses: list[Pause] = []

    async def run(self, line: Way) -> None:
        """Until every row has a result, or nothing more may be sent. Raises Fenced."""
        self._settle_doubts()
        await self._turn()
        self._line = line
        wanted = min(self.lease.connections, max(len(self._rows), 1))
        line.serve(self, wanted, self._allowed, self._turn_seconds)
        try:
            while not self._ended:
                if not await self._wait():
                    self._kick()
                line.tend()
                if self._due_to_turn():
                    await self._turn()
        finally:
            line.rest()
        if not self._done:
            await self._turn(give_back=True)
        self._journal.ended(self._number)

    def stop(self) -> None:
        """Takes nothing new; `run` returns once what is under way is answered and recorded."""
        self._stopping = True
        self._event.set()

    # What the connections call.

    def take(self) -> Job | None:
        while self._rows and not self._held and not self._stopping:
            row = self._rows[0]
            if row.place >= self._upto:
                return None
            if not self._pace.allow():
                asyncio.get_running_loop().call_later(self._pace.wait(), self._kick)
                return None
            self._rows.popleft()
            try:
                mail = self._render(row)
            except BadSlot as bad:
                self._cannot_say(row, str(bad))
                continue
            self._out += 1
            return Job(mail, row)
        return None

    def intent(self, job: Job) -> None:
        row = _row(job)
        self._journal.intent(self._number, row.delivery_id, row.attempt, row.recipient_id)

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:
        row = _row(job)
        at = now()
        if stage is Stage.CONTENT and reply.good:
            fact = self._fact(row, self._taken_as, at, reply=f"{reply.code} {reply.text}")
        else:
            fact = self._refusal(row, stage, reply, at)
        if stage is Stage.CONTENT:
            self._note(fact, taken=reply.good)
        self._out -= 1
        self._add(fact)

    def _note(self, fact: Fact, *, taken: bool) -> None:
        """Into the journal with the next intent, or else before anything more is heard."""
        self._journal.answered(fact, taken=taken)
        if not self._noting:
            self._noting = True
            asyncio.get_running_loop().call_soon(self._noted)

    def _noted(self) -> None:
        self._noting = False
        self._journal.flush()

    def told(self, job: Job, word: Word) -> None:
        """What a service said of a message."""
        row, at = _row(job), now()
        if word.came is Came.TAKEN:
            fact = self._fact(row, word.outcome, at, reply=word.said)._replace(reference=word.reference)
        elif word.came is Came.REFUSED:
            refusal = Refusal.ADDRESS if word.reason in BLAMES_ADDRESS else Refusal.NOT_NOW
            said = f"{word.reason}: {word.said}"
            fact = self._fact(row, Outcome.REFUSED, at, reply=said, next_at=at, refusal=refusal)
        else:
            verdict = Verdict(_SERVICE_REFUSALS[word.came], word.reason)
            said = f"{word.reason}: {word.said}"
            fact = self._refused(row, verdict, said, at, word.wait, by_service=True)
        self._note(fact, taken=word.came is Came.TAKEN)
        self._out -= 1
        self._add(fact)

    def unsent(self, job: Job) -> None:
        self._out -= 1
        self._rows.appendleft(_row(job))
        asyncio.get_running_loop().call_soon(self._kick)

    def in_doubt(self, job: Job) -> None:
        self._out -= 1
        self._add(self._doubt(_row(job)))

    def closed(self, connection: SmtpConnection, why: str, reply: Reply | None) -> None:  # noqa: ARG002
        if reply is not None:
            self._judge_connection(reply, Stage.CONNECT)

    def connection_failed(self, code: str, reply: Reply | None) -> None:
        """A connection could not be made; a relay that stays away raises a hand."""
        if reply is not None:
            self._judge_connection(reply, Stage.SIGN_IN if code == "sign_in" else Stage.CONNECT)
        elif code in _NEEDS_A_PERSON:
            self._pause(StopScope.RELAY, code, "", None)
        if self._line is not None and self._line.failing_for() > UNREACHABLE_SECONDS:
            self._pause(StopScope.RELAY, "unreachable", code, timedelta(minutes=1))

    # What became of a row.

    def _fact(
        self, row: Row, outcome: Outcome, at: datetime, *, reply: str = "", next_at: datetime | None = None,
        refusal: str | None = None,
    ) -> Fact:  # fmt: skip
        late = row.due_by is not None and at > row.due_by
        return Fact(
            row.delivery_id,
            row.attempt,
            outcome,
            at,
            row.recipient_id,
            self.lease.broadcast_id,
            self.lease.relay.id,
            refusal,
            reply[:_REPLY_LENGTH],
            next_at,
            late,
        )

    def _refusal(self, row: Row, stage: Stage, reply: Reply, at: datetime) -> Fact:
        verdict = verdict_of(reply.code, reply.text, stage)
        return self._refused(row, verdict, f"{reply.code} {reply.text}", at)

    def _refused(
        self, row: Row, verdict: Verdict, said: str, at: datetime, wait: timedelta | None = None, *,
        by_service: bool = False,
    ) -> Fact:  # fmt: skip
        if verdict.refusal is Refusal.ADDRESS:
            return self._fact(row, Outcome.REFUSED, at, reply=said, next_at=at, refusal=verdict.refusal)
        wait = wait or back_off(row.attempt)
        if verdict.refusal is Refusal.OURS:
            stopped = self._our_fault(verdict.reason, said, by_service=by_service)
            wait = max(wait, stopped) if stopped else wait
        return self._fact(row, Outcome.LATER, at, reply=said, next_at=at + wait, refusal=verdict.refusal)

    def _doubt(self, row: Row) -> Fact:
        at = now()
        settle = timedelta(seconds=self.lease.settle_seconds)
        return self._fact(row, Outcome.UNCERTAIN, at, next_at=at + settle)

    def _cannot_say(self, row: Row, code: str) -> None:
        """A value that may not go out: this person's own, or a slot that the text has and nobody fills."""
        at = now()
        if code == "slot_missing":
            self._pause(StopScope.BROADCAST, code, "", None)
            self._rows.appendleft(row)
            return
        self._add(self._fact(row, Outcome.REFUSED, at, reply=code, next_at=at, refusal=Reason.UNSENDABLE))

    def _judge_connection(self, reply: Reply, stage: Stage) -> None:
        verdict = verdict_of(reply.code, reply.text, stage)
        if verdict.refusal is Refusal.OURS:
            self._our_fault(verdict.reason, f"{reply.code} {reply.text}")

    def _our_fault(self, reason: Reason, said: str, *, by_service: bool = False) -> timedelta | None:
        self._ours += 1
        stop: Stop | None = (
            stop_of_service(reason) if by_service else stop_after(reason, self.lease.destination, self._ours)
        )
        if stop is not None:
            self._pause(stop.scope, reason, said, stop.resumes_after)
        return stop.resumes_after if stop else None

    def _pause(self, scope: StopScope, reason: str, detail: str, resumes: timedelta | None) -> None:
        lease = self.lease
        thing = {
            StopScope.RELAY: str(lease.relay.id),
            StopScope.DESTINATION: f"{lease.relay.id}/{lease.destination}",
            StopScope.BROADCAST: str(lease.broadcast_id),
        }[scope]
        if self._held:
            return
        self._held = "paused"
        until = now() + resumes if resumes else None
        self._pauses.append(Pause(scope, thing, reason, "engine", detail[:_REPLY_LENGTH], until))
        self._event.set()

    # Windows.

    def _settle_doubts(self) -> None:
        """What an ended life may have sent: its journal tells, where it is here and complete; else it is uncertain."""
        known = self.lease.previous in self._journal.lives
        sure = []
        for row in self.lease.doubtful:
            if known and not self._journal.begun(row.delivery_id, row.attempt):
                sure.append(row)
            else:
                self._facts.append(self._doubt(row))
        self._rows.extendleft(sorted(sure, key=lambda row: -row.place))

    @property
    def _ended(self) -> bool:
        return self._out == 0 and (not self._rows or bool(self._held) or self._stopping)

    def _due_to_turn(self) -> bool:
        return bool(self._facts) or asyncio.get_running_loop().time() - self._turned > RENEW_SECONDS

    def _add(self, fact: Fact) -> None:
        self._facts.append(fact)
        if len(self._facts) >= self.lease.window or self._out == 0:
            self._event.set()

    @property
    def _allowed(self) -> int:
        """How many rows may be sent and are not begun."""
        return max(0, min(self._upto - self._rows[0].place, len(self._rows))) if self._rows else 0

    async def _wait(self) -> bool:
        """Whether something came."""
        timeout = LINGER_SECONDS if self._facts else 0.25
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True

    async def _turn(self, *, give_back: bool = False) -> None:
        """Results in, next window out. Where the ledger is away it is asked again until it answers."""
        facts, self._facts = self._facts, []
        pauses, self._pauses = self._pauses, []
        for pause in pauses:
            await _until_answered(partial(self._ledger.pause, self.lease.epoch, pause))
        began = asyncio.get_running_loop().time()
        released = await _until_answered(
            partial(self._ledger.release, self.lease, facts, give_back=give_back)
        )
        self._turned = asyncio.get_running_loop().time()
        self._turn_seconds += (self._turned - began - self._turn_seconds) / 4
        if released.held:
            self._held = self._held or released.held
        self._upto, self._done = max(self._upto, released.upto), released.done
        if self._line is not None:
            self._line.kick(self._allowed, self._turn_seconds)

    def _kick(self) -> None:
        if self._line is not None:
            self._line.kick()


def _row(job: Job) -> Row:
    assert isinstance(job.tag, Row)  # noqa: S101 - a job of ours carries its row
    return job.tag


async def _until_answered(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    while True:
        try:
            return await ask()
        except Unavailable:
            await asyncio.sleep(0.5)
