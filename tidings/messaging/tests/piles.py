"""A feed for one SMTP connection in tests: a pile of mails, and everything it hears of them."""

import asyncio
from typing import Any

from tidings.messaging.engine.compile import Mail
from tidings.messaging.engine.replies import Reply
from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import Job, Server, SmtpConnection
from tidings.messaging.rules.refusals import Stage
from tidings.messaging.tests.sinks import Sink


def mail(
    to: str = "p@example.org", content: bytes = b"Subject: x\r\n\r\nhello\r\n", *, utf8: bool = False
) -> Mail:
    return Mail(b"b-1@example.org", to.encode(), content, utf8)


class Pile:
    """A feed of a list of mails, that writes down what it hears."""

    def __init__(self, mails: list[Mail]) -> None:
        self.left = [Job(one, at) for at, one in enumerate(mails)]
        self.intents: list[object] = []
        self.replies: dict[object, tuple[Stage, Reply]] = {}
        self.returned: list[object] = []
        self.doubts: list[object] = []
        self.ended: list[tuple[str, Reply | None]] = []
        self.over = asyncio.Event()

    def take(self) -> Job | None:
        return self.left.pop(0) if self.left else None

    def intent(self, job: Job) -> None:
        self.intents.append(job.tag)

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:
        assert job.tag not in self.replies, "each is answered once"
        self.replies[job.tag] = (stage, reply)

    def unsent(self, job: Job) -> None:
        self.returned.append(job.tag)

    def in_doubt(self, job: Job) -> None:
        self.doubts.append(job.tag)

    def closed(self, connection: SmtpConnection, why: str, reply: Reply | None) -> None:
        self.ended.append((why, reply))
        self.over.set()

    def connection_failed(self, code: str, reply: Reply | None) -> None: ...

    @property
    def codes(self) -> dict[object, int]:
        return {tag: reply.code for tag, (_, reply) in self.replies.items()}


async def send(sink: Sink, mails: list[Mail], **server: Any) -> Pile:
    """Sends over one connection until it is idle or gone."""
    connection = await connect(Server("127.0.0.1", sink.port, **{"security": "none", **server}))
    pile = Pile(mails)
    connection.start(pile)
    for _ in range(500):
        if pile.over.is_set() or (connection.idle and not pile.left):
            break
        connection.check()
        await asyncio.sleep(0.01)
    connection.quit()
    async with asyncio.timeout(3):
        await pile.over.wait()
    return pile


def count(sink: Sink, word: bytes) -> int:
    return sum(line.startswith(word) for line in sink.lines)
