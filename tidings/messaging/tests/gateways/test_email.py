"""E-mail before the table of cases: a mail server that refuses as RFC 5321 and 3463 say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tidings.messaging.channels.email import Email, EmailSettings
from tidings.messaging.engine.compile import Identity
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.rules.delivery import RelayKind
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.base import Case, Gateway, Playing
from tidings.messaging.tests.sinks import Conversation, Sink, serving

IDENTITY = Identity("Parcel", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"key"))
ANSWERS = {
    Case.REFUSED: (b"RCPT", b"550 5.1.1 no such user\r\n"),
    Case.TOO_MANY: (b"RCPT", b"450 4.2.1 receiving mail too quickly\r\n"),
    Case.OUR_FAULT: (b"MAIL", b"554 5.7.1 relaying denied\r\n"),
    Case.SERVER_ERROR: (b"MAIL", b"451 4.3.0 server error\r\n"),
    Case.NONSENSE: (b".", b"nonsense\r\n"),
    Case.SLOW: (b".", b"hang"),
    Case.CLOSED: (b".", b"drop"),
}


class SinkPlaying(Playing):
    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.url = f"smtp://127.0.0.1:{sink.port}"

    @property
    def messages(self) -> int:
        return len(self.sink.took)


class EmailGateway(Gateway):
    channel = Email
    address = "p@example.org"
    waits = None
    refused_for = Reason.UNKNOWN_MAILBOX
    blamed_for = Reason.NO_ACCESS

    def settings(self, url: str) -> EmailSettings:
        port = int(url.rpartition(":")[2])
        server = Server("127.0.0.1", port, security="none", content_seconds=0.3)
        return EmailSettings(server, IDENTITY, RelayKind.RELAY)

    @asynccontextmanager
    async def playing(self, case: Case) -> AsyncIterator[Playing]:
        def answer(line: bytes, _: Conversation) -> bytes | None:
            at, reply = ANSWERS.get(case, (b"", b""))
            return reply if at and line[:4] == at else None

        async with serving(Sink(answer=answer)) as sink:
            yield SinkPlaying(sink)
