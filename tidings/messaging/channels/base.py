"""What a channel is. A channel is one file in this folder with a subclass of `Channel`; nothing else is edited for it.

A channel speaks to one kind of service (`code`) and serves one rung of a customer's ladder (`rung`); several channels may
serve the same rung. It never writes a row: what it gives back is recorded by whoever called it. It reaches the network only
through the `Net` that it is handed.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from tidings.kernel.errors import TidingsError
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason


class Undeliverable(TidingsError):
    """This address can never take it: the next rung is tried. Facts: `reason`, a `Reason`, and `said`, what the other side
    said without any address."""


class OurFault(TidingsError):
    """The service refuses us, whoever it is for: sign-in, credit, rate, content. Facts: `reason` (a `Reason`) and `said`.
    It marks no address; it stops this provider and raises a hand."""


class InDoubt(TidingsError):
    """The message left and no answer came: it may have been taken. Waits for evidence, then is sent once more under the same
    `delivery_id`. Facts: `said`."""


def secret(default: str = "") -> str:
    """A field of `Settings` that is sealed, never shown again and never logged."""
    return field(default=default, repr=False, metadata={"secret": True})


def chosen(*choices: str) -> str:
    """A field of `Settings` that is one of these codes, the first unless something else is chosen."""
    return field(default=choices[0], metadata={"choices": choices})


def long_text(default: str = "") -> str:
    """A field of `Settings` of several lines."""
    return field(default=default, metadata={"long": True})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry: characters of one message (0: no limit), whether it can hold links and a subject, whether its
    text is cut in segments of GSM-7 or UCS-2, and whether only texts that its provider approved beforehand may go."""

    longest: int = 0
    links: bool = True
    subject: bool = True
    segments: bool = False
    registered_only: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """The provider's own form of a text, approved by it beforehand: its id and signature there, and what fills each of its
    fields, by name, in the provider's order."""

    template: str
    signature: str
    language: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person. `delivery_id` is the idempotency key where the other side honours one.

    `text` is the whole message, paragraphs parted by an empty line; `short` the form for an SMS, which says nothing that
    others may not read; `link` the reader's own page ("" where there is none). `callback` is the address at which this
    channel's `receive` hears what the other side says later ("" where we cannot be reached). `shipments` are what the message
    says of each of the reader's own: the words for its waybill, outcome and times.
    """

    delivery_id: UUID
    address: str
    name: str
    language: str
    subject: str
    text: str
    drill: bool = False
    short: str = ""
    link: str = ""
    code: str = ""
    callback: str = ""
    registered: Registered | None = None
    shipments: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said: now, or later through `receive`. `reference` is its own id for the message.

    A later receipt names the delivery where the other side gave our id back, and else the reference alone. `reason` is set
    with the outcome `refused`. `price` is what it cost as the provider says it ("0.0075 USD"), where it does.
    """

    delivery_id: UUID | None
    outcome: Outcome
    at: datetime
    reference: str = ""
    said: str = ""
    reason: Reason | None = None
    price: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that a person sent back over a channel: `address` wrote or pressed `text`. `reference` is the service's own id
    of it, by which a repeat is known; `confirms` that it stands for "I have it" (a pressed key, a button)."""

    delivery_id: UUID | None
    address: str
    text: str
    at: datetime
    reference: str = ""
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request that came in at a channel's callback address, as it came. Names of headers are in small letters; `url` is the
    whole address that was asked for, since some services sign it; `at` is when it came (None: just now), since some
    signatures end."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a service answered; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Net(Protocol):
    """The one outbound door, handed in. Both verbs raise TryLater("outbound.no_answer") and Refused("outbound.…")."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = 15.0,
    ) -> HttpAnswer:
        """One request. Connections to the same service are kept. Raises InDoubt("messaging.no_answer") where the request had
        left and no answer came."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The checked addresses of a host, for a channel that speaks another protocol: connect to one of exactly these."""


class Forged(TidingsError):
    """What came in bears no valid signature of the service: kept and shown, never applied."""


class Channel:
    """Made with its `Settings` and a `Net`. `listens_to` are the methods by which its service tells us something. `send` raises Undeliverable, OurFault, InDoubt or TryLater (facts: `why`, and
    `seconds` where the other side said how long to wait); anything else is a bug."""

    code: ClassVar[str] = ""
    rung: ClassVar[str] = ""
    Settings: ClassVar[type[Any]]
    limits: ClassVar[Limits] = Limits()
    listens_to: ClassVar[tuple[str, ...]] = ("POST",)

    def __init__(self, settings: Any, net: Net | None = None) -> None:
        self.settings, self._net = settings, net

    @property
    def net(self) -> Net:
        assert self._net is not None, f"{self.code} was made without a door to the network"  # noqa: S101
        return self._net

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Sends one message and gives what the other side said at once: `handed_over` with its reference, as a rule."""
        raise NotImplementedError

    async def close(self) -> None:
        """Ends what it keeps open."""

    async def events(self) -> AsyncGenerator[Receipt | Answer, None]:
        """What the other side says over the channel's own connection, for services that call no address; endless, and made anew
        by the channel when the connection is lost. One is acknowledged when the next is asked for: record it before.
        """
        said: Sequence[Receipt | Answer] = ()
        for one in said:
            yield one

    def receive(self, came: Incoming) -> Sequence[Receipt | Answer]:  # noqa: ARG002 - most channels have no way back
        """What came in, its signature checked; empty for what says nothing. Raises Forged."""
        return ()

    def answer_to(self, came: Incoming) -> tuple[str, bytes]:  # noqa: ARG002
        """Content type and body of the answer to a request, where the service wants more than an empty 200: a handshake, a
        script of what to say. Raises Forged."""
        return "text/plain", b""
