"""The frame in which each channel says what its service's document says. `test_every_channel.py` holds every channel to one
table of cases with it.

A channel's test file (`test_<code>.py` here, or `tests/test_channel_<code>.py`) declares one subclass of `HttpGateway`, or of
`Gateway` where the service speaks something else, with its source (document, section, date read) in its docstring:

    class ExampleGateway(HttpGateway):
        channel = Example
        reference = "m-1"
        answers = {Case.ACCEPTED: Reply(201, '{"id": "m-1"}'), Case.REFUSED: Reply(400, '{"code": 21211}')}

        def settings(self, url): return ExampleSettings(url=url, token="s3cret-token")
        def callbacks(self, channel): return [Callback(Incoming(…), outcome=Outcome.DELIVERED, reference="m-1")]
        def forged(self, channel): return [Incoming(…)]
"""

import importlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from tidings.kernel.ids import new_id
from tidings.messaging.channels.base import Channel, Incoming, Outgoing, Registered
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.gateways.http import DROP, HANG, Reply, Request, Server, serving


class Case(StrEnum):
    """What a service may do with a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    TOO_MANY = "too many"
    OUR_FAULT = "our fault"
    SERVER_ERROR = "server error"
    NONSENSE = "nonsense"
    SLOW = "slow"
    CLOSED = "closed"


@dataclass(frozen=True)
class Callback:
    """A request at the callback address, and what `receive` makes of it: a receipt of this `outcome`, or a person's `text`.

    `said_back` is what `answer_to` must begin with, where the service wants an answer of its own.
    """

    came: Incoming
    outcome: Outcome | None = None
    reference: str = ""
    delivery_id: UUID | None = None
    reason: Reason | None = None
    text: str | None = None
    confirms: bool = False
    said_back: bytes = b""


class Playing:
    """A service at work: where it stands, and what it has taken. `requests` are those that carried a message."""

    url: str = ""
    requests: Sequence[Request] = ()

    @property
    def messages(self) -> int:
        """How many messages reached the service, in whatever case."""
        return len(self.requests)


class Gateway:
    """One channel's service. `reference` is the id that it gives in the accepted case ("" where it gives none); `waits` the
    seconds that it asks for in the case "too many" (None where it has no way to say so); `refused_for` the reason that the
    refused case means, `blamed_for` that of "our fault". `honours_key`: the service knows a repeat by a key of ours.
    """

    channel: ClassVar[type[Channel]]
    reference: ClassVar[str] = ""
    address: ClassVar[str] = "+31612345678"
    outcome: ClassVar[Outcome] = Outcome.HANDED_OVER
    waits: ClassVar[float | None] = 7.0
    refused_for: ClassVar[Reason | None] = None
    blamed_for: ClassVar[Reason | None] = None
    honours_key: ClassVar[bool] = False
    left_out: ClassVar[Mapping[Case, str]] = {}
    """Cases that this service cannot come to, each with the reason."""

    def settings(self, url: str) -> Any:
        """The channel's settings, for a service that stands at `url`. Every secret in them is at least six characters long."""
        raise NotImplementedError

    def playing(self, case: Case) -> Any:
        """An async context manager of a `Playing` whose service behaves so."""
        raise NotImplementedError

    def outgoing(self, **given: Any) -> Outgoing:
        """A message that the channel can carry."""
        said: dict[str, Any] = {
            "address": self.address,
            "name": "Zoë",
            "language": "nl",
            "subject": "Proef",
            "text": "Uw zending komt later.\n\nWij bellen u.",
            "short": "Uw zending komt later. Wij bellen u.",
            "link": "https://status.example.org/s/abc",
            "code": "K7-PX",
            "callback": "https://tidings.example.org/messages/gateway/1/",
            "registered": Registered("tpl-1", "示例快递", "zh-hans", {"status": "延误", "time": "14:00"})
            if self.channel.limits.registered_only
            else None,
        }
        return Outgoing(new_id(), **{**said, **given})

    def key_in(self, request: Request) -> str:
        """The key by which the service knows a repeat, as it stands in a request; the delivery's id, or made of it."""
        return ""

    def callbacks(self, channel: Channel) -> Sequence[Callback]:
        """What the service says later, as documented: at least a receipt, where it has receipts."""
        return ()

    def forged(self, channel: Channel) -> Sequence[Incoming]:
        """The same with a signature that is wrong, missing, or of something else."""
        return ()


class _HttpPlaying(Playing):
    def __init__(self, gateway: "HttpGateway", server: Server) -> None:
        self._gateway, self._server = gateway, server
        self.url = server.url

    @property
    def requests(self) -> Sequence[Request]:  # type: ignore[override]
        return [request for request in self._server.requests if self._gateway.before(request) is None]

    @property
    def connections(self) -> int:
        return self._server.connections


class HttpGateway(Gateway):
    """A service over HTTP: `answers` says by case what it answers to a message; what is not in it is as usual."""

    answers: ClassVar[Mapping[Case, Reply]] = {}
    usual: ClassVar[Mapping[Case, Reply]] = {
        Case.TOO_MANY: Reply(429, "", {"retry-after": "7"}),
        Case.OUR_FAULT: Reply(401),
        Case.SERVER_ERROR: Reply(500, "<h1>Internal Server Error</h1>"),
        Case.NONSENSE: Reply(200, b"<html>\xff\x00 welcome</html>"),
        Case.SLOW: Reply(instead=HANG),
        Case.CLOSED: Reply(instead=DROP),
    }

    def before(self, request: Request) -> Reply | None:
        """The answer to what is asked before the message itself (a token, a template); None for the message."""
        return None

    def answer(self, case: Case, request: Request) -> Reply:
        """The answer to a message in this case."""
        return {**self.usual, **self.answers}[case]

    @asynccontextmanager
    async def playing(self, case: Case) -> AsyncIterator[_HttpPlaying]:
        def answer(request: Request) -> Reply:
            return self.before(request) or self.answer(case, request)

        async with serving(answer) as server:
            yield _HttpPlaying(self, server)


def secrets_in(settings: object) -> list[str]:
    """The values of every sealed field, those of settings inside settings too."""
    found: list[str] = []
    for one in fields(settings) if is_dataclass(settings) else ():
        value = getattr(settings, one.name)
        if one.metadata.get("secret") and value:
            found.append(str(value))
        found += secrets_in(value)
    return found


def gateways() -> dict[str, type[Gateway]]:
    """Code of the channel → its gateway, of every test file beside this one or above it."""
    here = Path(__file__).parent
    for path in sorted([*here.glob("test_*.py"), *here.parent.glob("test_channel_*.py")]):
        if path.name != "test_every_channel.py":
            name = ".".join(path.relative_to(here.parents[3]).with_suffix("").parts)
            importlib.import_module(name)
    return {kind.channel.code: kind for kind in _below(Gateway) if hasattr(kind, "channel")}


def _below(kind: type[Gateway]) -> Iterator[type[Gateway]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
