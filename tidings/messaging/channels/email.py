"""E-mail, one message at a time over a connection of its own: to try a relay, and for callers that wait for the answer.

Broadcasts and answers go through the delivery engine's sender instead, which keeps connections and a ledger.
"""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from tidings.kernel.clock import now
from tidings.kernel.errors import TryLater
from tidings.messaging.channels.base import (
    Channel,
    InDoubt,
    Limits,
    OurFault,
    Outgoing,
    Receipt,
    Undeliverable,
)
from tidings.messaging.engine.compile import Identity, Mail, MailSkeleton, Values
from tidings.messaging.engine.encoders import BadSlot
from tidings.messaging.engine.replies import Reply
from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import ConnectionFailed, Job, Server, SmtpConnection
from tidings.messaging.engine.text import Paragraph, Text, TextProblem
from tidings.messaging.rules.delivery import RelayKind, taken_as
from tidings.messaging.rules.refusals import Reason, Refusal, Stage, verdict_of

_PASSES = frozenset({Reason.RATE, Reason.PROTOCOL})
"""What comes back by itself: one mail alone need not stop a relay for it."""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The relay to use, and whom mail comes from. `kind` decides what its 250 proves."""

    server: Server
    identity: Identity
    kind: RelayKind = RelayKind.RELAY
    demo: bool = False


@dataclass
class _One:
    """A feed of a single mail."""

    mail: Mail
    given: bool = False
    left: bool = False
    answer: "asyncio.Future[tuple[Stage, Reply] | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def take(self) -> Job | None:
        if self.given:
            return None
        self.given = True
        return Job(self.mail, None)

    def intent(self, job: Job) -> None:  # noqa: ARG002
        self.left = True

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:  # noqa: ARG002
        self._say((stage, reply))

    def unsent(self, job: Job) -> None:  # noqa: ARG002
        self.left = False
        self._say(None)

    def in_doubt(self, job: Job) -> None:  # noqa: ARG002
        self._say(None)

    def closed(self, connection: SmtpConnection, why: str, reply: Reply | None) -> None:  # noqa: ARG002
        self._say(None)

    def connection_failed(self, code: str, reply: Reply | None) -> None: ...

    def _say(self, what: tuple[Stage, Reply] | None) -> None:
        if not self.answer.done():
            self.answer.set_result(what)


class Email(Channel):
    """One mail, one connection."""

    code: ClassVar[str] = "email"
    rung: ClassVar[str] = "email"
    Settings = EmailSettings
    limits: ClassVar[Limits] = Limits()

    settings: EmailSettings

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Channel`. A server that falls silent, or goes, once it has the content leaves it in doubt."""
        feed = _One(self._compile(outgoing))
        try:
            connection = await connect(self.settings.server)
        except ConnectionFailed as failed:
            raise _not_signed_in(failed) from failed
        connection.start(feed)
        try:
            async with asyncio.timeout(self.settings.server.content_seconds):
                answer = await feed.answer
        except TimeoutError:
            answer = None
        connection.quit()
        if answer is None:
            connection.abort("no_answer")
            if feed.left:
                raise InDoubt("messaging.no_answer", said="no answer")
            raise TryLater("messaging.relay", why="no_answer")
        return self._receipt(outgoing, *answer)

    def _receipt(self, outgoing: Outgoing, stage: Stage, reply: Reply) -> Receipt:
        if stage is Stage.CONTENT and reply.good:
            outcome = taken_as(self.settings.kind, demo=self.settings.demo, drill=outgoing.drill)
            return Receipt(outgoing.delivery_id, outcome, now(), said=f"{reply.code} {reply.text}")
        verdict = verdict_of(reply.code, reply.text, stage)
        if verdict.refusal is Refusal.ADDRESS:
            raise Undeliverable("messaging.refused", reason=str(verdict.reason))
        if verdict.refusal is Refusal.OURS and verdict.reason not in _PASSES:
            raise OurFault("messaging.our_fault", reason=verdict.reason, said=str(reply.code))
        raise TryLater("messaging.relay", why=str(verdict.reason))

    def _compile(self, outgoing: Outgoing) -> Mail:
        paragraphs = tuple(Paragraph("text", (part,)) for part in outgoing.text.split("\n\n"))
        try:
            skeleton = MailSkeleton(
                Text((outgoing.subject,), paragraphs), self.settings.identity, outgoing.language
            )
            return skeleton.render(
                outgoing.delivery_id, outgoing.name, outgoing.address, Values({}, ()), now()
            )
        except (BadSlot, TextProblem) as bad:
            raise Undeliverable("messaging.refused", reason=str(bad)) from bad


def _not_signed_in(failed: ConnectionFailed) -> TryLater | OurFault:
    if failed.reply is not None and failed.code == "sign_in" and failed.reply.code >= 500:
        return OurFault("messaging.our_fault", reason=Reason.NO_ACCESS, said=str(failed.reply.code))
    return TryLater("messaging.relay", why=failed.code)
