"""One SMTP connection: sends mail after mail, the content of one together with the envelope of the next.

RFC 5321, 2920 (PIPELINING), 6531 (SMTPUTF8), 1870 (SIZE), 3461 (DSN), read 2026-11-22. A content leaves only after its
own envelope's 354, whatever else is under way. Whoever hands out mails (`Feed`) hears of each what became of it, exactly
once: answered, unsent or in doubt. `sign_in.py` makes connections ready.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import repeat
from typing import Any, NamedTuple, Protocol, cast

from tidings.messaging.engine.compile import Mail
from tidings.messaging.engine.replies import Nonsense, Replies, Reply, goes_ahead, said_first
from tidings.messaging.engine.wire import on_the_wire
from tidings.messaging.rules.delivery import Security
from tidings.messaging.rules.refusals import Stage


class Job(NamedTuple):
    """A mail on its way, or a service's message, and whatever its feed needs to know it by."""

    mail: Any
    tag: object


class Feed(Protocol):
    """Gives mails to connections and hears what became of them. Called from within the event loop; must not block."""

    def take(self) -> Job | None:
        """The next mail that may be sent now; None when there is none: the connection then waits for `kick`."""

    def intent(self, job: Job) -> None:
        """The content of `job` leaves now; called before its first byte."""

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:
        """The server has decided: a good reply at stage CONTENT is the only proof that it took the mail."""

    def unsent(self, job: Job) -> None:
        """Nothing of the content left; it may be sent by another."""

    def in_doubt(self, job: Job) -> None:
        """The content left and no answer came."""

    def closed(self, connection: "SmtpConnection", why: str, reply: Reply | None) -> None:
        """The connection has ended, after every job of it was accounted for; `reply` is a 421 that ended it."""

    def connection_failed(self, code: str, reply: Reply | None) -> None:
        """A connection for this feed could not be made; `code` says at what."""


class ConnectionFailed(Exception):
    """A connection could not be made ready, or went. `reply` is what the server said, if it said something."""

    def __init__(self, code: str, reply: Reply | None = None) -> None:
        super().__init__(code)
        self.code, self.reply = code, reply


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect, as whom, and how long to wait, in seconds.

    `trust` is a file of certificates to trust instead of the system's, for a relay with an authority of its own.
    """

    host: str
    port: int
    security: str = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    hello: str = "localhost"
    receipts: bool = False
    trust: str = ""
    connect_seconds: float = 15
    reply_seconds: float = 60
    content_seconds: float = 180


class _Step(Enum):
    COMMAND = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    CONTENT = auto()
    NOTHING = auto()


_Line = tuple[bytes, _Step, Job]
_STEPS = (_Step.MAIL, _Step.RCPT, _Step.DATA)
_STEPS_AFTER_RESET = (_Step.NOTHING, *_STEPS)
_STAGES = {_Step.MAIL: Stage.SENDER, _Step.RCPT: Stage.RECIPIENT, _Step.DATA: Stage.CONTENT}
_NO_UTF8 = Reply(553, ("5.6.7 This server takes no address beyond ASCII",))
_TOO_BIG = Reply(552, ("5.3.4 The message size exceeds what this server takes",))
_BROKEN = Reply(554, ("5.6.0 A bare line end was kept from leaving",))


class SmtpConnection(asyncio.Protocol):
    """Made ready by `sign_in.connect`; after `start` it takes from its feed until told to quit, or the peer goes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.extensions: dict[str, str] = {}
        self.on_end: Callable[[SmtpConnection, str], None] | None = None
        self.transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._replies = Replies()
        self._expected: deque[tuple[_Step, Job | None]] = deque()
        self._commands: deque[asyncio.Future[Reply]] = deque()
        self._unsaid: deque[_Line] = deque()
        self._greeting: asyncio.Future[Reply] | None = None
        self._feed: Feed | None = None
        self._next: Job | None = None
        self._next_body = b""
        self._refused = False
        self._reset = False
        self._quitting = False
        self._pipelining = False
        self._size = 0
        self._tells_size = False
        self._receipt = b""
        self._since = 0.0
        self.answers_after = 0.05
        self._ended = ""
        self._last_word: Reply | None = None

    # The stream of bytes.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._greeting = self._awaited()  # from now on: a quick server greets before anybody asks for it

    def data_received(self, data: bytes) -> None:
        try:
            if self._feed is not None and self._take_usual(data, self._feed):
                return
            for reply in self._replies.feed(data):
                if self._ended:
                    return
                self._take_reply(reply)
        except Nonsense as nonsense:
            self.abort(str(nonsense))

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self._ended = self._ended or ("" if self._quitting and error is None else "connection_lost")
        for command in self._commands:
            if not command.done():
                command.set_exception(ConnectionFailed(self._ended or "connection_lost"))
        if self.on_end is not None:
            self.on_end(self, self._ended)
        if self._feed is not None:
            self._account_for_all(self._feed)
            self._feed.closed(self, self._ended, self._last_word)

    def _account_for_all(self, feed: Feed) -> None:
        """What has no answer: a content is in doubt, an envelope alone is unsent."""
        expected, self._expected = self._expected, deque()
        for step, job in expected:
            if job is not None and step is _Step.CONTENT:
                feed.in_doubt(job)
        if self._next is not None:
            if not self._refused:
                feed.unsent(self._next)
            self._next = None

    # Before mails: one command at a time.

    async def greeting(self) -> Reply:
        """What the server said first. Raises ConnectionFailed."""
        if self._greeting is None:
            raise ConnectionFailed(self._ended or "connection_lost")
        return await self._greeting

    async def command(self, line: bytes) -> Reply:
        """Says one command and gives its reply. Raises ConnectionFailed."""
        if self.transport is None or self._ended:
            raise ConnectionFailed(self._ended or "connection_lost")
        answer = self._awaited()
        self.transport.write(line + b"\r\n")
        return await answer

    def _awaited(self) -> asyncio.Future[Reply]:
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._commands.append(answer)
        self._expect(_Step.COMMAND, None)
        return answer

    @property
    def at_rest(self) -> bool:
        """Nothing is awaited, and no byte of a next reply has come."""
        return not self._expected and not self._replies.pending and not self._ended

    # Mails.

    def start(self, feed: Feed, *, at_once: bool = True) -> None:
        """Takes its mails from `feed` from now on; with `at_once` it begins."""
        self._feed = feed
        self._pipelining = "PIPELINING" in self.extensions
        size, self._tells_size = self.extensions.get("SIZE", ""), "SIZE" in self.extensions
        self._size = int(size) if size.isdigit() else 0
        receipts = self.server.receipts and "DSN" in self.extensions
        self._receipt = b" NOTIFY=SUCCESS,FAILURE" if receipts else b""
        if at_once:
            self.kick()

    def kick(self) -> None:
        """There may be work again. While a content waits for its answer the next envelope may follow it already."""
        if self.hungry and self.transport is not None and not self._ended and not self._quitting:
            self._go_on()

    @property
    def hungry(self) -> bool:
        return self._next is None and (self._pipelining or not self._expected)

    @property
    def idle(self) -> bool:
        return self._next is None and not self._expected

    def quit(self) -> None:
        """Ends politely, once nothing is under way."""
        self._quitting = True
        if self.idle and self.transport is not None:
            self.transport.write(b"QUIT\r\n")
            self.transport.close()

    def abort(self, why: str) -> None:
        """Ends at once. What is under way is told to the feed."""
        self._ended = self._ended or why
        if self.transport is not None:
            self.transport.abort()

    def check(self) -> None:
        """Called about once a second: a peer that answers too slowly is dropped, however it drips."""
        if self._expected and not self._ended:
            content = self._expected[0][0] is _Step.CONTENT
            patience = self.server.content_seconds if content else self.server.reply_seconds
            if self._loop.time() - self._since > patience:
                self.abort("too_slow")

    def _note_how_long(self) -> None:
        """`answers_after` is how long a content waited for its answer lately, in seconds."""
        self.answers_after += (self._loop.time() - self._since - self.answers_after) / 4

    def _expect(self, step: _Step, job: Job | None) -> None:
        if not self._expected:
            self._since = self._loop.time()
        self._expected.append((step, job))

    def _go_on(self, first: bytes = b"") -> None:
        """Writes `first`, and the next envelope with it if there is a mail to send."""
        self._take_next()
        job = self._next
        if job is not None:
            steps, envelope = self._envelope(job)
            if self._pipelining:
                if not self._expected:
                    self._since = self._loop.time()
                self._expected.extend([(step, job) for step in steps])
                first += envelope
            else:
                self._unsaid.extend(zip(envelope.splitlines(keepends=True), steps, repeat(job)))
        if first and self.transport is not None:
            self.transport.write(first)
        if self._unsaid:
            self._say_one()

    def _say_one(self) -> None:
        """Without PIPELINING: the next line, once everything before it is answered."""
        if self._unsaid and not self._expected and self.transport is not None:
            line, step, job = self._unsaid.popleft()
            self._expect(step, job)
            self.transport.write(line)

    def _take_next(self) -> None:
        """The next mail that this server can take at all; what it cannot is answered here, in its name."""
        self._next, self._refused = None, False
        while self._feed is not None and not self._quitting and not self._ended:
            job = self._feed.take()
            if job is None:
                return
            if job.mail.utf8 and "SMTPUTF8" not in self.extensions:
                self._feed.answered(job, Stage.RECIPIENT, _NO_UTF8)
            elif self._size and len(job.mail.content) > self._size:
                self._feed.answered(job, Stage.SENDER, _TOO_BIG)
            elif (body := on_the_wire(job.mail)) is None:
                self._feed.answered(job, Stage.CONTENT, _BROKEN)
            else:
                self._next, self._next_body = job, body
                return

    def _envelope(self, job: Job) -> tuple[tuple[_Step, ...], bytes]:
        """Its lines in one, and what each of them is."""
        mail: Mail = job.mail
        reset, self._reset = self._reset, False
        said = (mail.sender, self._options(mail), mail.to, self._receipt)
        envelope = b"MAIL FROM:<%b>%b\r\nRCPT TO:<%b>%b\r\nDATA\r\n" % said
        return (_STEPS_AFTER_RESET, b"RSET\r\n" + envelope) if reset else (_STEPS, envelope)

    def _options(self, mail: Mail) -> bytes:
        options = b" SIZE=%d" % len(mail.content) if self._tells_size else b""
        if mail.utf8:
            options += b" BODY=8BITMIME SMTPUTF8"
        return options + b" RET=HDRS" if self._receipt else options

    # What the peer says.

    def _take_usual(self, data: bytes, feed: Feed) -> bool:
        """The content is answered and the next envelope taken, in one go, as nearly always. False: read it word by word."""
        expected = self._expected
        if len(expected) != 4 or expected[0][0] is not _Step.CONTENT or self._refused or self._ended:
            return False
        first, _, rest = data.partition(b"\r\n")
        if not goes_ahead(rest) or self._replies.pending or (reply := said_first(first)) is None:
            return False
        sent, job = expected[0][1], expected[3][1]
        if sent is None or job is None or reply.code == 421:
            return False
        expected.clear()
        self._note_how_long()
        feed.answered(sent, Stage.CONTENT, reply)
        self._on_go_ahead(job, feed)
        return True

    def _take_reply(self, reply: Reply) -> None:
        if not self._expected:
            if reply.code != 421:
                raise Nonsense("unasked_reply")
            self._end_by(reply)
            return
        step, job = self._expected.popleft()
        if step is _Step.CONTENT:
            self._note_how_long()
        self._since = self._loop.time()
        if step is _Step.COMMAND:
            command = self._commands.popleft()
            if not command.done():
                command.set_result(reply)
            return
        if job is not None and self._feed is not None:
            self._on_reply(step, job, reply, self._feed)
        if reply.code == 421:
            self._end_by(reply)
            return
        self._say_one()
        if self._quitting and self.idle:
            self.quit()

    def _end_by(self, reply: Reply) -> None:
        self._last_word = reply
        self.abort("closed_by_peer")

    def _on_reply(self, step: _Step, job: Job, reply: Reply, feed: Feed) -> None:
        if step is _Step.CONTENT:
            feed.answered(job, Stage.CONTENT, reply)
            self.kick()
        elif step is _Step.DATA and reply.code == 354:
            self._on_go_ahead(job, feed)
        elif step is _Step.DATA and reply.good:
            raise Nonsense("not_a_reply_to_data")
        elif step is not _Step.NOTHING and not reply.good and reply.code != 421:
            self._on_refusal(step, job, reply, feed)

    def _on_go_ahead(self, job: Job, feed: Feed) -> None:
        if self._refused:
            # RFC 2920, section 3.1: with no recipient an empty message ends it, and its answer means nothing.
            self._expect(_Step.NOTHING, job)
            self._go_on(b".\r\n")
            return
        feed.intent(job)
        self._expect(_Step.CONTENT, job)
        body, self._next = self._next_body, None
        self._go_on(body)

    def _on_refusal(self, step: _Step, job: Job, reply: Reply, feed: Feed) -> None:
        if not self._refused:
            self._refused = self._reset = True
            feed.answered(job, _STAGES[step], reply)
        if not self._pipelining or step is _Step.DATA:
            self._unsaid.clear()
            self._go_on()
